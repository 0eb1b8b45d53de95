-- Compiled by Holdfast from the policy of "content". Change the policy, not this file.

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

ALTER TABLE "public"."announcements" OWNER TO holdfast_owner;

ALTER TABLE "public"."announcements" ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;

REVOKE ALL ON TABLE "public"."announcements" FROM PUBLIC, anon, authenticated, holdfast_reader;

DO $holdfast$
DECLARE
  found record;
BEGIN
  FOR found IN SELECT polname, polrelid::pg_catalog.regclass AS relation FROM pg_catalog.pg_policy
    WHERE polrelid = '"public"."announcements"'::pg_catalog.regclass
  LOOP
    EXECUTE format('DROP POLICY %I ON %s', found.polname, found.relation);
  END LOOP;
END
$holdfast$;

ALTER TABLE "public"."content" OWNER TO holdfast_owner;

ALTER TABLE "public"."content" ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;

REVOKE ALL ON TABLE "public"."content" FROM PUBLIC, anon, authenticated, holdfast_reader;

DO $holdfast$
DECLARE
  found record;
BEGIN
  FOR found IN SELECT polname, polrelid::pg_catalog.regclass AS relation FROM pg_catalog.pg_policy
    WHERE polrelid = '"public"."content"'::pg_catalog.regclass
  LOOP
    EXECUTE format('DROP POLICY %I ON %s', found.polname, found.relation);
  END LOOP;
END
$holdfast$;

ALTER TABLE "public"."memberships" OWNER TO holdfast_owner;

ALTER TABLE "public"."memberships" ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;

REVOKE ALL ON TABLE "public"."memberships" FROM PUBLIC, anon, authenticated, holdfast_reader;

DO $holdfast$
DECLARE
  found record;
BEGIN
  FOR found IN SELECT polname, polrelid::pg_catalog.regclass AS relation FROM pg_catalog.pg_policy
    WHERE polrelid = '"public"."memberships"'::pg_catalog.regclass
  LOOP
    EXECUTE format('DROP POLICY %I ON %s', found.polname, found.relation);
  END LOOP;
END
$holdfast$;

ALTER TABLE "public"."plans" OWNER TO holdfast_owner;

ALTER TABLE "public"."plans" ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;

REVOKE ALL ON TABLE "public"."plans" FROM PUBLIC, anon, authenticated, holdfast_reader;

DO $holdfast$
DECLARE
  found record;
BEGIN
  FOR found IN SELECT polname, polrelid::pg_catalog.regclass AS relation FROM pg_catalog.pg_policy
    WHERE polrelid = '"public"."plans"'::pg_catalog.regclass
  LOOP
    EXECUTE format('DROP POLICY %I ON %s', found.polname, found.relation);
  END LOOP;
END
$holdfast$;

ALTER TABLE "public"."shares" OWNER TO holdfast_owner;

ALTER TABLE "public"."shares" ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;

REVOKE ALL ON TABLE "public"."shares" FROM PUBLIC, anon, authenticated, holdfast_reader;

DO $holdfast$
DECLARE
  found record;
BEGIN
  FOR found IN SELECT polname, polrelid::pg_catalog.regclass AS relation FROM pg_catalog.pg_policy
    WHERE polrelid = '"public"."shares"'::pg_catalog.regclass
  LOOP
    EXECUTE format('DROP POLICY %I ON %s', found.polname, found.relation);
  END LOOP;
END
$holdfast$;

ALTER TABLE "public"."teams" OWNER TO holdfast_owner;

ALTER TABLE "public"."teams" ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;

REVOKE ALL ON TABLE "public"."teams" FROM PUBLIC, anon, authenticated, holdfast_reader;

DO $holdfast$
DECLARE
  found record;
BEGIN
  FOR found IN SELECT polname, polrelid::pg_catalog.regclass AS relation FROM pg_catalog.pg_policy
    WHERE polrelid = '"public"."teams"'::pg_catalog.regclass
  LOOP
    EXECUTE format('DROP POLICY %I ON %s', found.polname, found.relation);
  END LOOP;
