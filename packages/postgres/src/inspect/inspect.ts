// Looks at any database, also one Holdfast never touched, and says what is wrong with it. It reads; with attacks it tries what it says,
// inside a transaction that is always rolled back. What it was not allowed to see is part of the result.
import type { ClientBase } from "pg";
import { runAttack } from "./attack.ts";
import { inspectPlans } from "./plan/inspect-plans.ts";
import { readPolicies } from "./policy/read-policy.ts";
import { readSubject } from "./read-subject.ts";
import type { Finding, Found } from "./rule/finding.ts";
import type { CatalogRule, PolicyRule, Row, Rule } from "./rule/rule.ts";
import type { Subject } from "./rule/subject.ts";
import { rules as everyRule } from "./rules.ts";

/** Longest time for the question of one rule, in milliseconds. */
export const RULE_TIMEOUT_MS = 20_000;
const LOCK_TIMEOUT_MS = 1_000;
/** Findings of one rule that are kept; the others are counted. */
export const FOUND_MAX = 1_000;
/** Attacks of one rule that are run. */
export const ATTACKS_MAX = 50;

export interface InspectOptions {
  /** Roles that requests run as; without it they are found out. */
  readonly requestRoles?: readonly string[];
  /** `reads` runs the attacks that read, `writes` also those that write. All are rolled back. */
  readonly attacks?: "none" | "reads" | "writes";
  readonly rules?: readonly Rule[];
  readonly progress?: (text: string) => void;
}

/** Something a rule would have needed. */
export interface Unseen {
  readonly rule: string;
  readonly what: string;
  readonly hint: string;
}

export interface Inspection {
  readonly server: string;
  readonly requestRoles: readonly string[];
  readonly skippedSchemas: readonly string[];
  readonly findings: readonly Finding[];
  /** How many more a rule found than are listed. */
  readonly more: Readonly<Record<string, number>>;
  readonly unseen: readonly Unseen[];
  readonly looked: { readonly rules: number; readonly relations: number; readonly policies: number };
}

/** A transaction of its own, rolled back at the end. */
export async function inspectDatabase(client: ClientBase, options: InspectOptions = {}): Promise<Inspection> {
  const mode = options.attacks === "writes" ? "READ WRITE" : "READ ONLY";
  await client.query(`BEGIN ISOLATION LEVEL REPEATABLE READ ${mode}`);
  try {
    return await inspectInTransaction(client, options);
  } finally {
    await client.query("ROLLBACK");
  }
}

/** Inside the caller's transaction, which should be rolled back: its search path and time limits are changed. */
export async function inspectInTransaction(client: ClientBase, options: InspectOptions = {}): Promise<Inspection> {
  await client.query(
    `SET LOCAL search_path = ''; SET LOCAL statement_timeout = ${RULE_TIMEOUT_MS}; SET LOCAL lock_timeout = ${LOCK_TIMEOUT_MS}; SET LOCAL jit = off`,
  );
  const rules = options.rules ?? everyRule;
  const subject = await readSubject(client, options.requestRoles);
  const gathered: Gathered = { findings: [], counts: new Map(), unseen: [], policies: 0 };
  for (const rule of rules) {
    if (rule.kind !== "catalog") continue;
    options.progress?.(rule.title);
    await askCatalog(client, rule, subject, gathered);
  }
  const policyRules = rules.filter((rule): rule is PolicyRule => rule.kind === "policy");
  if (policyRules.length > 0) {
    options.progress?.("Reading every policy");
    await guarded(client, "policies", gathered, () => judgePolicies(client, policyRules, subject, gathered));
  }
  for (const rule of rules) {
    if (rule.kind !== "plan") continue;
    options.progress?.(rule.title);
    await guarded(client, rule.id, gathered, async () => {
      const { found, unseen } = await inspectPlans(client, subject);
      for (const each of found) keep(gathered, rule, each);
      gathered.unseen.push(...unseen.map((each) => ({ rule: rule.id, ...each })));
    });
  }
  const findings =
    options.attacks === undefined || options.attacks === "none"
      ? gathered.findings
      : await attacked(client, gathered.findings, options);
  return {
    server: subject.versionText,
    requestRoles: subject.requestRoles.map(({ name }) => name),
    skippedSchemas: subject.skippedSchemas,
    findings,
    more: moreOf(gathered),
    unseen: gathered.unseen,
    looked: { rules: rules.length, relations: await countRelations(client, subject), policies: gathered.policies },
  };
}

interface Gathered {
  readonly findings: Finding[];
  /** How many of each rule. */
  readonly counts: Map<string, number>;
  readonly unseen: Unseen[];
  policies: number;
}

