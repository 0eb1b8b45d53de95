// How a database does, as people read it: first who waits, then where the time goes, then what is worth doing.
import type { BlockingNode, DatabaseStudy, DatabaseWatch, Session, StudiedStatement } from "@holdfast/postgres";
import { count, type Terminal } from "../terminal.ts";

/** Statements, tables and pieces of advice that are shown without --all. */
const SHOWN_MAX = 8;
const TEXT_CHARACTERS_MAX = 160;

export function tellPerformance(watch: DatabaseWatch, study: DatabaseStudy, terminal: Terminal, isAll: boolean): void {
  const shown = <T>(list: readonly T[]): readonly T[] => (isAll ? list : list.slice(0, SHOWN_MAX));
  const { activity, counters } = watch;
  terminal.line(
    `${activity.connections} of ${count(activity.connectionsMax, "connection")}: ${counted(activity.states) || "nobody else"}.` +
      ` Active ones wait for: ${counted(activity.waits) || "nothing"}.`,
  );
  if (counters !== null)
    terminal.line(
      `${megabytes(counters.bytes)}; ${percent(counters.blocksHit, counters.blocksHit + counters.blocksRead)} of blocks found in the cache; ` +
        `${count(counters.deadlocks, "deadlock")}, ${megabytes(counters.temporaryBytes)} written to temporary files.`,
    );
  for (const tree of activity.blocking) for (const line of treeLines(tree)) terminal.warn(line);
  terminal.line();
  terminal.line("Statements by time, as the role that ran them:");
  for (const statement of shown(study.statements)) tellStatement(statement, terminal, isAll);
  if (study.statements.length === 0) terminal.line("  none were counted");
  const bloated = study.bloat.filter(({ isBloated }) => isBloated);
  terminal.line();
  terminal.line(`${count(study.bloat.length, "table")} looked at for bloat, ${bloated.length} bloated.`);
  for (const { table, share, deadBytes, freeBytes, method, mend } of shown(bloated)) {
    terminal.line(
      `  ${table}: ${Math.round(share * 100)} % (${megabytes(deadBytes + freeBytes)}) holds nothing, ${method}`,
    );
    terminal.line(`    ${mend ?? ""}`);
  }
  terminal.line();
  terminal.line(
    `Indexes: ${study.advice.length === 0 ? "nothing to advise" : count(study.advice.length, "piece") + " of advice"}.`,
  );
  for (const { object, rule, reason, sql } of shown(study.advice)) {
    terminal.line(`  ${object}: ${reason}  [${rule}]`);
    for (const line of sql) terminal.line(`    ${line}`);
  }
  terminal.line();
  for (const { what, reason } of [...watch.notSeen, ...study.notSeen]) terminal.warn(`Not seen: ${what}; ${reason}.`);
  terminal.line(`Looking took ${Math.round(watch.tookMs)} ms and ${Math.round(study.tookMs)} ms.`);
}

function tellStatement(
  { role, text, calls, totalMs, meanMs, policyCost, notPlanned, plan }: StudiedStatement,
  terminal: Terminal,
  isAll: boolean,
): void {
  const policy =
    policyCost === null
      ? `policies: unknown, ${notPlanned ?? "no plan"}`
      : policyCost.tables.length === 0
        ? "no policies"
        : policyCost.share < 0
          ? "policies let it read less"
          : `policies ${Math.round(policyCost.share * 100)} % of the planned cost`;
  terminal.line(
    `  ${Math.round(totalMs)} ms in ${count(calls, "call")}, ${meanMs.toFixed(2)} ms each, as ${role}; ${policy}`,
  );
  terminal.line(`    ${isAll || text.length <= TEXT_CHARACTERS_MAX ? text : `${text.slice(0, TEXT_CHARACTERS_MAX)}…`}`);
  if (isAll) for (const line of plan) terminal.line(`      ${line}`);
}

function treeLines({ pid, session, blocks }: BlockingNode<Session>, depth = 0): readonly string[] {
  const indent = "  ".repeat(depth);
  const who = session === undefined ? "a prepared transaction, or one that has ended" : (session.login ?? "unknown");
  const what =
    session === undefined || session.lockWaitMs === null
      ? `holds up ${blocks.length}, ${session?.state ?? "unknown"}`
      : `waits ${(session.lockWaitMs / 1_000).toFixed(1)} s for ${session.lock ?? "a lock"}`;
  return [
    `${indent}${pid} ${who}: ${what}${session === undefined ? "" : `: ${session.text.slice(0, TEXT_CHARACTERS_MAX)}`}`,
    ...blocks.flatMap((node) => treeLines(node, depth + 1)),
  ];
}

const counted = (counts: Readonly<Record<string, number>>): string =>
  Object.entries(counts)
    .map(([name, number]) => `${number} ${name}`)
    .join(", ");
const megabytes = (bytes: number): string => `${(bytes / 1_000_000).toFixed(1)} MB`;
const percent = (part: number, whole: number): string =>
  whole === 0 ? "none" : `${((part / whole) * 100).toFixed(1)} %`;
