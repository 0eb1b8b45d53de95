-- Who is asking, as a view that policies read in place of a function: it runs within the statement's own plan, and the key
-- of its first step is the only row of a table. A plpgsql function costs a call, a plan of its own and two index scans besides
-- (per statement 42 us, the view 27 us, where the statement itself is 51 us).
--
-- The view reads with its owner's rights, so nobody else needs any on what is behind it. It has no WHERE, hides no row and gives
-- nothing but the scope of a proof that verifies: whatever operators and functions a statement puts around it meet its result only.
-- Keys stay in a table here too (0002): as constants of a plan, debug_print_plan would show them.

-- The key that new proofs are made with; NULL when there is none. The trigger below keeps it, so that the table of keys is what counts.
CREATE TABLE holdfast_keeper.current_key (
  only_row boolean PRIMARY KEY DEFAULT true CHECK (only_row),
  id text,
  inner_key bytea,
  outer_key bytea
);
INSERT INTO holdfast_keeper.current_key DEFAULT VALUES;
ALTER TABLE holdfast_keeper.current_key OWNER TO holdfast_keeper;
REVOKE ALL ON holdfast_keeper.current_key FROM PUBLIC;

CREATE FUNCTION holdfast_keeper.keep_current_key() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS $$
BEGIN
  UPDATE holdfast_keeper.current_key SET (id, inner_key, outer_key) = (
    SELECT k.id, k.inner_key, k.outer_key FROM holdfast_keeper.claim_keys k
    WHERE k.valid_until IS NULL ORDER BY k.made_at DESC, k.id LIMIT 1);
  RETURN NULL;
END
$$;
ALTER FUNCTION holdfast_keeper.keep_current_key() OWNER TO holdfast_keeper;
REVOKE EXECUTE ON FUNCTION holdfast_keeper.keep_current_key() FROM PUBLIC;
CREATE TRIGGER keep_current_key AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON holdfast_keeper.claim_keys
  FOR EACH STATEMENT EXECUTE FUNCTION holdfast_keeper.keep_current_key();
UPDATE holdfast_keeper.claim_keys SET valid_until = valid_until;

-- In a view a function runs with the rights of who asks. What this one gives and refuses is what the view does: it verifies by itself,
-- with whatever key is still good, and knows parallel workers and ended sessions.
ALTER FUNCTION holdfast_keeper.verified_elsewhere(text) SECURITY DEFINER;
GRANT EXECUTE ON FUNCTION holdfast_keeper.verified_elsewhere(text) TO anon, authenticated, service_role, holdfast_owner;

-- OFFSET 0: the proof is read once. NULL (no key, no claims, no proof) is not true, so it ends in ELSE, and before anything that is
-- not ours is cast. Names mean what they mean now, whatever the search_path will be.
CREATE VIEW holdfast.subject WITH (security_barrier) AS
SELECT s.scope, NULLIF(pg_catalog.split_part(s.scope, '.', 3), '')::pg_catalog.uuid AS id
FROM (
  SELECT CASE
    WHEN pg_catalog.split_part(k.proof, '|', 2) = pg_catalog.encode(pg_catalog.sha256(k.outer_key || pg_catalog.sha256(k.inner_key
        || pg_catalog.convert_to(pg_catalog.concat_ws('|', pg_catalog.pg_backend_pid(), pg_catalog.current_setting('role'),
          k.scope, pg_catalog.current_setting('request.jwt.claims', true)), 'UTF8'))), 'hex')
      AND pg_catalog.split_part(k.scope, '.', 1) = k.id
      AND pg_catalog.to_timestamp(pg_catalog.split_part(k.scope, '.', 2)::pg_catalog.float8) >= pg_catalog.statement_timestamp()
      AND NOT EXISTS (SELECT FROM holdfast_keeper.ended_sessions e WHERE e.session_id = pg_catalog.split_part(k.scope, '.', 4))
    THEN k.scope ELSE holdfast_keeper.verified_elsewhere(k.proof) END AS scope
  FROM (
    SELECT c.id, c.inner_key, c.outer_key, pg_catalog.current_setting('holdfast.proof', true) AS proof,
      pg_catalog.split_part(pg_catalog.current_setting('holdfast.proof', true), '|', 1) AS scope
    FROM holdfast_keeper.current_key c OFFSET 0
  ) k
) s;
GRANT CREATE ON SCHEMA holdfast TO holdfast_keeper;
ALTER VIEW holdfast.subject OWNER TO holdfast_keeper;
REVOKE CREATE ON SCHEMA holdfast FROM holdfast_keeper;
-- Whoever a policy is asked for needs this right, the owner of a masked view too (@holdfast/compile).
REVOKE ALL ON holdfast.subject FROM PUBLIC;
GRANT SELECT ON holdfast.subject TO anon, authenticated, service_role, holdfast_owner;

-- One verification: the functions ask the view.
CREATE OR REPLACE FUNCTION holdfast.verified() RETURNS text
LANGUAGE plpgsql STABLE PARALLEL SAFE SECURITY DEFINER SET search_path = '' AS $$
BEGIN
  RETURN (SELECT s.scope FROM holdfast.subject s);
END
$$;
