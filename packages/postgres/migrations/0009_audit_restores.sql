-- A restore that somebody accepted is a leaf like any other, so that the tree keeps it. The platform writes it by this function alone,
-- which makes no other leaf; what counts is the signature of the statement, which no statement in here can make.

-- Which leaves they are: nobody has to read the others to find them.
CREATE TABLE holdfast_keeper.audit_restores (
  transaction xid8 NOT NULL,
  id bigint NOT NULL,
  PRIMARY KEY (transaction, id)
);
ALTER TABLE holdfast_keeper.audit_restores OWNER TO holdfast_keeper;
ALTER TABLE holdfast_keeper.audit_restores ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
REVOKE ALL ON holdfast_keeper.audit_restores FROM PUBLIC;
GRANT SELECT ON holdfast_keeper.audit_restores TO holdfast_platform;
CREATE POLICY read ON holdfast_keeper.audit_restores FOR SELECT TO holdfast_platform USING (true);
CREATE POLICY append ON holdfast_keeper.audit_restores FOR INSERT TO holdfast_keeper WITH CHECK (true);
-- For RETURNING: what was just written may be read.
CREATE POLICY returned ON holdfast_keeper.audit_leaves FOR SELECT TO holdfast_keeper
  USING (transaction = pg_catalog.pg_current_xact_id());

CREATE FUNCTION holdfast_keeper.record_restore(statement text) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS $$
DECLARE
  entry text := pg_catalog.jsonb_build_object(
    'at', (EXTRACT(epoch FROM pg_catalog.clock_timestamp()) * 1000)::bigint,
    'transaction', pg_catalog.pg_current_xact_id()::text,
    'table', 'holdfast_keeper.audit_leaves',
    'action', 'restore', 'key', NULL, 'subject', NULL, 'actor', NULL, 'role', session_user,
    'columns', NULL, 'before', NULL, 'after', NULL, 'statement', statement)::text;
BEGIN
  WITH leaf AS (
    INSERT INTO holdfast_keeper.audit_leaves (entry, salt, hash)
      VALUES (entry, pg_catalog.uuid_send(pg_catalog.gen_random_uuid()),
        pg_catalog.sha256('\x00'::bytea || pg_catalog.convert_to(entry, 'UTF8')))
      RETURNING transaction, id)
  INSERT INTO holdfast_keeper.audit_restores SELECT leaf.transaction, leaf.id FROM leaf;
END
$$;
ALTER FUNCTION holdfast_keeper.record_restore(text) OWNER TO holdfast_keeper;
REVOKE EXECUTE ON FUNCTION holdfast_keeper.record_restore(text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION holdfast_keeper.record_restore(text) TO holdfast_platform;
