-- fault
CREATE TABLE public.notes (id uuid PRIMARY KEY DEFAULT gen_random_uuid(), owner_id uuid NOT NULL, team_id uuid, title text);
INSERT INTO public.notes (owner_id, title) VALUES (gen_random_uuid(), 'private');
ALTER TABLE public.notes ENABLE ROW LEVEL SECURITY;
CREATE ROLE notes_owner; ALTER TABLE public.notes OWNER TO notes_owner; GRANT USAGE ON SCHEMA public TO notes_owner;

-- sound
CREATE TABLE public.notes (id uuid PRIMARY KEY DEFAULT gen_random_uuid(), owner_id uuid NOT NULL, team_id uuid, title text);
ALTER TABLE public.notes ENABLE ROW LEVEL SECURITY;
CREATE ROLE notes_owner; ALTER TABLE public.notes OWNER TO notes_owner; ALTER TABLE public.notes FORCE ROW LEVEL SECURITY;
