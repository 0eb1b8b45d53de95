-- fault
CREATE TABLE public.notes (id uuid PRIMARY KEY DEFAULT gen_random_uuid(), owner_id uuid NOT NULL, team_id uuid, title text);
INSERT INTO public.notes (owner_id, title) VALUES (gen_random_uuid(), 'private');
ALTER TABLE public.notes ENABLE ROW LEVEL SECURITY;
GRANT ALL ON public.notes TO authenticated;
CREATE POLICY everybody ON public.notes FOR SELECT TO authenticated USING (true);

-- sound
CREATE TABLE public.notes (id uuid PRIMARY KEY DEFAULT gen_random_uuid(), owner_id uuid NOT NULL, team_id uuid, title text);
INSERT INTO public.notes (owner_id, title) VALUES (gen_random_uuid(), 'private');
ALTER TABLE public.notes ENABLE ROW LEVEL SECURITY;
GRANT ALL ON public.notes TO authenticated;
CREATE POLICY titled ON public.notes FOR SELECT TO authenticated USING (title = 'public');
