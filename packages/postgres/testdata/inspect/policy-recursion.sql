-- fault
CREATE TABLE public.notes (id uuid PRIMARY KEY DEFAULT gen_random_uuid(), owner_id uuid NOT NULL, team_id uuid, title text);
INSERT INTO public.notes (owner_id, title) VALUES (gen_random_uuid(), 'private');
ALTER TABLE public.notes ENABLE ROW LEVEL SECURITY;
GRANT ALL ON public.notes TO authenticated;
CREATE FUNCTION public.uid() RETURNS uuid STABLE LANGUAGE sql SET search_path = '' AS $$ SELECT (nullif(current_setting('request.jwt.claims', true), '')::json ->> 'sub')::uuid $$; GRANT EXECUTE ON FUNCTION public.uid() TO authenticated;
CREATE POLICY again ON public.notes FOR SELECT TO authenticated USING (team_id = ANY (ARRAY(SELECT n.team_id FROM public.notes n)));

-- sound
CREATE TABLE public.notes (id uuid PRIMARY KEY DEFAULT gen_random_uuid(), owner_id uuid NOT NULL, team_id uuid, title text);
INSERT INTO public.notes (owner_id, title) VALUES (gen_random_uuid(), 'private');
ALTER TABLE public.notes ENABLE ROW LEVEL SECURITY;
GRANT ALL ON public.notes TO authenticated;
CREATE FUNCTION public.uid() RETURNS uuid STABLE LANGUAGE sql SET search_path = '' AS $$ SELECT (nullif(current_setting('request.jwt.claims', true), '')::json ->> 'sub')::uuid $$; GRANT EXECUTE ON FUNCTION public.uid() TO authenticated;
CREATE POLICY own ON public.notes FOR SELECT TO authenticated USING (owner_id = (SELECT public.uid()));
