import { type CatalogRule, text } from "../rule/rule.ts";
import { quoted } from "../rule/subject.ts";

export const bucketListsFiles: CatalogRule = {
  kind: "catalog",
  id: "bucket-lists-files",
  severity: "warning",
  title: "The files of a public bucket can be listed",
  why: "A public bucket's files are fetched by address without a policy; the policy adds only that everybody may list them.",
  advisor: ["0025"],
  needs: ["storage.buckets", "storage.objects"],
  query: `SELECT b.id::text || ' (policy ' || p.polname || ')' AS object, p.polname::text AS name FROM storage.buckets b
    JOIN pg_catalog.pg_policy p ON p.polrelid = pg_catalog.to_regclass('storage.objects') AND p.polpermissive AND p.polcmd IN ('r', '*')
    WHERE b.public AND (0 = ANY (p.polroles) OR p.polroles && $1::oid[])
      AND pg_catalog.pg_get_expr(p.polqual, p.polrelid) ~ ('^\\(?(true|\\(?bucket_id = ''' || regexp_replace(b.id::text, '([^a-zA-Z0-9_-])', '\\\\\\1', 'g') || '''::text\\)?)\\)?$')`,
  found: (row) => ({
    object: text(row, "object"),
    found: "Everybody may list what is in it.",
    fix: [`DROP POLICY ${quoted(text(row, "name"))} ON storage.objects;`],
  }),
};
