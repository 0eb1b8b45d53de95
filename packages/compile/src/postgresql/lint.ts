// Traps that a policy cannot close by itself: they lie in what the application's migrations made. One function for each finding code.
import type { CatalogGrant, CatalogRelation, CatalogSnapshot } from "./catalog.ts";
import { type PostgresArtifact, REQUEST_ROLES } from "./model.ts";

export const lintCodes = {
  "lint/view-not-invoker": "refused",
  "lint/materialized-view": "refused",
  "lint/security-definer-function": "refused",
  "lint/leakproof-function": "refused",
  "lint/rewrite-rule": "refused",
  "lint/collation": "refused",
  "lint/default-privileges": "refused",
  "lint/foreign-key-oracle": "warning",
  "lint/cascade": "warning",
  "lint/unique-oracle": "warning",
  "lint/leaky-filter": "warning",
  "lint/publication": "warning",
  "lint/unsealed": "warning",
} as const;

export type LintCode = keyof typeof lintCodes;

export interface LintFinding {
  readonly code: LintCode;
  /** `refused`: plan and apply stop. `warning`: they say so and go on. */
  readonly severity: "refused" | "warning";
  /** What it is about, for example `public.content` or `public.content.title`. */
  readonly object: string;
  readonly message: string;
  readonly hint: string;
}

type Found = Omit<LintFinding, "severity">;
type Rule = (catalog: CatalogSnapshot, artifact: PostgresArtifact) => readonly Found[];

const RULES: readonly Rule[] = [
  views,
  materializedViews,
  definerFunctions,
  leakproofFunctions,
  rewriteRules,
  collations,
  defaultPrivileges,
  foreignKeys,
  cascades,
  uniqueKeys,
  leakyFilters,
  publications,
  unsealedColumns,
];

/** Everything in the catalog that would make the compiled policy mean less than it says. Pure. */
export function lint(catalog: CatalogSnapshot, artifact: PostgresArtifact): readonly LintFinding[] {
  return RULES.flatMap((rule) => rule(catalog, artifact)).map((found) => ({
    ...found,
    severity: lintCodes[found.code],
  }));
}

const REQUEST_GRANTEES: ReadonlySet<string> = new Set(["PUBLIC", ...REQUEST_ROLES]);

function openTo(grants: readonly CatalogGrant[]): string {
  return [...new Set(grants.map(({ grantee }) => grantee).filter((grantee) => REQUEST_GRANTEES.has(grantee)))]
    .sort()
    .join(", ");
}

function named(relation: { readonly schema: string; readonly name: string }): string {
  return `${relation.schema}.${relation.name}`;
}

function listed(catalog: CatalogSnapshot, artifact: PostgresArtifact): readonly CatalogRelation[] {
  return catalog.relations.filter((relation) => isListed(artifact, relation.schema, relation.name));
}

function isListed(artifact: PostgresArtifact, schema: string, name: string): boolean {
  return artifact.tables.some((table) => table.schema === schema && table.name === name);
}

function views(catalog: CatalogSnapshot): Found[] {
  return catalog.relations
    .filter((relation) => relation.kind === "view" && !relation.securityInvoker && openTo(relation.grants) !== "")
    .map((view) => ({
      code: "lint/view-not-invoker",
      object: named(view),
      message: `The view reads with the rights of its owner ${view.owner}, and ${openTo(view.grants)} may read it.`,
      hint: "ALTER VIEW … SET (security_invoker = true), or revoke its rights.",
    }));
}

function materializedViews(catalog: CatalogSnapshot): Found[] {
  return catalog.relations
    .filter((relation) => relation.kind === "materialized" && openTo(relation.grants) !== "")
    .map((view) => ({
      code: "lint/materialized-view",
      object: named(view),
      message: `A materialized view has no row level security, and ${openTo(view.grants)} may read it.`,
      hint: "Revoke its rights, or make a table of it that the policy names.",
    }));
}

function definerFunctions(catalog: CatalogSnapshot, artifact: PostgresArtifact): Found[] {
  return (
    catalog.functions
      .filter((made) => artifact.schemas.includes(made.schema) && made.securityDefiner && openTo(made.grants) !== "")
      // A trigger function cannot be called by itself.
      .filter((made) => made.returns !== "trigger" && made.returns !== "event_trigger")
      .map((made) => ({
        code: "lint/security-definer-function",
        object: `${named(made)}(${made.arguments})`,
        message: `The function runs with the rights of ${made.owner}, and ${openTo(made.grants)} may call it (PUBLIC is PostgreSQL's default).`,
        hint: "REVOKE EXECUTE ON FUNCTION … FROM PUBLIC, anon, authenticated, or make it SECURITY INVOKER.",
      }))
  );
}

function leakproofFunctions(catalog: CatalogSnapshot, artifact: PostgresArtifact): Found[] {
  return catalog.functions
    .filter((made) => artifact.schemas.includes(made.schema) && made.leakproof)
    .map((made) => ({
      code: "lint/leakproof-function",
      object: `${named(made)}(${made.arguments})`,
      message: "A function marked LEAKPROOF may see rows before the policy has been checked.",
      hint: "ALTER FUNCTION … NOT LEAKPROOF.",
    }));
}

function rewriteRules(catalog: CatalogSnapshot, artifact: PostgresArtifact): Found[] {
  return listed(catalog, artifact)
    .filter((table) => table.rules.length > 0)
    .map((table) => ({
      code: "lint/rewrite-rule",
      object: named(table),
      message: `The rule ${table.rules.join(", ")} rewrites statements with the rights of the table's owner.`,
      hint: "Drop the rule; use a trigger.",
    }));
}

