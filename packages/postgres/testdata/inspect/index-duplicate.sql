-- fault
CREATE TABLE public.notes (id uuid PRIMARY KEY DEFAULT gen_random_uuid(), owner_id uuid NOT NULL, team_id uuid, title text);
CREATE INDEX first ON public.notes (owner_id); CREATE INDEX second ON public.notes (owner_id);

-- sound
CREATE TABLE public.notes (id uuid PRIMARY KEY DEFAULT gen_random_uuid(), owner_id uuid NOT NULL, team_id uuid, title text);
CREATE INDEX first ON public.notes (owner_id); CREATE INDEX second ON public.notes (owner_id DESC);
