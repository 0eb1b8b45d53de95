// The alert log and the alerts folded from it.
import { canonicalJson } from "@holdfast/policy";
import type { ChainRow } from "../store/chain.ts";
import { type BodyOf, type ChainedLog, openChainedLog } from "../store/chained-log.ts";
import type { Database } from "../store/database.ts";
import { readEntry, sequenceOfEntry } from "../store/log-entry.ts";
import type { SealedHead } from "../store/sealed-head.ts";
import type { AlertEntry } from "./alert-entry.ts";
import { type AlertState, emptyAlertState, foldAlert } from "./alert-fold.ts";

export interface AlertLog {
  readonly chain: ChainedLog;
  readonly state: AlertState;
  /** Applies what other processes, or this one before its start, wrote. */
  refresh(): Promise<void>;
  /** Applies rows this process has just committed. */
  apply(rows: readonly ChainRow[]): void;
}

export const alertBody =
  (entry: AlertEntry): BodyOf =>
  (seq) =>
    canonicalJson({ seq, entry });

export async function openAlertLog(options: {
  readonly database: Database;
  readonly sealedHead: SealedHead;
  readonly onSealFailure?: (cause: unknown) => void;
}): Promise<AlertLog> {
  const chain = await openChainedLog({ ...options, table: "alert_log", sequenceOf: sequenceOfEntry });
  const state = emptyAlertState();
  let appliedSeq = 0;
  const apply = (rows: readonly ChainRow[]): void => {
    for (const row of rows) {
      if (row.seq <= appliedSeq) continue;
      foldAlert(state, readEntry<AlertEntry>(row.body));
      appliedSeq = row.seq;
    }
  };
  const refresh = async (): Promise<void> => {
    for await (const rows of chain.pagesAfter(appliedSeq)) apply(rows);
  };
  await refresh();
  return { chain, state, refresh, apply };
}
