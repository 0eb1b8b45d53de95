-- fault
CREATE TABLE public.notes (id uuid PRIMARY KEY DEFAULT gen_random_uuid(), owner_id uuid NOT NULL, team_id uuid, title text);
GRANT SELECT ON public.notes TO anon, authenticated;
CREATE SCHEMA graphql_public; GRANT USAGE ON SCHEMA graphql_public TO anon;

-- sound
CREATE TABLE public.notes (id uuid PRIMARY KEY DEFAULT gen_random_uuid(), owner_id uuid NOT NULL, team_id uuid, title text);
GRANT SELECT ON public.notes TO anon, authenticated;
