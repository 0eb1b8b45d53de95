// A blind index of few different values tells them all: whoever sees the groups and their sizes can name them. The policy
// refuses types that have few values; of texts only the data can say.
import { DatabaseError } from "../error.ts";
import { columnPath } from "./sealed-column.ts";
import { quoted, type SealedTable, tableOf } from "./sealed-table.ts";

/** Fewer rows say nothing yet. */
const ROWS_MIN = 100;
const DIFFERENT_SHARE_MIN = 0.1;
const COMMONEST_SHARE_MAX = 0.05;

/** @throws DatabaseError `database/sealed-unbound` when the column holds few different values */
export async function refuseFewValues({ client, column }: SealedTable): Promise<void> {
  const name = quoted(column.name);
  const { rows } = await client.query<{ total: number; different: number; commonest: number }>(
    `select coalesce(sum(n), 0)::float8 as total, count(*)::float8 as different, coalesce(max(n), 0)::float8 as commonest
       from (select count(*) as n from ${tableOf(column)} where ${name} is not null group by ${name}::text) groups`,
  );
  const { total, different, commonest } = rows[0] ?? { total: 0, different: 0, commonest: 0 };
  if (total < ROWS_MIN) return;
  if (different / total >= DIFFERENT_SHARE_MIN && commonest / total <= COMMONEST_SHARE_MAX) return;
  throw new DatabaseError(
    "database/sealed-unbound",
    {
      expected: `many different values in ${columnPath(column)}, none of them common, for a blind index`,
      found: `${different} different values in ${total} rows, the commonest in ${commonest}`,
      hint: "An index of so few values tells them all: seal the column without blindIndex.",
    },
    { schema: column.schema, table: column.relation, column: column.name },
  );
}
