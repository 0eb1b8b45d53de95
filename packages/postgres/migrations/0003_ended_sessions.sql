-- A session that was ended is over here at once too, whatever proof of it a connection still holds: the subject's next statement
-- is refused, also the next one of a transaction that is under way. The scope of a proof names its session since this migration:
--
--   scope = key id '.' expiry in s since 1970 '.' subject id, or nothing '.' session id, or nothing
--
-- SQLSTATE 28HF1 for a session that has ended; 28000 for whatever else does not verify.

-- Identity writes it. A row must stay until no access token and no proof of the session can be alive (a proof lives for five
-- minutes). The id is text, so that a proof that is not ours meets no cast.
CREATE TABLE holdfast_keeper.ended_sessions (
  session_id text PRIMARY KEY CHECK (session_id ~ '^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$'),
  ended_at timestamptz NOT NULL,
  until timestamptz NOT NULL
);
CREATE INDEX ended_sessions_until_idx ON holdfast_keeper.ended_sessions (until);
ALTER TABLE holdfast_keeper.ended_sessions OWNER TO holdfast_keeper;
REVOKE ALL ON holdfast_keeper.ended_sessions FROM PUBLIC;
GRANT USAGE ON SCHEMA holdfast_keeper TO holdfast_identity;
GRANT SELECT, INSERT, UPDATE, DELETE ON holdfast_keeper.ended_sessions TO holdfast_identity;

CREATE OR REPLACE FUNCTION holdfast_keeper.verified_elsewhere(proof text) RETURNS text
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
  IF EXISTS (SELECT FROM holdfast_keeper.ended_sessions e WHERE e.session_id = pg_catalog.split_part(scope, '.', 4)) THEN
    RAISE EXCEPTION 'claims refused: the session has ended' USING ERRCODE = '28HF1';
  END IF;
  RETURN scope;
END
$$;

-- The sessions that ended are asked together with the key: one statement costs less than two.
CREATE OR REPLACE FUNCTION holdfast.verified() RETURNS text
LANGUAGE plpgsql STABLE PARALLEL SAFE SECURITY DEFINER SET search_path = '' AS $$
DECLARE
  proof pg_catalog.text := pg_catalog.current_setting('holdfast.proof', true);
  inner_key pg_catalog.bytea;
  outer_key pg_catalog.bytea;
BEGIN
  SELECT k.inner_key, k.outer_key INTO inner_key, outer_key FROM holdfast_keeper.claim_keys k
    WHERE k.id OPERATOR(pg_catalog.=) pg_catalog.split_part(proof, '.', 1)
    AND (k.valid_until IS NULL OR k.valid_until OPERATOR(pg_catalog.>) pg_catalog.now())
    AND NOT EXISTS (SELECT FROM holdfast_keeper.ended_sessions e WHERE e.session_id
      OPERATOR(pg_catalog.=) pg_catalog.split_part(pg_catalog.split_part(proof, '|', 1), '.', 4));
  -- NULL (no such key, no claims, no proof, an ended session) is not true, so it ends in ELSE, and before anything that is not
  -- ours is cast.
  RETURN CASE WHEN (pg_catalog.split_part(proof, '|', 2) OPERATOR(pg_catalog.=) pg_catalog.encode(pg_catalog.sha256(
      outer_key OPERATOR(pg_catalog.||) pg_catalog.sha256(inner_key OPERATOR(pg_catalog.||) pg_catalog.convert_to(
        pg_catalog.concat_ws('|', pg_catalog.pg_backend_pid(), pg_catalog.current_setting('role'),
          pg_catalog.split_part(proof, '|', 1), pg_catalog.current_setting('request.jwt.claims', true)), 'UTF8'))), 'hex')) IS TRUE
    AND pg_catalog.to_timestamp(pg_catalog.split_part(proof, '.', 2)::pg_catalog.float8)
      OPERATOR(pg_catalog.>=) pg_catalog.statement_timestamp()
    THEN pg_catalog.split_part(proof, '|', 1) ELSE holdfast_keeper.verified_elsewhere(proof) END;
END
$$;
