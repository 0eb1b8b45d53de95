-- fault
CREATE TABLE public.notes (id uuid PRIMARY KEY DEFAULT gen_random_uuid(), owner_id uuid NOT NULL, team_id uuid, title text);
ALTER TABLE public.notes ENABLE ROW LEVEL SECURITY;
CREATE PUBLICATION everything FOR TABLE public.notes;

-- sound
CREATE TABLE public.notes (id uuid PRIMARY KEY DEFAULT gen_random_uuid(), owner_id uuid NOT NULL, team_id uuid, title text);
ALTER TABLE public.notes ENABLE ROW LEVEL SECURITY;
