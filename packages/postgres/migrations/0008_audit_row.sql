-- The trigger of audited tables at less cost for the writer: the leaf is what it was (0007), a function of it is called where its
-- change needs it alone. A row that is inserted is one pass over it and two hashes; nothing is planned, sorted or compared.

-- The trigger is the only writer, and makes nothing else.
ALTER TABLE holdfast_keeper.audit_leaves DROP CONSTRAINT audit_leaves_salt_check, DROP CONSTRAINT audit_leaves_hash_check;

-- Called with the primary key's name and the columns of which no hash is made. Claims that do not verify refuse the change. Somebody
-- without claims (a migration, the one who seals columns) is known by their database role alone. The subject is the one whom the
-- proof names; claims are only read where they may hold an actor: their text is JSON.stringify's, which escapes no letter of a name.
CREATE OR REPLACE FUNCTION holdfast.audit_row() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS $$
DECLARE
  scope text := holdfast.verified();
  -- 122 random bits: what a version 4 UUID has.
  salt bytea := pg_catalog.uuid_send(pg_catalog.gen_random_uuid());
  before jsonb;
  after jsonb := CASE WHEN TG_OP = 'INSERT' OR TG_OP = 'UPDATE' THEN pg_catalog.to_jsonb(NEW) END;
  before_hash text;
  columns jsonb;
  table_name text := TG_TABLE_SCHEMA || '.' || TG_TABLE_NAME;
  entry text;
  ended text;
BEGIN
  -- NULL for a table that is no partition.
  IF pg_catalog.pg_partition_root(TG_RELID) <> TG_RELID THEN
    table_name := (SELECT n.nspname || '.' || c.relname FROM pg_catalog.pg_class c
      JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace WHERE c.oid = pg_catalog.pg_partition_root(TG_RELID));
  END IF;
  IF TG_OP <> 'INSERT' AND TG_LEVEL = 'ROW' THEN
    before := pg_catalog.to_jsonb(OLD);
    before_hash := pg_catalog.encode(pg_catalog.sha256(salt || pg_catalog.convert_to((before - TG_ARGV[1:])::text, 'UTF8')), 'hex');
    IF TG_OP = 'UPDATE' THEN
      columns := (SELECT COALESCE(pg_catalog.jsonb_agg(n.key ORDER BY n.key COLLATE "C"), '[]') FROM pg_catalog.jsonb_each(after) n
        WHERE n.value IS DISTINCT FROM before -> n.key);
    END IF;
  END IF;
  entry := pg_catalog.json_build_object(
    'at', (EXTRACT(epoch FROM pg_catalog.clock_timestamp()) * 1000)::bigint,
    'transaction', pg_catalog.pg_current_xact_id()::text,
    'table', table_name,
    'action', pg_catalog.lower(TG_OP),
    'key', COALESCE(after, before) ->> TG_ARGV[0],
    'subject', NULLIF(pg_catalog.split_part(scope, '.', 3), ''),
    'actor', CASE WHEN scope IS NOT NULL AND pg_catalog.strpos(pg_catalog.current_setting('request.jwt.claims', true), '"act"') > 0
      THEN pg_catalog.current_setting('request.jwt.claims', true)::pg_catalog.jsonb #>> '{act,sub}' END,
    'role', COALESCE(NULLIF(pg_catalog.current_setting('role'), 'none'), session_user),
    'columns', columns,
    'before', before_hash,
    'after', pg_catalog.encode(pg_catalog.sha256(salt || pg_catalog.convert_to((after - TG_ARGV[1:])::text, 'UTF8')), 'hex'));
  IF before ->> TG_ARGV[0] <> after ->> TG_ARGV[0] THEN
    ended := entry::pg_catalog.jsonb || pg_catalog.jsonb_build_object(
      'action', 'delete', 'key', before ->> TG_ARGV[0], 'columns', NULL, 'after', NULL);
    INSERT INTO holdfast_keeper.audit_leaves (entry, salt, hash)
      VALUES (ended, salt, pg_catalog.sha256('\x00'::bytea || pg_catalog.convert_to(ended, 'UTF8')));
  END IF;
  INSERT INTO holdfast_keeper.audit_leaves (entry, salt, hash)
    VALUES (entry, salt, pg_catalog.sha256('\x00'::bytea || pg_catalog.convert_to(entry, 'UTF8')));
  RETURN NULL;
END
$$;
