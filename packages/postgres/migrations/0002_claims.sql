-- Who is asking, as far as PostgreSQL believes it. `request.jwt.claims` alone proves nothing, since any statement can set it;
-- it counts only together with `holdfast.proof`, which is made with a key that no statement can read:
--
--   proof  = prefix '.' hex(HMAC-SHA256(key, prefix '|' claims))
--   prefix = key id '.' backend process id '.' expiry in ms since 1970 '.' nonce '.' role
--
-- The role is part of it, so that RESET ROLE or SET ROLE with somebody's claims is refused too. SQLSTATE 28000 for anything
-- that does not verify; NULL only when there are neither claims nor a proof (a setting is '' after SET LOCAL has ended).

CREATE TABLE holdfast_keeper.claim_keys (
  id text PRIMARY KEY CHECK (id ~ '^[A-Za-z0-9_-]{1,32}$'),
  key text NOT NULL CHECK (pg_catalog.length(key) >= 32),
  made_at timestamptz NOT NULL DEFAULT pg_catalog.clock_timestamp(),
  valid_until timestamptz
);
ALTER TABLE holdfast_keeper.claim_keys OWNER TO holdfast_keeper;
REVOKE ALL ON holdfast_keeper.claim_keys FROM PUBLIC;

CREATE FUNCTION holdfast.claims() RETURNS jsonb
LANGUAGE plpgsql STABLE PARALLEL SAFE SECURITY DEFINER
SET search_path = '' AS $$
DECLARE
  claims text := pg_catalog.current_setting('request.jwt.claims', true);
  proof text := pg_catalog.current_setting('holdfast.proof', true);
  prefix text;
  part text[];
  known text;
BEGIN
  IF (proof = '') IS NOT FALSE AND (claims = '') IS NOT FALSE THEN
    RETURN NULL;
  END IF;
  prefix := pg_catalog.left(proof, -65);
  part := pg_catalog.string_to_array(prefix, '.');
  SELECT k.key INTO known FROM holdfast_keeper.claim_keys k
    WHERE k.id = part[1] AND (k.valid_until IS NULL OR k.valid_until > pg_catalog.now());
  IF (known IS NOT NULL AND pg_catalog.right(proof, 64)
      = pg_catalog.encode(holdfast_crypto.hmac(prefix || '|' || claims, known, 'sha256'), 'hex')) IS NOT TRUE THEN
    RAISE EXCEPTION 'claims refused: not made by Holdfast' USING ERRCODE = '28000';
  END IF;
  -- From here on the prefix is ours, so its parts have their shape.
  IF part[5] <> pg_catalog.current_setting('role') THEN
    RAISE EXCEPTION 'claims refused: made for another role' USING ERRCODE = '28000';
  END IF;
  IF part[3]::bigint < pg_catalog.date_part('epoch', pg_catalog.statement_timestamp()) * 1000 THEN
    RAISE EXCEPTION 'claims refused: expired' USING ERRCODE = '28000';
  END IF;
  IF part[2]::integer <> pg_catalog.pg_backend_pid() THEN
    -- A parallel worker has its own process id; what counts is its leader's.
    IF part[2]::integer IS DISTINCT FROM
       (SELECT a.leader_pid FROM pg_catalog.pg_stat_get_activity(pg_catalog.pg_backend_pid()) a) THEN
      RAISE EXCEPTION 'claims refused: made for another connection' USING ERRCODE = '28000';
    END IF;
  END IF;
  RETURN claims::jsonb;
END
$$;
ALTER FUNCTION holdfast.claims() OWNER TO holdfast_keeper;

CREATE FUNCTION holdfast.subject_id() RETURNS uuid
LANGUAGE plpgsql STABLE PARALLEL SAFE SET search_path = '' AS $$
BEGIN RETURN (holdfast.claims() ->> 'sub')::uuid; END
$$;

CREATE FUNCTION holdfast.session_id() RETURNS uuid
LANGUAGE plpgsql STABLE PARALLEL SAFE SET search_path = '' AS $$
BEGIN RETURN (holdfast.claims() ->> 'session_id')::uuid; END
$$;

-- Only app_metadata counts: user_metadata is whatever its owner wrote into it.
CREATE FUNCTION holdfast.roles() RETURNS text[]
LANGUAGE plpgsql STABLE PARALLEL SAFE SET search_path = '' AS $$
DECLARE found jsonb := holdfast.claims() #> '{app_metadata,roles}';
BEGIN
  IF pg_catalog.jsonb_typeof(found) IS DISTINCT FROM 'array' THEN RETURN '{}'; END IF;
  RETURN ARRAY(SELECT pg_catalog.jsonb_array_elements_text(found));
END
$$;

CREATE FUNCTION holdfast.is_aal2() RETURNS boolean
LANGUAGE plpgsql STABLE PARALLEL SAFE SET search_path = '' AS $$
BEGIN RETURN COALESCE(holdfast.claims() ->> 'aal' = 'aal2', false); END
$$;

CREATE FUNCTION holdfast.is_service() RETURNS boolean
LANGUAGE plpgsql STABLE PARALLEL SAFE SET search_path = '' AS $$
BEGIN RETURN COALESCE(holdfast.claims() ->> 'role' = 'service_role', false); END
$$;

-- Supabase's contract, so that policies written for it mean the same here; but these read verified claims.
CREATE FUNCTION auth.jwt() RETURNS jsonb
LANGUAGE plpgsql STABLE PARALLEL SAFE SET search_path = '' AS $$
BEGIN RETURN holdfast.claims(); END
$$;

CREATE FUNCTION auth.uid() RETURNS uuid
LANGUAGE plpgsql STABLE PARALLEL SAFE SET search_path = '' AS $$
BEGIN RETURN (holdfast.claims() ->> 'sub')::uuid; END
$$;

CREATE FUNCTION auth.role() RETURNS text
LANGUAGE plpgsql STABLE PARALLEL SAFE SET search_path = '' AS $$
BEGIN RETURN COALESCE(holdfast.claims() ->> 'role', 'anon'); END
$$;

CREATE FUNCTION auth.email() RETURNS text
LANGUAGE plpgsql STABLE PARALLEL SAFE SET search_path = '' AS $$
BEGIN RETURN holdfast.claims() ->> 'email'; END
$$;

DO $$
DECLARE name text;
BEGIN
  FOREACH name IN ARRAY ARRAY['holdfast.subject_id()', 'holdfast.session_id()', 'holdfast.roles()', 'holdfast.is_aal2()',
    'holdfast.is_service()', 'auth.jwt()', 'auth.uid()', 'auth.role()', 'auth.email()']
  LOOP
    EXECUTE 'ALTER FUNCTION ' || name || ' OWNER TO holdfast_owner';
  END LOOP;
END
$$;

REVOKE EXECUTE ON ALL FUNCTIONS IN SCHEMA holdfast, auth, holdfast_crypto FROM PUBLIC;
GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA holdfast, auth TO anon, authenticated, service_role, holdfast_owner;
GRANT EXECUTE ON FUNCTION holdfast_crypto.hmac(text, text, text) TO holdfast_keeper;
