// The incident log and the incidents folded from it.
import { canonicalJson } from "@holdfast/policy";
import type { ChainRow } from "../store/chain.ts";
import { type BodyOf, type ChainedLog, openChainedLog } from "../store/chained-log.ts";
import type { Database } from "../store/database.ts";
import { readEntry, sequenceOfEntry } from "../store/log-entry.ts";
import type { SealedHead } from "../store/sealed-head.ts";
import type { IncidentLogEntry } from "./incident-entry.ts";
import { foldIncident, type IncidentState } from "./incident-fold.ts";

export interface IncidentLog {
  readonly chain: ChainedLog;
  readonly state: IncidentState;
  refresh(): Promise<void>;
  apply(rows: readonly ChainRow[]): void;
}

export const incidentBody =
  (entry: IncidentLogEntry): BodyOf =>
  (seq) =>
    canonicalJson({ seq, entry });

export async function openIncidentLog(options: {
  readonly database: Database;
  readonly sealedHead: SealedHead;
  readonly onSealFailure?: (cause: unknown) => void;
}): Promise<IncidentLog> {
  const chain = await openChainedLog({ ...options, table: "incident_log", sequenceOf: sequenceOfEntry });
  const state: IncidentState = new Map();
  let appliedSeq = 0;
  const apply = (rows: readonly ChainRow[]): void => {
    for (const row of rows) {
      if (row.seq <= appliedSeq) continue;
      foldIncident(state, readEntry<IncidentLogEntry>(row.body));
      appliedSeq = row.seq;
    }
  };
  const refresh = async (): Promise<void> => {
    for await (const rows of chain.pagesAfter(appliedSeq)) apply(rows);
  };
  await refresh();
  return { chain, state, refresh, apply };
}
