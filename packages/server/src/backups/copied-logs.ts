// The append-only logs of a restored copy: every record must hash to what stands with it. The sealed head is the source's and may
// be ahead of the moment that was restored, so it is not asked.
import { EMPTY_HEAD, linkHash } from "../store/chain.ts";
import { type LogTable, readPages } from "../store/chained-log.ts";
import type { Statements } from "../store/database.ts";

const tables: readonly LogTable[] = ["event", "evidence", "alert_log", "incident_log"];

export interface CopiedLogs {
  readonly logs: number;
  readonly records: number;
  /** Such as "record 7 of event". */
  readonly fault: string | undefined;
}

export async function verifyCopiedLogs(statements: Statements): Promise<CopiedLogs> {
  let records = 0;
  for (const table of tables) {
    let head = EMPTY_HEAD;
    for await (const rows of readPages(statements, table, 0)) {
      for (const row of rows) {
        const follows = row.seq === head.seq + 1 && row.previousHash === head.hash;
        if (!follows || linkHash(row.previousHash, row.body) !== row.hash)
          return { logs: tables.length, records, fault: `record ${row.seq} of ${table}` };
        head = { seq: row.seq, hash: row.hash };
        records += 1;
      }
    }
  }
  return { logs: tables.length, records, fault: undefined };
}
