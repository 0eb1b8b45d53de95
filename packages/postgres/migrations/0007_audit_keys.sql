-- A row that gets another key ends under the one before: what is done to it under a key of the moment would otherwise stand in
-- nobody's history. What is done by way of a partition is recorded under the table's own name. And a key may be as long as its table
-- allows: the index over places holds a hash of it, else one that is too long for it would keep the tree from growing.

DROP INDEX holdfast_keeper.audit_positions_row;
CREATE INDEX audit_positions_row ON holdfast_keeper.audit_positions (table_name, pg_catalog.hashtextextended(row_key, 0));

CREATE OR REPLACE FUNCTION holdfast.audit_row() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS $$
DECLARE
  scope text := holdfast.verified();
  claims jsonb := CASE WHEN scope IS NOT NULL THEN pg_catalog.current_setting('request.jwt.claims')::pg_catalog.jsonb END;
  role text := pg_catalog.current_setting('role');
  hidden text[] := TG_ARGV[1:];
  salt bytea := pg_catalog.uuid_send(pg_catalog.gen_random_uuid()) || pg_catalog.uuid_send(pg_catalog.gen_random_uuid());
  before jsonb := CASE WHEN TG_OP IN ('UPDATE', 'DELETE') THEN pg_catalog.to_jsonb(OLD) END;
  after jsonb := CASE WHEN TG_OP IN ('INSERT', 'UPDATE') THEN pg_catalog.to_jsonb(NEW) END;
  key text := COALESCE(after, before) ->> TG_ARGV[0];
  entry jsonb;
  ended text;
  written text;
BEGIN
  entry := pg_catalog.jsonb_build_object(
    'at', (EXTRACT(epoch FROM pg_catalog.clock_timestamp()) * 1000)::bigint,
    'transaction', pg_catalog.pg_current_xact_id()::text,
    'table', TG_TABLE_SCHEMA || '.' || TG_TABLE_NAME,
    'action', pg_catalog.lower(TG_OP),
    'key', key,
    'subject', claims ->> 'sub',
    'actor', claims #>> '{act,sub}',
    'role', CASE role WHEN 'none' THEN session_user::text ELSE role END,
    'columns', CASE WHEN TG_OP = 'UPDATE' THEN (
      SELECT COALESCE(pg_catalog.jsonb_agg(n.key ORDER BY n.key COLLATE "C"), '[]') FROM pg_catalog.jsonb_each(after) n
      WHERE n.value IS DISTINCT FROM before -> n.key) END,
    'before', pg_catalog.encode(pg_catalog.sha256(salt || pg_catalog.convert_to((before - hidden)::text, 'UTF8')), 'hex'),
    'after', pg_catalog.encode(pg_catalog.sha256(salt || pg_catalog.convert_to((after - hidden)::text, 'UTF8')), 'hex'));
  -- NULL for a table that is no partition.
  IF pg_catalog.pg_partition_root(TG_RELID) <> TG_RELID THEN
    entry := entry || pg_catalog.jsonb_build_object('table', (
      SELECT n.nspname || '.' || c.relname FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
      WHERE c.oid = pg_catalog.pg_partition_root(TG_RELID)));
  END IF;
  IF TG_OP = 'UPDATE' AND before ->> TG_ARGV[0] IS DISTINCT FROM key THEN
    ended := (entry || pg_catalog.jsonb_build_object(
      'action', 'delete', 'key', before ->> TG_ARGV[0], 'columns', NULL, 'after', NULL))::text;
    INSERT INTO holdfast_keeper.audit_leaves (entry, salt, hash)
      VALUES (ended, salt, pg_catalog.sha256('\x00'::bytea || pg_catalog.convert_to(ended, 'UTF8')));
  END IF;
  written := entry::text;
  INSERT INTO holdfast_keeper.audit_leaves (entry, salt, hash)
    VALUES (written, salt, pg_catalog.sha256('\x00'::bytea || pg_catalog.convert_to(written, 'UTF8')));
  RETURN NULL;
END
$$;