END
$holdfast$;

CREATE OR REPLACE FUNCTION holdfast_set."memberships_team_id_47c9ec73"() RETURNS SETOF pg_catalog.uuid
LANGUAGE sql STABLE PARALLEL SAFE SECURITY DEFINER SET search_path = ''
AS $holdfast$SELECT "team_id"
FROM "public"."memberships"
WHERE "user_id" = (SELECT holdfast.subject_id())
  AND "team_id" IS NOT NULL
  AND ("until" IS NULL OR "until" > now())$holdfast$;

ALTER FUNCTION holdfast_set."memberships_team_id_47c9ec73"() OWNER TO holdfast_reader;

REVOKE ALL ON FUNCTION holdfast_set."memberships_team_id_47c9ec73"() FROM PUBLIC, anon, authenticated;

GRANT EXECUTE ON FUNCTION holdfast_set."memberships_team_id_47c9ec73"() TO anon, authenticated;

CREATE OR REPLACE FUNCTION holdfast_set."memberships_team_id_ac6d78a5"() RETURNS SETOF pg_catalog.uuid
LANGUAGE sql STABLE PARALLEL SAFE SECURITY DEFINER SET search_path = ''
AS $holdfast$SELECT "team_id"
FROM "public"."memberships"
WHERE "user_id" = (SELECT holdfast.subject_id())
  AND "team_id" IS NOT NULL
  AND "role" = ANY (ARRAY['lead']::pg_catalog.text[])
  AND ("until" IS NULL OR "until" > now())$holdfast$;

ALTER FUNCTION holdfast_set."memberships_team_id_ac6d78a5"() OWNER TO holdfast_reader;

REVOKE ALL ON FUNCTION holdfast_set."memberships_team_id_ac6d78a5"() FROM PUBLIC, anon, authenticated;

GRANT EXECUTE ON FUNCTION holdfast_set."memberships_team_id_ac6d78a5"() TO authenticated;

CREATE OR REPLACE FUNCTION holdfast_set."shares_content_id_11a1a3d2"() RETURNS SETOF pg_catalog.uuid
LANGUAGE sql STABLE PARALLEL SAFE SECURITY DEFINER SET search_path = ''
AS $holdfast$SELECT "content_id"
FROM "public"."shares"
WHERE "user_id" = (SELECT holdfast.subject_id())
  AND "content_id" IS NOT NULL
  AND ("until" IS NULL OR "until" > now())$holdfast$;

ALTER FUNCTION holdfast_set."shares_content_id_11a1a3d2"() OWNER TO holdfast_reader;

REVOKE ALL ON FUNCTION holdfast_set."shares_content_id_11a1a3d2"() FROM PUBLIC, anon, authenticated;

GRANT EXECUTE ON FUNCTION holdfast_set."shares_content_id_11a1a3d2"() TO anon, authenticated;

GRANT SELECT ("from", "hidden", "id", "text") ON TABLE "public"."announcements" TO anon;

GRANT SELECT ("from", "hidden", "id", "text") ON TABLE "public"."announcements" TO authenticated;

GRANT INSERT ("from", "hidden", "text") ON TABLE "public"."announcements" TO authenticated;

CREATE POLICY "holdfast_select" ON "public"."announcements"
AS PERMISSIVE FOR SELECT TO anon, authenticated
USING (
  (
    ("from" <= now())
    AND (NOT ("hidden" = 'true'::pg_catalog.bool))
  )
  OR (SELECT coalesce(holdfast.roles() && ARRAY['admin']::pg_catalog.text[], false) AND coalesce(holdfast.is_aal2(), false))
);

CREATE POLICY "holdfast_insert" ON "public"."announcements"
AS PERMISSIVE FOR INSERT TO authenticated
WITH CHECK (
  ((SELECT s.id FROM holdfast.subject s) IS NOT NULL)
  AND (SELECT coalesce(holdfast.roles() && ARRAY['admin']::pg_catalog.text[], false) AND coalesce(holdfast.is_aal2(), false))
  AND ("text" COLLATE "C" > ''::pg_catalog.text)
);

