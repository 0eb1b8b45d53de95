// The function behind a `member` condition: the groups of the one who asks. It answers about nobody else, for it takes no argument.
// SECURITY DEFINER and owned by the reader role, so that reading the membership table neither needs the caller's rights nor runs that
// table's own policies (no 42501, no endless recursion 42P17). STABLE and PARALLEL SAFE, or plans would lose index and workers.
import { createHash } from "node:crypto";
import { type ColumnType, type Condition, canonicalJson, type Policy } from "@holdfast/policy";
import { declaredColumn } from "./declared-column.ts";
import { READER_ROLE, type RequestRole, SET_SCHEMA, type SetFunction, type Statement } from "./model.ts";
import {
  byteLength,
  IDENTIFIER_BYTES_MAX,
  quoteArray,
  quoteBody,
  quoteIdentifier,
  quoteQualified,
  sqlType,
} from "./quoting.ts";

type Member = Extract<Condition, { kind: "member" }>;

export interface MembershipSet {
  readonly name: string;
  readonly element: ColumnType;
  /** The call, as it stands in a policy. */
  readonly call: string;
  readonly body: string;
  readonly reads: SetFunction["reads"];
}

/** Hexadecimal digits of the definition's hash that keep two sets of one table apart. */
const HASH_DIGITS = 8;

/** A deterministic name of at most 63 bytes: what it is about, then a part of the hash of `identity`. */
export function hashedName(readable: string, identity: string): string {
  const suffix = `_${createHash("sha256").update(identity).digest("hex").slice(0, HASH_DIGITS)}`;
  let head = [...readable];
  while (byteLength(head.join("")) + suffix.length > IDENTIFIER_BYTES_MAX) head = head.slice(0, -1);
  return `${head.join("")}${suffix}`;
}

export function membershipSet(policy: Policy, member: Member): MembershipSet {
  const table = Object.hasOwn(policy.tables, member.table) ? policy.tables[member.table] : undefined;
  if (table === undefined) throw new Error(`the policy names the table ${member.table} but does not declare it`);
  const element = declaredColumn(table, member.group).type;
  const lines = [
    `SELECT ${quoteIdentifier(member.group)}`,
    `FROM ${quoteQualified(table.schema, table.name)}`,
    `WHERE ${quoteIdentifier(member.subject)} = (SELECT holdfast.subject_id())`,
    // One null in the set would make every "no" an "unknown", which `not` does not turn into a yes.
    `  AND ${quoteIdentifier(member.group)} IS NOT NULL`,
  ];
  if (member.where !== undefined) {
    const { column, values } = member.where;
    lines.push(`  AND ${quoteIdentifier(column)} = ANY (${quoteArray(values, declaredColumn(table, column).type)})`);
  }
  if (member.until !== undefined) {
    const until = quoteIdentifier(member.until);
    lines.push(`  AND (${until} IS NULL OR ${until} > now())`);
  }
  const columns = [member.group, member.subject, member.where?.column, member.until].filter(
    (name) => name !== undefined,
  );
  const name = hashedName(
    `${table.name}_${member.group}`,
    canonicalJson({ ...member, column: element, schema: table.schema }),
  );
  return {
    name,
    element,
    call: `${SET_SCHEMA}.${quoteIdentifier(name)}()`,
    body: lines.join("\n"),
    reads: { schema: table.schema, table: table.name, columns: [...new Set(columns)].sort() },
  };
}

/** The set as a function with its owner and its rights. */
export function setFunction(set: MembershipSet, roles: readonly RequestRole[]): SetFunction {
  const call = set.call;
  const statements: Statement[] = [
    {
      what: `make the set ${set.name}`,
      sql: [
        `CREATE OR REPLACE FUNCTION ${call} RETURNS SETOF ${sqlType(set.element)}`,
        "LANGUAGE sql STABLE PARALLEL SAFE SECURITY DEFINER SET search_path = ''",
        `AS ${quoteBody(set.body)}`,
      ].join("\n"),
    },
    { what: `give the set ${set.name} to ${READER_ROLE}`, sql: `ALTER FUNCTION ${call} OWNER TO ${READER_ROLE}` },
    {
      what: `let nobody call the set ${set.name}`,
      sql: `REVOKE ALL ON FUNCTION ${call} FROM PUBLIC, anon, authenticated`,
    },
    {
      what: `let ${roles.join(", ")} call the set ${set.name}`,
      sql: `GRANT EXECUTE ON FUNCTION ${call} TO ${roles.join(", ")}`,
    },
  ];
  return { name: set.name, element: set.element, reads: set.reads, roles, body: set.body, statements };
}
