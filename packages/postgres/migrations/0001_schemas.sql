-- Schemas, and what nobody has any longer. PUBLIC keeps nothing; every right below is given to a role by name.
-- (The roles belong to the whole cluster and are made before, by roles.ts.)

REVOKE ALL ON SCHEMA public FROM PUBLIC;
GRANT USAGE ON SCHEMA public TO anon, authenticated, service_role;
GRANT USAGE, CREATE ON SCHEMA public TO holdfast_owner;

-- The keeper alone reads the claim keys. It owns nothing else and nobody can become it.
CREATE SCHEMA holdfast_keeper AUTHORIZATION holdfast_keeper;
REVOKE ALL ON SCHEMA holdfast_keeper FROM PUBLIC;

CREATE SCHEMA holdfast AUTHORIZATION holdfast_owner;
REVOKE ALL ON SCHEMA holdfast FROM PUBLIC;
GRANT USAGE ON SCHEMA holdfast TO anon, authenticated, service_role, holdfast_platform, holdfast_keeper;

CREATE SCHEMA auth AUTHORIZATION holdfast_owner;
REVOKE ALL ON SCHEMA auth FROM PUBLIC;
GRANT USAGE ON SCHEMA auth TO anon, authenticated, service_role, holdfast_identity;

CREATE SCHEMA platform AUTHORIZATION holdfast_owner;
REVOKE ALL ON SCHEMA platform FROM PUBLIC;
GRANT USAGE ON SCHEMA platform TO holdfast_platform;

-- A function may be executed by PUBLIC unless that is taken away; for every future function of ours it is.
ALTER DEFAULT PRIVILEGES FOR ROLE holdfast_owner REVOKE EXECUTE ON FUNCTIONS FROM PUBLIC;
ALTER DEFAULT PRIVILEGES FOR ROLE holdfast_keeper REVOKE EXECUTE ON FUNCTIONS FROM PUBLIC;
ALTER DEFAULT PRIVILEGES REVOKE EXECUTE ON FUNCTIONS FROM PUBLIC;

-- What lets one session disturb or look into others, or into what was prepared on its own connection for somebody else. Only
-- the owner of the catalog can take these away; elsewhere Holdfast prepares nothing by name (prepare-database.ts looks).
DO $$
DECLARE
  function text;
BEGIN
  FOREACH function IN ARRAY ARRAY['pg_prepared_statement()', 'pg_cursor()', 'pg_terminate_backend(integer, bigint)',
    'pg_cancel_backend(integer)', 'lo_creat(integer)', 'lo_create(oid)', 'lo_from_bytea(oid, bytea)', 'pg_notify(text, text)']
  LOOP
    EXECUTE 'REVOKE EXECUTE ON FUNCTION pg_catalog.' || function || ' FROM PUBLIC';
  END LOOP;
EXCEPTION WHEN insufficient_privilege THEN NULL;
END
$$;

-- Each service reaches the tables of its own schema. The platform's log is append-only: no UPDATE, no DELETE, no TRUNCATE.
ALTER DEFAULT PRIVILEGES FOR ROLE holdfast_owner IN SCHEMA auth GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO holdfast_identity;
ALTER DEFAULT PRIVILEGES FOR ROLE holdfast_owner IN SCHEMA auth GRANT USAGE, SELECT ON SEQUENCES TO holdfast_identity;
ALTER DEFAULT PRIVILEGES FOR ROLE holdfast_owner IN SCHEMA auth GRANT EXECUTE ON FUNCTIONS TO holdfast_identity;
ALTER DEFAULT PRIVILEGES FOR ROLE holdfast_owner IN SCHEMA platform GRANT SELECT, INSERT ON TABLES TO holdfast_platform;
ALTER DEFAULT PRIVILEGES FOR ROLE holdfast_owner IN SCHEMA platform GRANT USAGE, SELECT ON SEQUENCES TO holdfast_platform;
ALTER DEFAULT PRIVILEGES FOR ROLE holdfast_owner IN SCHEMA platform GRANT EXECUTE ON FUNCTIONS TO holdfast_platform;

-- Which compiled policy is live. Written by whoever applies one, read by the platform to notice drift.
CREATE TABLE holdfast.manifest (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  hash text NOT NULL CHECK (hash <> ''),
  applied_at timestamptz NOT NULL DEFAULT pg_catalog.clock_timestamp(),
  statements jsonb NOT NULL DEFAULT '[]'::jsonb
);
ALTER TABLE holdfast.manifest OWNER TO holdfast_owner;
REVOKE ALL ON holdfast.manifest FROM PUBLIC;
GRANT SELECT ON holdfast.manifest TO holdfast_platform;
