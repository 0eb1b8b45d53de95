// The set functions: what they say, whose rights they have, and who may call them.
import {
  type CatalogFunction,
  type CatalogSnapshot,
  LEND_READER,
  type PostgresArtifact,
  quoteIdentifier,
  READER_ROLE,
  SET_SCHEMA,
  type SetFunction,
  sqlType,
} from "@holdfast/compile";
import type { Difference } from "./difference.ts";

/** Functions to make or correct. Before the policies that call them. */
export function setDifferences(catalog: CatalogSnapshot, artifact: PostgresArtifact): Difference[] {
  return artifact.sets.flatMap((set): Difference[] => {
    const object = `${SET_SCHEMA}.${set.name}()`;
    const found = catalog.functions.find(
      (made) => made.schema === SET_SCHEMA && made.name === set.name && made.arguments === "",
    );
    const expected = `the set of ${set.reads.schema}.${set.reads.table} with the rights of ${READER_ROLE}`;
    const call = `${SET_SCHEMA}.${quoteIdentifier(set.name)}()`;
    const sql = [LEND_READER, ...set.statements.map((statement) => statement.sql)];
    if (found === undefined) return [{ code: "drift/set-missing", object, expected, found: "no such function", sql }];
    const changed = whatChanged(set, found);
    if (changed.length === 0) return [];
    if (!returnsElements(set, found)) {
      // PostgreSQL cannot change what a function returns. Whatever depends on the wrong one stops the apply.
      return [
        {
          code: "drift/set-changed",
          object,
          expected,
          found: changed.join("; "),
          sql: [`DROP FUNCTION ${call}`, ...sql],
        },
      ];
    }
    const revokes = found.grants
      .filter(({ grantee }) => grantee !== "PUBLIC")
      .map(({ grantee }) => `REVOKE ALL ON FUNCTION ${call} FROM ${quoteIdentifier(grantee)}`);
    return [{ code: "drift/set-changed", object, expected, found: changed.join("; "), sql: [...revokes, ...sql] }];
  });
}

function whatChanged(set: SetFunction, found: CatalogFunction): string[] {
  const grantees = found.grants.map(({ grantee }) => grantee).sort();
  const changes: readonly (readonly [boolean, string])[] = [
    [found.source !== set.body, "another text"],
    [found.owner !== READER_ROLE, `owned by ${found.owner}`],
    [found.language !== "sql", `in the language ${found.language}`],
    [!found.securityDefiner, "security invoker"],
    [found.volatility !== "stable", found.volatility],
    [found.parallel !== "safe", `parallel ${found.parallel}`],
    [found.leakproof, "leakproof"],
    [found.configuration.join() !== 'search_path=""', `settings ${found.configuration.join() || "none"}`],
    [!returnsElements(set, found), `returns ${found.returns}`],
    [grantees.join() !== [...set.roles].sort().join(), `callable by ${grantees.join(", ") || "nobody"}`],
  ];
  return changes.filter(([changed]) => changed).map(([, change]) => change);
}

function returnsElements(set: SetFunction, found: CatalogFunction): boolean {
  return found.returnsSet && `pg_catalog.${found.returns}` === sqlType(set.element);
}

/** Functions in the sets' schema that no policy calls. After the policies that may have called them. */
export function staleSets(catalog: CatalogSnapshot, artifact: PostgresArtifact): Difference[] {
  return catalog.functions
    .filter((made) => made.schema === SET_SCHEMA)
    .filter((made) => made.arguments !== "" || !artifact.sets.some(({ name }) => name === made.name))
    .map((made) => ({
      code: "drift/set-unexpected",
      object: `${SET_SCHEMA}.${made.name}(${made.arguments})`,
      expected: "no other functions than the compiled ones",
      found: `a function of ${made.owner}`,
      sql: [`DROP FUNCTION ${SET_SCHEMA}.${quoteIdentifier(made.name)}(${made.arguments})`],
    }));
}
