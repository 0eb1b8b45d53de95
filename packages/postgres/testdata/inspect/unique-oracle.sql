-- fault
CREATE TABLE public.notes (id uuid PRIMARY KEY DEFAULT gen_random_uuid(), owner_id uuid NOT NULL, team_id uuid, title text);
ALTER TABLE public.notes ENABLE ROW LEVEL SECURITY;
CREATE UNIQUE INDEX ON public.notes (title); GRANT INSERT ON public.notes TO authenticated;

-- sound
CREATE TABLE public.notes (id uuid PRIMARY KEY DEFAULT gen_random_uuid(), owner_id uuid NOT NULL, team_id uuid, title text);
ALTER TABLE public.notes ENABLE ROW LEVEL SECURITY;
CREATE UNIQUE INDEX ON public.notes (owner_id, title); GRANT INSERT ON public.notes TO authenticated;
