// Looks at how a database does: `watchDatabase` is cheap and may be asked every few seconds, `studyDatabase` reads plans, tables and
// catalogs. Both only read, in a transaction that is rolled back, and say what they could not see and how long they took.

import type { ClientBase } from "pg";
import { readIndexAdvice, type ScannedStatement } from "./index-advice.ts";
import { planStatement, readPlanner } from "./plan-statement.ts";
import { asMonitor } from "./question.ts";
import { readActivity } from "./read-activity.ts";
import { readBloat } from "./read-bloat.ts";
import { readStatements } from "./read-statements.ts";
import { readCounters, readInputOutput, readTables } from "./read-storage.ts";
import type { DatabaseStudy, DatabaseWatch, StudiedStatement } from "./shapes.ts";

export async function watchDatabase(client: ClientBase): Promise<DatabaseWatch> {
  const began = performance.now();
  return asMonitor(client, async (questions) => {
    const activity = await readActivity(questions);
    const counters = await readCounters(questions);
    const { roles } = await readStatements(questions);
    return { activity, counters, roles, notSeen: questions.notSeen, tookMs: performance.now() - began };
  });
}

export async function studyDatabase(client: ClientBase): Promise<DatabaseStudy> {
  const began = performance.now();
  return asMonitor(client, async (questions) => {
    const { statements, since, counted } = await readStatements(questions);
    const planner = await readPlanner(questions);
    const shown: StudiedStatement[] = [];
    const scanned: ScannedStatement[] = [];
    for (const { raw, ...times } of statements) {
      const { node, ...planned } = await planStatement(questions, planner, { raw, role: times.role });
      shown.push({ ...times, ...planned });
      if (node !== null) scanned.push({ ...times, node });
    }
    const inputOutput = await readInputOutput(questions);
    const tables = await readTables(questions);
    const bloat = await readBloat(questions);
    const advice = await readIndexAdvice(questions, scanned);
    return {
      statements: shown,
      statementsSince: since,
      statementsCounted: counted,
      inputOutput,
      tables,
      bloat,
      advice,
      notSeen: questions.notSeen,
      tookMs: performance.now() - began,
    };
  });
}
