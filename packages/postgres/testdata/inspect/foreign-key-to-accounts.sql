-- fault
CREATE SCHEMA IF NOT EXISTS auth; CREATE TABLE auth.users (id uuid PRIMARY KEY, email text UNIQUE, is_anonymous boolean); INSERT INTO auth.users VALUES (gen_random_uuid(), 'ada@example.com', true);
CREATE TABLE public.profiles (email text PRIMARY KEY REFERENCES auth.users (email));

-- sound
CREATE SCHEMA IF NOT EXISTS auth; CREATE TABLE auth.users (id uuid PRIMARY KEY, email text UNIQUE, is_anonymous boolean); INSERT INTO auth.users VALUES (gen_random_uuid(), 'ada@example.com', true);
CREATE TABLE public.profiles (id uuid PRIMARY KEY REFERENCES auth.users (id));
