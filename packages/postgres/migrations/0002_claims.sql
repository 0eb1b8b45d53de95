-- Who is asking, as far as PostgreSQL believes it. `request.jwt.claims` alone proves nothing, since any statement can set it;
-- it counts only together with `holdfast.proof`, which is made with a key that no statement can read:
--
--   proof = scope '|' hex(HMAC-SHA256(key, backend process id '|' role '|' scope '|' claims))
--   scope = key id '.' expiry in s since 1970 '.' subject id, or nothing
--
-- The process id and the role are not read from the proof: PostgreSQL puts in its own, so that claims borrowed from another
-- connection, or kept through RESET ROLE or SET ROLE, have another MAC. No part before the claims can hold a '|'.
--
-- HMAC (RFC 2104) is H(key xor opad, H(key xor ipad, text)); the table keeps the two padded keys, so that PostgreSQL's own
-- sha256() is all it takes. A key must stay in a table: as a constant of a plan, debug_print_plan would show it to its session.
--
-- SQLSTATE 28000 for anything that does not verify; NULL only when there are neither claims nor a proof (a setting is '' after
-- SET LOCAL has ended).

CREATE TABLE holdfast_keeper.claim_keys (
  id text PRIMARY KEY CHECK (id ~ '^[A-Za-z0-9_-]{1,32}$'),
  inner_key bytea NOT NULL CHECK (pg_catalog.length(inner_key) = 64),
  outer_key bytea NOT NULL CHECK (pg_catalog.length(outer_key) = 64),
  made_at timestamptz NOT NULL DEFAULT pg_catalog.clock_timestamp(),
  valid_until timestamptz
);
ALTER TABLE holdfast_keeper.claim_keys OWNER TO holdfast_keeper;
REVOKE ALL ON holdfast_keeper.claim_keys FROM PUBLIC;

-- What is left to find out when a proof was not made for this process: that there is none, or that this is a parallel worker,
-- which has a process id of its own while its leader's counts. Everything else is refused.
CREATE FUNCTION holdfast_keeper.verified_elsewhere(proof text) RETURNS text
LANGUAGE plpgsql STABLE PARALLEL SAFE SET search_path = '' AS $$
DECLARE
  claims text := pg_catalog.current_setting('request.jwt.claims', true);
  scope text := pg_catalog.split_part(proof, '|', 1);
  leader integer := (SELECT a.leader_pid FROM pg_catalog.pg_stat_get_activity(pg_catalog.pg_backend_pid()) a);
  made boolean;
BEGIN
  IF (proof = '') IS NOT FALSE AND (claims = '') IS NOT FALSE THEN
    RETURN NULL;
  END IF;
  SELECT pg_catalog.split_part(proof, '|', 2) = pg_catalog.encode(pg_catalog.sha256(k.outer_key || pg_catalog.sha256(k.inner_key
      || pg_catalog.convert_to(pg_catalog.concat_ws('|', COALESCE(leader, pg_catalog.pg_backend_pid()),
        pg_catalog.current_setting('role'), scope, claims), 'UTF8'))), 'hex')
    INTO made FROM holdfast_keeper.claim_keys k
    WHERE k.id = pg_catalog.split_part(proof, '.', 1) AND (k.valid_until IS NULL OR k.valid_until > pg_catalog.now());
  -- IS NOT TRUE: whatever is NULL here (no such key, no claims, no proof) must end in the exception.
  IF made IS NOT TRUE THEN
    RAISE EXCEPTION 'claims refused: not made by Holdfast for this connection and role' USING ERRCODE = '28000';
  END IF;
  -- From here on the scope is ours, so its parts have their shape.
  IF pg_catalog.to_timestamp(pg_catalog.split_part(scope, '.', 2)::double precision) < pg_catalog.statement_timestamp() THEN
    RAISE EXCEPTION 'claims refused: expired' USING ERRCODE = '28000';
  END IF;
  RETURN scope;
END
$$;
ALTER FUNCTION holdfast_keeper.verified_elsewhere(text) OWNER TO holdfast_keeper;
REVOKE EXECUTE ON FUNCTION holdfast_keeper.verified_elsewhere(text) FROM PUBLIC;

-- The scope of a proof that verifies. It is called through the functions below, once per statement when they are written
-- as (SELECT f()). It runs in every request, so it is short: each function in it is looked up anew in each transaction. Every
-- name, operators and types too, says its schema; the path is fixed besides (2 us), as every definer function's must be.
CREATE FUNCTION holdfast.verified() RETURNS text
LANGUAGE plpgsql STABLE PARALLEL SAFE SECURITY DEFINER SET search_path = '' AS $$
DECLARE
  proof pg_catalog.text := pg_catalog.current_setting('holdfast.proof', true);
  inner_key pg_catalog.bytea;
  outer_key pg_catalog.bytea;
