-- Compiled by Holdfast from the policy of "audited". Change the policy, not this file.

BEGIN;

SET LOCAL search_path = '';

DO $holdfast$
BEGIN
  IF NOT EXISTS (SELECT FROM pg_catalog.pg_roles WHERE rolname = 'holdfast_reader') THEN
    CREATE ROLE holdfast_reader NOLOGIN NOINHERIT;
  END IF;
EXCEPTION WHEN duplicate_object OR unique_violation THEN
  NULL;
END
$holdfast$;

CREATE SCHEMA IF NOT EXISTS holdfast_set;

DO $holdfast$
BEGIN
  IF NOT (SELECT rolsuper FROM pg_catalog.pg_roles WHERE rolname = current_user) THEN
    GRANT holdfast_reader TO CURRENT_USER;
    GRANT CREATE ON SCHEMA holdfast_set TO holdfast_reader;
  END IF;
END
$holdfast$;

REVOKE ALL ON SCHEMA holdfast_set FROM PUBLIC, anon, authenticated;

GRANT USAGE ON SCHEMA holdfast_set TO anon, authenticated;

GRANT USAGE ON SCHEMA holdfast TO holdfast_reader;

GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA holdfast TO holdfast_reader;

REVOKE CREATE ON SCHEMA "public" FROM PUBLIC, anon, authenticated;

GRANT USAGE ON SCHEMA "public" TO anon, authenticated, holdfast_reader;

ALTER TABLE "public"."letters" OWNER TO holdfast_owner;

ALTER TABLE "public"."letters" ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;

REVOKE ALL ON TABLE "public"."letters" FROM PUBLIC, anon, authenticated, holdfast_reader;

DO $holdfast$
DECLARE
  found record;
BEGIN
  FOR found IN SELECT polname, polrelid::pg_catalog.regclass AS relation FROM pg_catalog.pg_policy
    WHERE polrelid = '"public"."letters"'::pg_catalog.regclass
  LOOP
    EXECUTE format('DROP POLICY %I ON %s', found.polname, found.relation);
  END LOOP;
END
$holdfast$;

CREATE INDEX IF NOT EXISTS "holdfast_letters_address_index" ON "public"."letters" ("address_index");

CREATE INDEX IF NOT EXISTS "holdfast_letters_owner_id" ON "public"."letters" ("owner_id");

GRANT SELECT ("address", "address_index", "id", "owner_id", "status") ON TABLE "public"."letters" TO authenticated;

GRANT INSERT ("address", "address_index", "id", "owner_id", "status") ON TABLE "public"."letters" TO authenticated;

GRANT UPDATE ("address", "address_index", "owner_id", "status") ON TABLE "public"."letters" TO authenticated;

GRANT DELETE ON TABLE "public"."letters" TO authenticated;

CREATE POLICY "holdfast_select" ON "public"."letters"
AS PERMISSIVE FOR SELECT TO authenticated
USING ("owner_id" = (SELECT s.id FROM holdfast.subject s));

CREATE POLICY "holdfast_insert" ON "public"."letters"
AS PERMISSIVE FOR INSERT TO authenticated
WITH CHECK ("owner_id" = (SELECT s.id FROM holdfast.subject s));

CREATE POLICY "holdfast_update" ON "public"."letters"
AS PERMISSIVE FOR UPDATE TO authenticated
USING ("owner_id" = (SELECT s.id FROM holdfast.subject s))
WITH CHECK ("owner_id" = (SELECT s.id FROM holdfast.subject s));

CREATE POLICY "holdfast_delete" ON "public"."letters"
AS PERMISSIVE FOR DELETE TO authenticated
USING ("owner_id" = (SELECT s.id FROM holdfast.subject s));

CREATE OR REPLACE TRIGGER "holdfast_audit" AFTER INSERT OR UPDATE OR DELETE ON "public"."letters"
FOR EACH ROW EXECUTE FUNCTION holdfast.audit_row('id', 'address', 'address_index');

ALTER TABLE "public"."letters" ENABLE ALWAYS TRIGGER "holdfast_audit";

CREATE OR REPLACE TRIGGER "holdfast_audit_truncate" AFTER TRUNCATE ON "public"."letters"
FOR EACH STATEMENT EXECUTE FUNCTION holdfast.audit_row('id', 'address', 'address_index');

ALTER TABLE "public"."letters" ENABLE ALWAYS TRIGGER "holdfast_audit_truncate";

COMMIT;
