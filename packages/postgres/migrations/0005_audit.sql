-- The audit log. An audited table has a trigger that leaves one leaf for each change of a row: who, which row, which columns, and salted
-- hashes of the row before and after; never a value, and no hash of a sealed column. The hash of a leaf is RFC 6962's (section 2.1):
-- SHA-256(0x00 || entry). The tree over the leaves is built later, outside of this transaction (packages/postgres/src/audit), so that
-- writers never wait for each other.
--
-- Append-only: no role of an application has any right here, the platform reads leaves and adds what it built, and row level security
-- that binds the owner too has no policy for UPDATE and DELETE. What a superuser changes all the same, the tree shows.

-- Two 64-bit numbers order the leaves: once a transaction is below every snapshot's xmin, no leaf before or at it can appear.
CREATE TABLE holdfast_keeper.audit_leaves (
  transaction xid8 NOT NULL DEFAULT pg_catalog.pg_current_xact_id(),
  id bigint GENERATED ALWAYS AS IDENTITY,
  entry text NOT NULL,
  -- Not part of the entry: without it, the hashes in the entry say nothing even about a row that can be guessed.
  salt bytea NOT NULL CHECK (pg_catalog.length(salt) = 32),
  hash bytea NOT NULL CHECK (pg_catalog.length(hash) = 32),
  PRIMARY KEY (transaction, id)
);

-- Where each leaf stands in the tree.
CREATE TABLE holdfast_keeper.audit_positions (
  position bigint PRIMARY KEY CHECK (position >= 0),
  transaction xid8 NOT NULL,
  id bigint NOT NULL,
  hash bytea NOT NULL CHECK (pg_catalog.length(hash) = 32),
  table_name text NOT NULL,
  row_key text
);
CREATE INDEX audit_positions_row ON holdfast_keeper.audit_positions (table_name, row_key);

-- Full tiles of the tree (C2SP tlog-tiles): 256 hashes of one level, 32 bytes each, and the root over them.
CREATE TABLE holdfast_keeper.audit_tiles (
  level integer NOT NULL CHECK (level >= 0),
  number bigint NOT NULL CHECK (number >= 0),
  root bytea NOT NULL CHECK (pg_catalog.length(root) = 32),
  hashes bytea NOT NULL CHECK (pg_catalog.length(hashes) = 8192),
  PRIMARY KEY (level, number)
);

-- Signed checkpoints (C2SP tlog-checkpoint): size and root of the tree, as it was.
CREATE TABLE holdfast_keeper.audit_checkpoints (
  size bigint PRIMARY KEY CHECK (size >= 0),
  note text NOT NULL,
  at timestamptz NOT NULL DEFAULT pg_catalog.clock_timestamp()
);

DO $$
DECLARE name text;
BEGIN
  FOREACH name IN ARRAY ARRAY['audit_leaves', 'audit_positions', 'audit_tiles', 'audit_checkpoints']
  LOOP
    EXECUTE format('ALTER TABLE holdfast_keeper.%I OWNER TO holdfast_keeper', name);
    EXECUTE format('ALTER TABLE holdfast_keeper.%I ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY', name);
    EXECUTE format('REVOKE ALL ON holdfast_keeper.%I FROM PUBLIC', name);
    EXECUTE format('GRANT SELECT ON holdfast_keeper.%I TO holdfast_platform', name);
    EXECUTE format('CREATE POLICY read ON holdfast_keeper.%I FOR SELECT TO holdfast_platform USING (true)', name);
    IF name = 'audit_leaves' THEN
      EXECUTE format('CREATE POLICY append ON holdfast_keeper.%I FOR INSERT TO holdfast_keeper WITH CHECK (true)', name);
    ELSE
      EXECUTE format('GRANT INSERT ON holdfast_keeper.%I TO holdfast_platform', name);
      EXECUTE format('CREATE POLICY append ON holdfast_keeper.%I FOR INSERT TO holdfast_platform WITH CHECK (true)', name);
    END IF;
  END LOOP;
END
$$;
GRANT USAGE ON SCHEMA holdfast_keeper TO holdfast_platform;

-- Called with the primary key's name and the columns of which no hash is made. Claims that do not verify refuse the change. Somebody
-- without claims (a migration, the one who seals columns) is known by their database role alone.
CREATE FUNCTION holdfast.audit_row() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS $$
DECLARE
  scope text := holdfast.verified();
  claims jsonb := CASE WHEN scope IS NOT NULL THEN pg_catalog.current_setting('request.jwt.claims')::pg_catalog.jsonb END;
  role text := pg_catalog.current_setting('role');
  hidden text[] := TG_ARGV[1:];
  salt bytea := pg_catalog.uuid_send(pg_catalog.gen_random_uuid()) || pg_catalog.uuid_send(pg_catalog.gen_random_uuid());
  before jsonb := CASE WHEN TG_OP IN ('UPDATE', 'DELETE') THEN pg_catalog.to_jsonb(OLD) END;
  after jsonb := CASE WHEN TG_OP IN ('INSERT', 'UPDATE') THEN pg_catalog.to_jsonb(NEW) END;
  entry text;
BEGIN
  entry := pg_catalog.jsonb_build_object(
    'at', (EXTRACT(epoch FROM pg_catalog.clock_timestamp()) * 1000)::bigint,
    'transaction', pg_catalog.pg_current_xact_id()::text,
    'table', TG_TABLE_SCHEMA || '.' || TG_TABLE_NAME,
    'action', pg_catalog.lower(TG_OP),
    'key', COALESCE(after, before) ->> TG_ARGV[0],
    'subject', claims ->> 'sub',
    'actor', claims #>> '{act,sub}',
    'role', CASE role WHEN 'none' THEN session_user::text ELSE role END,
    'columns', CASE WHEN TG_OP = 'UPDATE' THEN (
      SELECT COALESCE(pg_catalog.jsonb_agg(n.key ORDER BY n.key COLLATE "C"), '[]') FROM pg_catalog.jsonb_each(after) n
      WHERE n.value IS DISTINCT FROM before -> n.key) END,
    'before', pg_catalog.encode(pg_catalog.sha256(salt || pg_catalog.convert_to((before - hidden)::text, 'UTF8')), 'hex'),
    'after', pg_catalog.encode(pg_catalog.sha256(salt || pg_catalog.convert_to((after - hidden)::text, 'UTF8')), 'hex'));
  INSERT INTO holdfast_keeper.audit_leaves (entry, salt, hash)
    VALUES (entry, salt, pg_catalog.sha256('\x00'::bytea || pg_catalog.convert_to(entry, 'UTF8')));
  RETURN NULL;
END
$$;
GRANT CREATE ON SCHEMA holdfast TO holdfast_keeper;
ALTER FUNCTION holdfast.audit_row() OWNER TO holdfast_keeper;
REVOKE CREATE ON SCHEMA holdfast FROM holdfast_keeper;
REVOKE EXECUTE ON FUNCTION holdfast.audit_row() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION holdfast.audit_row() TO holdfast_owner;