function collations(catalog: CatalogSnapshot, artifact: PostgresArtifact): Found[] {
  return listed(catalog, artifact).flatMap((table) =>
    table.columns
      .filter((column) => !column.deterministic)
      .map((column) => ({
        code: "lint/collation" as const,
        object: `${named(table)}.${column.name}`,
        message: "Under a nondeterministic collation texts are equal that the policy holds apart.",
        hint: "Give the column a deterministic collation.",
      })),
  );
}

function defaultPrivileges(catalog: CatalogSnapshot, artifact: PostgresArtifact): Found[] {
  return catalog.schemas
    .filter((schema) => artifact.schemas.includes(schema.name) && openTo(schema.defaultGrants) !== "")
    .map((schema) => ({
      code: "lint/default-privileges",
      object: schema.name,
      message: `Whatever is made in the schema later is open to ${openTo(schema.defaultGrants)} by itself.`,
      hint: "ALTER DEFAULT PRIVILEGES … REVOKE ALL … FROM PUBLIC, anon, authenticated.",
    }));
}

function foreignKeys(catalog: CatalogSnapshot, artifact: PostgresArtifact): Found[] {
  return catalog.foreignKeys
    .filter((key) => isListed(artifact, key.schema, key.table))
    .filter((key) => isListed(artifact, key.references.schema, key.references.table))
    .filter((key) => mayGuess(artifact, key.schema, key.table, key.columns))
    .map((key) => ({
      code: "lint/foreign-key-oracle",
      object: `${key.schema}.${key.table}.${key.columns.join(", ")}`,
      message: `Foreign keys pass row level security: a writer learns which rows of ${key.references.schema}.${key.references.table} exist, and may refer to one they cannot see.`,
      hint: "Use random keys, and let insert and update require membership or ownership of the parent.",
    }));
}

/** Whether a client may write such a key with a value that has nothing to do with itself. */
function mayGuess(artifact: PostgresArtifact, schema: string, name: string, columns: readonly string[]): boolean {
  const table = artifact.tables.find((candidate) => candidate.schema === schema && candidate.name === name);
  if (table === undefined || columns.some((column) => table.tied.includes(column))) return false;
  return table.grants.some(
    (grant) =>
      (grant.action === "insert" || grant.action === "update") &&
      columns.some((column) => grant.columns?.includes(column)),
  );
}

/** The author has thought of it, and says why. */
const deliberate = /^cascade is meant: \S/;

function cascades(catalog: CatalogSnapshot, artifact: PostgresArtifact): Found[] {
  return catalog.foreignKeys
    .filter((key) => key.onDelete !== "no action" && key.onDelete !== "restrict" && !deliberate.test(key.comment ?? ""))
    .filter((key) => isListed(artifact, key.schema, key.table))
    .map((key) => ({
      code: "lint/cascade",
      object: `${key.schema}.${key.table}.${key.columns.join(", ")}`,
      message: `Deleting a row of ${key.references.schema}.${key.references.table} changes rows here (ON DELETE ${key.onDelete.toUpperCase()}) that the one who deletes may not see.`,
      hint: "Use ON DELETE RESTRICT, or say why in a migration: COMMENT ON CONSTRAINT … IS 'cascade is meant: …'.",
    }));
}

function uniqueKeys(catalog: CatalogSnapshot, artifact: PostgresArtifact): Found[] {
  return catalog.indexes
    .filter((index) => index.unique && !index.primary && isListed(artifact, index.schema, index.table))
    .filter((index) =>
      mayGuess(
        artifact,
        index.schema,
        index.table,
        index.columns.filter((column) => column !== null),
      ),
    )
    .map((index) => ({
      code: "lint/unique-oracle",
      object: `${index.schema}.${index.table}.${index.name}`,
      message: "A unique index tells a writer that a value exists in a row they cannot see (SQLSTATE 23505).",
      hint: "Put the owner's or the group's column into the unique key.",
    }));
}

function leakyFilters(catalog: CatalogSnapshot, artifact: PostgresArtifact): Found[] {
  return catalog.indexes
    .filter((index) => !index.leakproof && isListed(artifact, index.schema, index.table))
    .map((index) => ({
      code: "lint/leaky-filter",
      object: `${index.schema}.${index.table}.${index.name}`,
      message:
        "The index has an operator that is not leakproof, so PostgreSQL checks the policy on every row before it may use it.",
      hint: "Begin the index with a column the policy compares, or search in a function that checks the rights itself.",
    }));
}

function publications(catalog: CatalogSnapshot, artifact: PostgresArtifact): Found[] {
  return listed(catalog, artifact)
    .filter((table) => table.publications.length > 0)
    .map((table) => ({
      code: "lint/publication",
      object: named(table),
      message: `The publication ${table.publications.join(", ")} carries every row: logical replication knows no row level security.`,
      hint: "Publish with a row filter, or protect the subscriber as well.",
    }));
}

function unsealedColumns(catalog: CatalogSnapshot, artifact: PostgresArtifact): Found[] {
  return artifact.tables.flatMap((table) => {
    const live = catalog.relations.find(({ schema, name }) => schema === table.schema && name === table.name);
    return Object.entries(table.columns)
      .filter(([name, { type }]) => {
        const found = live?.columns.find((column) => column.name === name);
        return type === "sealed" && found !== undefined && found.type !== "sealed";
      })
      .map(([name]) => ({
        code: "lint/unsealed" as const,
        object: `${table.schema}.${table.name}.${name}`,
        message: "The policy seals the column, and PostgreSQL holds its values as they are.",
        hint: `holdfast seal ${table.name}.${name} seals them while the application goes on.`,
      }));
  });
}
