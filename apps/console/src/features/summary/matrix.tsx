// Layers × controls: each cell a status, each row a way to its proof.

import type { Matrix as MatrixShape } from "@holdfast/server/api";
import { Link } from "@tanstack/react-router";
import { useState } from "react";
import { ScrollArea } from "../../ui/scroll-area.tsx";
import { StatusMark } from "../../ui/status-mark.tsx";

const kinds = { measure: "Measures", task: "Tasks", indicator: "Indicators", threshold: "Thresholds" } as const;

export function Matrix({ matrix }: { readonly matrix: MatrixShape }) {
  const [onlyProvable, setOnlyProvable] = useState(true);
  const rows = onlyProvable
    ? matrix.rows.filter((row) => row.cells.some((cell) => cell !== null && cell !== "unproven"))
    : matrix.rows;
  return (
    <>
      <p>
        <label className="tick">
          <input type="checkbox" checked={onlyProvable} onChange={(event) => setOnlyProvable(event.target.checked)} />{" "}
          Only controls that have a proof
        </label>
      </p>
      <ScrollArea label="Matrix of controls and layers">
        <table className="matrix">
          <thead>
            <tr>
              <th scope="col">Control</th>
              {matrix.layers.map((layer) => (
                <th key={layer} scope="col" className="layer">
                  {layer}
                </th>
              ))}
            </tr>
          </thead>
          {(Object.keys(kinds) as (keyof typeof kinds)[]).map((kind) => {
            const own = rows.filter((row) => row.kind === kind);
            if (own.length === 0) return null;
            return (
              <tbody key={kind}>
                <tr>
                  <th scope="rowgroup" colSpan={matrix.layers.length + 1} className="group">
                    {kinds[kind]}
                  </th>
                </tr>
                {own.map((row) => (
                  <tr key={row.control}>
                    <th scope="row">
                      <Link to="/controls/$id" params={{ id: row.control }} title={row.sentence}>
                        {row.control}
                      </Link>
                    </th>
                    {row.cells.map((cell, index) => (
                      <td key={matrix.layers[index]}>{cell === null ? null : <StatusMark status={cell} compact />}</td>
                    ))}
                  </tr>
                ))}
              </tbody>
            );
          })}
        </table>
      </ScrollArea>
    </>
  );
}
