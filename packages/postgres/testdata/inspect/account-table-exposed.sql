-- fault
CREATE SCHEMA IF NOT EXISTS auth; CREATE TABLE auth.users (id uuid PRIMARY KEY, email text UNIQUE, is_anonymous boolean); INSERT INTO auth.users VALUES (gen_random_uuid(), 'ada@example.com', true);
CREATE VIEW public.people AS SELECT id, email FROM auth.users; GRANT SELECT ON public.people TO anon;

-- sound
CREATE SCHEMA IF NOT EXISTS auth; CREATE TABLE auth.users (id uuid PRIMARY KEY, email text UNIQUE, is_anonymous boolean); INSERT INTO auth.users VALUES (gen_random_uuid(), 'ada@example.com', true);
CREATE VIEW public.people AS SELECT id, email FROM auth.users;
