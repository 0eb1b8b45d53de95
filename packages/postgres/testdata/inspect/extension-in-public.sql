-- fault
CREATE EXTENSION citext SCHEMA public;

-- sound
CREATE SCHEMA extensions; CREATE EXTENSION citext SCHEMA extensions;
