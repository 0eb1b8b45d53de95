-- fault
CREATE TABLE public.notes (id uuid PRIMARY KEY DEFAULT gen_random_uuid(), owner_id uuid NOT NULL, team_id uuid, title text);
INSERT INTO public.notes (owner_id, title) VALUES (gen_random_uuid(), 'private');
ALTER TABLE public.notes ENABLE ROW LEVEL SECURITY;
GRANT ALL ON public.notes TO authenticated;
CREATE TABLE public.members (team_id uuid, user_id uuid, PRIMARY KEY (user_id, team_id)); GRANT SELECT ON public.members TO authenticated;
CREATE INDEX ON public.notes (team_id);
CREATE FUNCTION public.uid() RETURNS uuid STABLE LANGUAGE sql SET search_path = '' AS $$ SELECT (nullif(current_setting('request.jwt.claims', true), '')::json ->> 'sub')::uuid $$; GRANT EXECUTE ON FUNCTION public.uid() TO authenticated;
CREATE POLICY team ON public.notes FOR SELECT TO authenticated USING (team_id IN (SELECT m.team_id FROM public.members m WHERE m.user_id = (SELECT public.uid())));

-- sound
CREATE TABLE public.notes (id uuid PRIMARY KEY DEFAULT gen_random_uuid(), owner_id uuid NOT NULL, team_id uuid, title text);
INSERT INTO public.notes (owner_id, title) VALUES (gen_random_uuid(), 'private');
ALTER TABLE public.notes ENABLE ROW LEVEL SECURITY;
GRANT ALL ON public.notes TO authenticated;
CREATE TABLE public.members (team_id uuid, user_id uuid, PRIMARY KEY (user_id, team_id)); GRANT SELECT ON public.members TO authenticated;
CREATE INDEX ON public.notes (team_id);
CREATE FUNCTION public.uid() RETURNS uuid STABLE LANGUAGE sql SET search_path = '' AS $$ SELECT (nullif(current_setting('request.jwt.claims', true), '')::json ->> 'sub')::uuid $$; GRANT EXECUTE ON FUNCTION public.uid() TO authenticated;
CREATE POLICY team ON public.notes FOR SELECT TO authenticated USING (team_id = ANY (ARRAY(SELECT m.team_id FROM public.members m WHERE m.user_id = (SELECT public.uid()))));
