// The application's tables: how each column is kept, and who can do what with the rows, by which line of the policy.
import type { DataColumn, DataReport, DataTable, RowSecurity } from "@holdfast/server/api";
import { useQuery } from "@tanstack/react-query";
import { Answer } from "../../ui/answer.tsx";
import { ScrollArea } from "../../ui/scroll-area.tsx";
import { data } from "../platform/data-client.ts";
import { TableAccess, UnmaskedAccess } from "./table-access.tsx";

export function DataPage() {
  const query = useQuery({ queryKey: ["data"], queryFn: ({ signal }) => data.tables(signal) });
  return (
    <>
      <h1>Data</h1>
      <Answer query={query} what="the tables">
        {(report) => (report.tables.length === 0 ? <p>The policy names no table.</p> : <Report report={report} />)}
      </Answer>
    </>
  );
}

function Report({ report: { tables } }: { readonly report: DataReport }) {
  const named = tables.flatMap(({ name, columns }) =>
    columns.map((column) => ({ ...column, at: `${name}.${column.name}` })),
  );
  return (
    <>
      <dl className="facts">
        <div className="pair">
          <dt>Sealed columns</dt>
          <dd>{listed(named.filter(({ sealed }) => sealed !== null))}</dd>
        </div>
        <div className="pair">
          <dt>Masked columns</dt>
          <dd>{listed(named.filter(({ mask }) => mask !== null))}</dd>
        </div>
      </dl>
      <p className="under">
        The rules are the policy’s. Whether the database keeps them, and how it stores a column, was asked of the
        database itself when this page was loaded.
      </p>
      <nav aria-label="Tables">
        <ul className="filters places">
          {tables.map(({ name }) => (
            <li key={name}>
              <a href={`#table-${name}`}>{name}</a>
            </li>
          ))}
        </ul>
      </nav>
      {tables.map((table) => (
        <TableCard key={table.name} table={table} />
      ))}
    </>
  );
}

const listed = (columns: readonly { readonly at: string }[]) =>
  columns.length === 0 ? "none" : columns.map(({ at }) => at).join(", ");

function TableCard({ table }: { readonly table: DataTable }) {
  return (
    <section className="card" aria-labelledby={`table-${table.name}`}>
      <h2 id={`table-${table.name}`}>{table.name}</h2>
      <RowSecurityLine state={table.rowSecurity} />
      {table.isAudited ? (
        <p className="under">By the policy, every change of a row leaves a leaf in the audit log.</p>
      ) : null}
      <ScrollArea label={`Columns of ${table.name}`}>
        <table>
          <thead>
            <tr>
              <th scope="col">Column</th>
              <th scope="col">Type</th>
              <th scope="col">How it is kept</th>
              <th scope="col">In the database</th>
              <th scope="col">Requests may write it</th>
            </tr>
          </thead>
          <tbody>
            {table.columns.map((column) => (
              <tr key={column.name}>
                <th scope="row">
                  <code>{column.name}</code>
                </th>
                <td>
                  {column.type}
                  {column.nullable ? ", may be empty" : ""}
                </td>
                <td>{keptWords(column)}</td>
                <td>
                  <Stored column={column} />
                </td>
                <td>{column.writable ? "yes" : "no"}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </ScrollArea>
      <TableAccess table={table} />
      <UnmaskedAccess table={table} />
    </section>
  );
}

const securityWords: Readonly<Record<RowSecurity, string>> = {
  forced: "Row-level security is on, for the table’s owner too.",
  on: "Row-level security is on, but not for the table’s owner.",
  off: "Row-level security is off: whoever reaches this table reads all of it.",
  absent: "The database has no such table.",
};

function RowSecurityLine({ state }: { readonly state: RowSecurity }) {
  return <p className={state === "forced" ? "under" : "problem"}>{securityWords[state]}</p>;
}

function keptWords({ sealed, mask }: DataColumn): string {
  if (sealed !== null) {
    const key = sealed.subject === null ? "one key for all rows" : `a key for each ${sealed.subject}`;
    return `sealed, ${key}${sealed.blindIndex ? "; equal values can be found" : ""}`;
  }
  return mask === null ? "as it is" : `masked (${mask})`;
}

function Stored({ column: { storedAs, isSealedNow } }: { readonly column: DataColumn }) {
  if (storedAs === null) return <span className="problem">no such column</span>;
  return (
    <>
      <code>{storedAs}</code>
      {isSealedNow === false ? <span className="problem"> not sealed yet</span> : null}
    </>
  );
}
