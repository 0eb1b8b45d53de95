-- fault
CREATE TABLE public.notes (id uuid PRIMARY KEY DEFAULT gen_random_uuid(), owner_id uuid NOT NULL, team_id uuid, title text);
INSERT INTO public.notes (owner_id, title) VALUES (gen_random_uuid(), 'private');
ALTER TABLE public.notes ENABLE ROW LEVEL SECURITY;
GRANT TRUNCATE, REFERENCES ON public.notes TO authenticated;

-- sound
CREATE TABLE public.notes (id uuid PRIMARY KEY DEFAULT gen_random_uuid(), owner_id uuid NOT NULL, team_id uuid, title text);
INSERT INTO public.notes (owner_id, title) VALUES (gen_random_uuid(), 'private');
ALTER TABLE public.notes ENABLE ROW LEVEL SECURITY;
GRANT SELECT, INSERT, UPDATE, DELETE ON public.notes TO authenticated;