BEGIN
  SELECT k.inner_key, k.outer_key INTO inner_key, outer_key FROM holdfast_keeper.claim_keys k
    WHERE k.id OPERATOR(pg_catalog.=) pg_catalog.split_part(proof, '.', 1)
    AND (k.valid_until IS NULL OR k.valid_until OPERATOR(pg_catalog.>) pg_catalog.now());
  -- NULL (no such key, no claims, no proof) is not true, so it ends in ELSE, and before anything that is not ours is cast.
  RETURN CASE WHEN (pg_catalog.split_part(proof, '|', 2) OPERATOR(pg_catalog.=) pg_catalog.encode(pg_catalog.sha256(
      outer_key OPERATOR(pg_catalog.||) pg_catalog.sha256(inner_key OPERATOR(pg_catalog.||) pg_catalog.convert_to(
        pg_catalog.concat_ws('|', pg_catalog.pg_backend_pid(), pg_catalog.current_setting('role'),
          pg_catalog.split_part(proof, '|', 1), pg_catalog.current_setting('request.jwt.claims', true)), 'UTF8'))), 'hex')) IS TRUE
    AND pg_catalog.to_timestamp(pg_catalog.split_part(proof, '.', 2)::pg_catalog.float8)
      OPERATOR(pg_catalog.>=) pg_catalog.statement_timestamp()
    THEN pg_catalog.split_part(proof, '|', 1) ELSE holdfast_keeper.verified_elsewhere(proof) END;
END
$$;
-- Where the administrator is no superuser, a new owner must be allowed to create in the schema at that moment.
GRANT CREATE ON SCHEMA holdfast TO holdfast_keeper;
ALTER FUNCTION holdfast.verified() OWNER TO holdfast_keeper;
REVOKE CREATE ON SCHEMA holdfast FROM holdfast_keeper;

-- The functions below have bodies that are parsed now, not when called (RETURN …), so no search_path can change what they
-- mean, and the planner can put them in place of their calls.
CREATE FUNCTION holdfast.claims() RETURNS jsonb LANGUAGE sql STABLE PARALLEL SAFE
RETURN CASE WHEN holdfast.verified() IS NOT NULL THEN pg_catalog.current_setting('request.jwt.claims')::pg_catalog.jsonb END;

CREATE FUNCTION holdfast.subject_id() RETURNS uuid LANGUAGE sql STABLE PARALLEL SAFE
RETURN NULLIF(pg_catalog.split_part(holdfast.verified(), '.', 3), '')::pg_catalog.uuid;

CREATE FUNCTION holdfast.session_id() RETURNS uuid LANGUAGE sql STABLE PARALLEL SAFE
RETURN (holdfast.claims() ->> 'session_id')::pg_catalog.uuid;

-- Only app_metadata counts: user_metadata is whatever its owner wrote into it.
CREATE FUNCTION holdfast.roles() RETURNS text[] LANGUAGE sql STABLE PARALLEL SAFE
RETURN (
  SELECT CASE WHEN pg_catalog.jsonb_typeof(found.list) = 'array'
    THEN ARRAY(SELECT pg_catalog.jsonb_array_elements_text(found.list)) ELSE '{}'::pg_catalog.text[] END
  FROM (SELECT holdfast.claims() #> '{app_metadata,roles}' AS list OFFSET 0) found
);

CREATE FUNCTION holdfast.is_aal2() RETURNS boolean LANGUAGE sql STABLE PARALLEL SAFE
RETURN COALESCE(holdfast.claims() ->> 'aal' = 'aal2', false);

CREATE FUNCTION holdfast.is_service() RETURNS boolean LANGUAGE sql STABLE PARALLEL SAFE
RETURN COALESCE(holdfast.claims() ->> 'role' = 'service_role', false);

-- Supabase's contract, so that policies written for it mean the same here; but these read verified claims.
CREATE FUNCTION auth.jwt() RETURNS jsonb LANGUAGE sql STABLE PARALLEL SAFE RETURN holdfast.claims();

CREATE FUNCTION auth.uid() RETURNS uuid LANGUAGE sql STABLE PARALLEL SAFE RETURN holdfast.subject_id();

CREATE FUNCTION auth.role() RETURNS text LANGUAGE sql STABLE PARALLEL SAFE
RETURN COALESCE(holdfast.claims() ->> 'role', 'anon');

CREATE FUNCTION auth.email() RETURNS text LANGUAGE sql STABLE PARALLEL SAFE RETURN holdfast.claims() ->> 'email';

DO $$
DECLARE name text;
BEGIN
  FOREACH name IN ARRAY ARRAY['holdfast.claims()', 'holdfast.subject_id()', 'holdfast.session_id()', 'holdfast.roles()', 'holdfast.is_aal2()',
    'holdfast.is_service()', 'auth.jwt()', 'auth.uid()', 'auth.role()', 'auth.email()']
  LOOP
    EXECUTE 'ALTER FUNCTION ' || name || ' OWNER TO holdfast_owner';
  END LOOP;
END
$$;

REVOKE EXECUTE ON ALL FUNCTIONS IN SCHEMA holdfast, auth FROM PUBLIC;
GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA holdfast, auth TO anon, authenticated, service_role, holdfast_owner;