function keep(gathered: Gathered, rule: Rule, found: Found): void {
  const count = (gathered.counts.get(rule.id) ?? 0) + 1;
  gathered.counts.set(rule.id, count);
  if (count > FOUND_MAX) return;
  const fix = found.fix.map(asOneComment);
  gathered.findings.push({ ...found, fix, rule: rule.id, severity: found.severity ?? rule.severity });
}

/** A comment ends where its line does, and names may hold breaks: what follows one would be a statement of whoever chose the name. */
const asOneComment = (line: string): string => (line.startsWith("--") ? line.replaceAll(/[\r\n]/g, " ") : line);

function moreOf(gathered: Gathered): Record<string, number> {
  return Object.fromEntries(
    [...gathered.counts].filter(([, count]) => count > FOUND_MAX).map(([rule, count]) => [rule, count - FOUND_MAX]),
  );
}

async function askCatalog(client: ClientBase, rule: CatalogRule, subject: Subject, gathered: Gathered): Promise<void> {
  for (const sight of rule.needs ?? []) {
    const { rows } = await client.query<{ may: boolean }>(
      // to_regclass would be refused where the schema may not be used.
      `SELECT has_schema_privilege(n.oid, 'USAGE') AND has_any_column_privilege(c.oid, 'SELECT') AS may
       FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace WHERE format('%s.%s', n.nspname, c.relname) = $1`,
      [sight],
    );
    if (rows.length === 0) return; // What is not there has no fault.
    if (rows[0]?.may !== true) {
      const hint = `GRANT SELECT ON ${sight} TO whoever inspects, or inspect as a superuser.`;
      gathered.unseen.push({ rule: rule.id, what: `${sight} may not be read`, hint });
      return;
    }
  }
  await guarded(client, rule.id, gathered, async () => {
    const roles = subject.requestRoles.map(({ oid }) => oid);
    const { rows } = await client.query<Row>({
      text: `SELECT found.*, count(*) OVER () AS every FROM (${rule.query}) AS found
             WHERE $1::oid[] IS NOT NULL AND $2::text[] IS NOT NULL ORDER BY found.object LIMIT ${FOUND_MAX}`,
      values: [roles, subject.skippedSchemas],
    });
    for (const row of rows) {
      const found = rule.found(row, subject);
      if (found !== undefined) keep(gathered, rule, found);
    }
    const every = Number(rows[0]?.["every"] ?? 0);
    if (every > FOUND_MAX) gathered.counts.set(rule.id, every);
  });
}

async function judgePolicies(
  client: ClientBase,
  rules: readonly PolicyRule[],
  subject: Subject,
  gathered: Gathered,
): Promise<void> {
  for await (const policy of readPolicies(client, subject)) {
    gathered.policies += 1;
    for (const rule of rules) {
      const found = rule.judge(policy, subject);
      if (found !== undefined) keep(gathered, rule, found);
    }
  }
}

/** A rule that cannot be asked is told; the others go on. */
async function guarded(client: ClientBase, rule: string, gathered: Gathered, work: () => Promise<void>): Promise<void> {
  await client.query("SAVEPOINT holdfast_rule");
  try {
    await work();
    await client.query("RELEASE SAVEPOINT holdfast_rule");
  } catch (error) {
    const code = (error as { code?: unknown }).code;
    // Only PostgreSQL's refusals are answers; a mistake of ours is not hidden behind one.
    if (typeof code !== "string" || !/^[0-9A-Z]{5}$/.test(code)) throw error;
    await client.query("ROLLBACK TO SAVEPOINT holdfast_rule; RELEASE SAVEPOINT holdfast_rule");
    const isLate = code === "57014";
    gathered.unseen.push({
      rule,
      what: isLate ? `no answer within ${RULE_TIMEOUT_MS / 1_000} s` : `PostgreSQL refused the question (${code})`,
      hint: isLate ? "Inspect at a quieter time, or a replica." : "Inspect as a role that may read the catalogs.",
    });
  }
}

async function attacked(
  client: ClientBase,
  findings: readonly Finding[],
  options: InspectOptions,
): Promise<readonly Finding[]> {
  const counts = new Map<string, number>();
  const proven: Finding[] = [];
  for (const finding of findings) {
    const count = (counts.get(finding.rule) ?? 0) + 1;
    counts.set(finding.rule, count);
    if (finding.attack === undefined || count > ATTACKS_MAX) proven.push(finding);
    else {
      options.progress?.(`Attacking ${finding.object}`);
      proven.push({ ...finding, proof: await runAttack(client, finding.attack, options.attacks === "writes") });
    }
  }
  return proven;
}

async function countRelations(client: ClientBase, subject: Subject): Promise<number> {
  const { rows } = await client.query<{ count: number }>(
    `SELECT count(*)::int AS count FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
     WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f') AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema' AND n.nspname::text <> ALL ($1::text[])`,
    [subject.skippedSchemas],
  );
  return rows[0]?.count ?? 0;
}