CREATE INDEX IF NOT EXISTS "holdfast_content_owner_id" ON "public"."content" ("owner_id");

CREATE INDEX IF NOT EXISTS "holdfast_content_status" ON "public"."content" ("status");

CREATE INDEX IF NOT EXISTS "holdfast_content_team_id" ON "public"."content" ("team_id");

GRANT SELECT ("body", "created_at", "id", "owner_id", "status", "team_id", "title", "updated_at") ON TABLE "public"."content" TO anon;

GRANT SELECT ("body", "created_at", "id", "owner_id", "status", "team_id", "title", "updated_at") ON TABLE "public"."content" TO authenticated;

GRANT INSERT ("body", "owner_id", "status", "team_id", "title", "updated_at") ON TABLE "public"."content" TO authenticated;

GRANT UPDATE ("body", "owner_id", "status", "team_id", "title", "updated_at") ON TABLE "public"."content" TO authenticated;

GRANT DELETE ON TABLE "public"."content" TO authenticated;

CREATE POLICY "holdfast_select" ON "public"."content"
AS PERMISSIVE FOR SELECT TO anon, authenticated
USING (
  ("owner_id" = (SELECT s.id FROM holdfast.subject s))
  OR ("status" = 'published'::pg_catalog.text)
  OR ("team_id" = ANY (ARRAY(SELECT holdfast_set."memberships_team_id_47c9ec73"())))
  OR ("id" = ANY (ARRAY(SELECT holdfast_set."shares_content_id_11a1a3d2"())))
  OR ("id" >= (SELECT CASE WHEN nullif(current_setting('request.jwt.claims', true), '')::pg_catalog.jsonb #> '{app_metadata,roles}' ?| ARRAY['admin', 'editor']::pg_catalog.text[] AND (SELECT coalesce(held && ARRAY['editor']::pg_catalog.text[], false) OR (coalesce(held && ARRAY['admin']::pg_catalog.text[], false) AND coalesce(holdfast.is_aal2(), false)) FROM (SELECT holdfast.roles() AS held OFFSET 0) subject) THEN '00000000-0000-0000-0000-000000000000'::pg_catalog.uuid END) AND "id" <= 'ffffffff-ffff-ffff-ffff-ffffffffffff'::pg_catalog.uuid)
);

CREATE POLICY "holdfast_insert" ON "public"."content"
AS PERMISSIVE FOR INSERT TO authenticated
WITH CHECK (
  ("owner_id" = (SELECT s.id FROM holdfast.subject s))
  AND (SELECT coalesce(held && ARRAY['editor', 'reader']::pg_catalog.text[], false) OR (coalesce(held && ARRAY['admin']::pg_catalog.text[], false) AND coalesce(holdfast.is_aal2(), false)) FROM (SELECT holdfast.roles() AS held OFFSET 0) subject)
  AND (
    ("team_id" IS NULL)
    OR ("team_id" = ANY (ARRAY(SELECT holdfast_set."memberships_team_id_47c9ec73"())))
  )
);

CREATE POLICY "holdfast_update" ON "public"."content"
AS PERMISSIVE FOR UPDATE TO authenticated
USING (
  (
    ("owner_id" = (SELECT s.id FROM holdfast.subject s))
    OR ("team_id" = ANY (ARRAY(SELECT holdfast_set."memberships_team_id_ac6d78a5"())))
  )
  AND (
    ("owner_id" = (SELECT s.id FROM holdfast.subject s))
    OR ("status" = 'published'::pg_catalog.text)
    OR ("team_id" = ANY (ARRAY(SELECT holdfast_set."memberships_team_id_47c9ec73"())))
    OR ("id" = ANY (ARRAY(SELECT holdfast_set."shares_content_id_11a1a3d2"())))
    OR ("id" >= (SELECT CASE WHEN nullif(current_setting('request.jwt.claims', true), '')::pg_catalog.jsonb #> '{app_metadata,roles}' ?| ARRAY['admin', 'editor']::pg_catalog.text[] AND (SELECT coalesce(held && ARRAY['editor']::pg_catalog.text[], false) OR (coalesce(held && ARRAY['admin']::pg_catalog.text[], false) AND coalesce(holdfast.is_aal2(), false)) FROM (SELECT holdfast.roles() AS held OFFSET 0) subject) THEN '00000000-0000-0000-0000-000000000000'::pg_catalog.uuid END) AND "id" <= 'ffffffff-ffff-ffff-ffff-ffffffffffff'::pg_catalog.uuid)
  )
)
WITH CHECK (
  (
    ("owner_id" = (SELECT s.id FROM holdfast.subject s))
    OR ("team_id" = ANY (ARRAY(SELECT holdfast_set."memberships_team_id_ac6d78a5"())))
  )
  AND (
    ("owner_id" = (SELECT s.id FROM holdfast.subject s))
    OR ("status" = 'published'::pg_catalog.text)
    OR ("team_id" = ANY (ARRAY(SELECT holdfast_set."memberships_team_id_47c9ec73"())))
    OR ("id" = ANY (ARRAY(SELECT holdfast_set."shares_content_id_11a1a3d2"())))
    OR (SELECT coalesce(held && ARRAY['editor']::pg_catalog.text[], false) OR (coalesce(held && ARRAY['admin']::pg_catalog.text[], false) AND coalesce(holdfast.is_aal2(), false)) FROM (SELECT holdfast.roles() AS held OFFSET 0) subject)
  )
);

CREATE POLICY "holdfast_delete" ON "public"."content"
AS PERMISSIVE FOR DELETE TO authenticated
USING (
  (
    ("owner_id" = (SELECT s.id FROM holdfast.subject s))
    OR ("id" >= (SELECT CASE WHEN nullif(current_setting('request.jwt.claims', true), '')::pg_catalog.jsonb #> '{app_metadata,roles}' ?| ARRAY['admin']::pg_catalog.text[] AND (
        (SELECT coalesce(holdfast.roles() && ARRAY['admin']::pg_catalog.text[], false) AND coalesce(holdfast.is_aal2(), false))
        AND (SELECT coalesce(holdfast.is_aal2(), false))
      ) THEN '00000000-0000-0000-0000-000000000000'::pg_catalog.uuid END) AND "id" <= 'ffffffff-ffff-ffff-ffff-ffffffffffff'::pg_catalog.uuid)
  )
  AND (
    ("owner_id" = (SELECT s.id FROM holdfast.subject s))
    OR ("status" = 'published'::pg_catalog.text)
    OR ("team_id" = ANY (ARRAY(SELECT holdfast_set."memberships_team_id_47c9ec73"())))
    OR ("id" = ANY (ARRAY(SELECT holdfast_set."shares_content_id_11a1a3d2"())))
    OR ("id" >= (SELECT CASE WHEN nullif(current_setting('request.jwt.claims', true), '')::pg_catalog.jsonb #> '{app_metadata,roles}' ?| ARRAY['admin', 'editor']::pg_catalog.text[] AND (SELECT coalesce(held && ARRAY['editor']::pg_catalog.text[], false) OR (coalesce(held && ARRAY['admin']::pg_catalog.text[], false) AND coalesce(holdfast.is_aal2(), false)) FROM (SELECT holdfast.roles() AS held OFFSET 0) subject) THEN '00000000-0000-0000-0000-000000000000'::pg_catalog.uuid END) AND "id" <= 'ffffffff-ffff-ffff-ffff-ffffffffffff'::pg_catalog.uuid)
  )
);

CREATE INDEX IF NOT EXISTS "holdfast_memberships_team_id" ON "public"."memberships" ("team_id");

CREATE INDEX IF NOT EXISTS "holdfast_memberships_user_id_team_id" ON "public"."memberships" ("user_id", "team_id");

GRANT SELECT ("id", "role", "team_id", "until", "user_id") ON TABLE "public"."memberships" TO authenticated;

GRANT INSERT ("role", "team_id", "until", "user_id") ON TABLE "public"."memberships" TO authenticated;

GRANT DELETE ON TABLE "public"."memberships" TO authenticated;

GRANT SELECT ("role", "team_id", "until", "user_id") ON TABLE "public"."memberships" TO holdfast_reader;

CREATE POLICY "holdfast_select" ON "public"."memberships"
AS PERMISSIVE FOR SELECT TO authenticated
USING (
  ("user_id" = (SELECT s.id FROM holdfast.subject s))
  OR ("team_id" = ANY (ARRAY(SELECT holdfast_set."memberships_team_id_ac6d78a5"())))
);

CREATE POLICY "holdfast_insert" ON "public"."memberships"
AS PERMISSIVE FOR INSERT TO authenticated
WITH CHECK ("team_id" = ANY (ARRAY(SELECT holdfast_set."memberships_team_id_ac6d78a5"())));

CREATE POLICY "holdfast_delete" ON "public"."memberships"
AS PERMISSIVE FOR DELETE TO authenticated
USING ("team_id" = ANY (ARRAY(SELECT holdfast_set."memberships_team_id_ac6d78a5"())));

CREATE POLICY "holdfast_read_sets" ON "public"."memberships"
AS PERMISSIVE FOR SELECT TO holdfast_reader
USING (true);

GRANT SELECT ("id", "price") ON TABLE "public"."plans" TO anon;

GRANT SELECT ("id", "price") ON TABLE "public"."plans" TO authenticated;

CREATE POLICY "holdfast_select" ON "public"."plans"
AS PERMISSIVE FOR SELECT TO anon, authenticated
USING (true);

CREATE INDEX IF NOT EXISTS "holdfast_shares_user_id_content_id" ON "public"."shares" ("user_id", "content_id");

GRANT SELECT ("content_id", "id", "until", "user_id") ON TABLE "public"."shares" TO authenticated;

GRANT SELECT ("content_id", "until", "user_id") ON TABLE "public"."shares" TO holdfast_reader;

CREATE POLICY "holdfast_select" ON "public"."shares"
AS PERMISSIVE FOR SELECT TO authenticated
USING ("user_id" = (SELECT s.id FROM holdfast.subject s));

CREATE POLICY "holdfast_read_sets" ON "public"."shares"
AS PERMISSIVE FOR SELECT TO holdfast_reader
USING (true);

CREATE INDEX IF NOT EXISTS "holdfast_teams_owner_id" ON "public"."teams" ("owner_id");

GRANT SELECT ("id", "name", "owner_id") ON TABLE "public"."teams" TO authenticated;

GRANT INSERT ("name", "owner_id") ON TABLE "public"."teams" TO authenticated;

GRANT UPDATE ("name", "owner_id") ON TABLE "public"."teams" TO authenticated;

CREATE POLICY "holdfast_select" ON "public"."teams"
AS PERMISSIVE FOR SELECT TO authenticated
USING (
  ("owner_id" = (SELECT s.id FROM holdfast.subject s))
  OR ("id" = ANY (ARRAY(SELECT holdfast_set."memberships_team_id_47c9ec73"())))
);

CREATE POLICY "holdfast_insert" ON "public"."teams"
AS PERMISSIVE FOR INSERT TO authenticated
WITH CHECK ("owner_id" = (SELECT s.id FROM holdfast.subject s));

CREATE POLICY "holdfast_update" ON "public"."teams"
AS PERMISSIVE FOR UPDATE TO authenticated
USING ("owner_id" = (SELECT s.id FROM holdfast.subject s))
WITH CHECK ("owner_id" = (SELECT s.id FROM holdfast.subject s));

COMMIT;
