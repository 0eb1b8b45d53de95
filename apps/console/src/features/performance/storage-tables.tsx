// What lies in tables and what was read and written, as tables.
import type { Bloat, InputOutput, TableSize } from "@holdfast/server/api";
import type { ReactNode } from "react";
import { bytesText } from "../../ui/bytes-text.ts";
import { Moment } from "../../ui/moment.tsx";
import { ScrollArea } from "../../ui/scroll-area.tsx";

const PERCENT = 100;

export function BloatTable({ bloat }: { readonly bloat: readonly Bloat[] }) {
  if (bloat.length === 0) return <p>No table is large enough to be looked at.</p>;
  return (
    <Rows label="Bloat" heads={["Table", "Size", "Dead", "Free", "Holds nothing", "How", "What mends it"]}>
      {bloat.map(({ table, bytes, deadBytes, freeBytes, share, isBloated, method, mend }) => (
        <tr key={table}>
          <th scope="row">
            <code>{table}</code>
          </th>
          <td>{bytesText(bytes)}</td>
          <td>{bytesText(deadBytes)}</td>
          <td>{bytesText(freeBytes)}</td>
          <td>
            <span className={isBloated ? "status status-broken" : "status status-held"}>
              <span aria-hidden="true">{isBloated ? "✕" : "●"}</span> {Math.round(share * PERCENT)} %
            </span>
          </td>
          <td>{method}</td>
          <td>{mend === null ? "nothing to mend" : <code>{mend}</code>}</td>
        </tr>
      ))}
    </Rows>
  );
}

export function TableSizes({ tables }: { readonly tables: readonly TableSize[] }) {
  if (tables.length === 0) return <p>There are none.</p>;
  return (
    <Rows
      label="Tables"
      heads={["Table", "With indexes", "Rows", "Dead rows", "Read as a whole", "By index", "Cleaned"]}
    >
      {tables.map(({ table, bytes, rows, deadRows, sequentialScans, indexScans, vacuumedAt }) => (
        <tr key={table}>
          <th scope="row">
            <code>{table}</code>
          </th>
          <td>{bytesText(bytes)}</td>
          <td>{rows.toLocaleString()}</td>
          <td>{deadRows.toLocaleString()}</td>
          <td>{sequentialScans.toLocaleString()}</td>
          <td>{indexScans.toLocaleString()}</td>
          <td>
            <Moment at={vacuumedAt} />
          </td>
        </tr>
      ))}
    </Rows>
  );
}

export function InputOutputTable({ lines }: { readonly lines: readonly InputOutput[] }) {
  if (lines.length === 0) return <p>It is not counted here.</p>;
  return (
    <Rows label="Input and output" heads={["Who", "Why", "In the cache", "Read", "Written", "Extended", "Pushed out"]}>
      {lines.map(({ backend, context, hits, readBytes, writtenBytes, extendedBytes, evictions }) => (
        <tr key={`${backend} ${context}`}>
          <th scope="row">{backend}</th>
          <td>{context}</td>
          <td>{hits.toLocaleString()}</td>
          <td>{bytesText(readBytes)}</td>
          <td>{bytesText(writtenBytes)}</td>
          <td>{bytesText(extendedBytes)}</td>
          <td>{evictions.toLocaleString()}</td>
        </tr>
      ))}
    </Rows>
  );
}

function Rows({
  label,
  heads,
  children,
}: {
  readonly label: string;
  readonly heads: readonly string[];
  readonly children: ReactNode;
}) {
  return (
    <ScrollArea label={label}>
      <table>
        <thead>
          <tr>
            {heads.map((head) => (
              <th key={head} scope="col">
                {head}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>{children}</tbody>
      </table>
    </ScrollArea>
  );
}
