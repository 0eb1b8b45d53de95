import { columnRoles, oneColumnRoles, RELATIONS } from "../rule/catalog-tables.ts";
import { type CatalogRule, list, text, texts } from "../rule/rule.ts";
import { attackerOf, grantees, quoted } from "../rule/subject.ts";

/** Names of columns that hold secrets or what law protects; an answer to names only. */
const NAMES =
  "(^|_)(password|passwd|pwd|passphrase|secret|api_?key|access_?key|private_?key|token|ssn|social_security|tax_id|passport|credit_?card|card_number|cvv|cvc|iban|pin|otp|totp|salt|hash|date_of_birth|dob)($|_)";

export const sensitiveColumn: CatalogRule = {
  kind: "catalog",
  id: "sensitive-column",
  severity: "warning",
  title: "Requests may read a column whose name says it should be kept",
  why: "Where the table has no row level security everybody reads everybody's; where it has, whoever sees the row sees the secret.",
  advisor: ["0023"],
  query: `${RELATIONS} SELECT r.object || '.' || format('%I', a.attname) AS object, r.object AS relation, a.attname::text AS name, r.relrowsecurity, reach.roles
    FROM relations r JOIN pg_catalog.pg_attribute a ON a.attrelid = r.oid AND a.attnum > 0 AND NOT a.attisdropped AND a.attname ~* '${NAMES}',
      LATERAL (SELECT ${oneColumnRoles("SELECT", "r", "a.attnum")} AS roles) reach
    WHERE kind IN ('r', 'p') AND cardinality(${columnRoles("SELECT")}) > 0 AND cardinality(reach.roles) > 0`,
  found: (row, subject) => {
    const [relation, column, roles] = [text(row, "relation"), quoted(text(row, "name")), texts(row, "roles")];
    const isOpen = row["relrowsecurity"] !== true;
    return {
      object: text(row, "object"),
      severity: isOpen ? "error" : "note",
      found: `${list(roles)} may read it${isOpen ? " in every row" : " in the rows they see"}.`,
      attack: {
        role: attackerOf(subject, roles) ?? null,
        sql: `SELECT count(${column}) FROM ${relation}`,
        shows: "rows",
        runs: "reads",
      },
      fix: [
        `REVOKE SELECT ON TABLE ${relation} FROM ${grantees(roles)};`,
        `-- GRANT SELECT (every other column) ON TABLE ${relation} TO ${grantees(roles)};`,
        `REVOKE SELECT (${column}) ON TABLE ${relation} FROM ${grantees(roles)};`,
      ],
    };
  },
};
