-- fault
CREATE EXTENSION pg_trgm SCHEMA holdfast;
CREATE TABLE public.notes (id uuid PRIMARY KEY DEFAULT gen_random_uuid(), owner_id uuid NOT NULL, team_id uuid, title text);
ALTER TABLE public.notes ENABLE ROW LEVEL SECURITY;
GRANT SELECT ON public.notes TO anon, authenticated;
CREATE INDEX ON public.notes USING gin (title holdfast.gin_trgm_ops);

-- sound
CREATE TABLE public.notes (id uuid PRIMARY KEY DEFAULT gen_random_uuid(), owner_id uuid NOT NULL, team_id uuid, title text);
ALTER TABLE public.notes ENABLE ROW LEVEL SECURITY;
GRANT SELECT ON public.notes TO anon, authenticated;
CREATE INDEX ON public.notes (title);
