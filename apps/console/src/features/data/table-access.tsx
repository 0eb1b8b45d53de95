// Who can do what with the rows of a table, by which line of the policy. Reading first; the rest is folded away.
import type { Asker, DataTable, Right } from "@holdfast/server/api";
import type { ReactNode } from "react";
import { outcomeText } from "../../ui/right-outcome.tsx";
import { ScrollArea } from "../../ui/scroll-area.tsx";

const actions = { select: "read", insert: "add", update: "change", delete: "remove" } as const;

export function TableAccess({ table: { name, access } }: { readonly table: DataTable }) {
  const of = (isReading: boolean) =>
    access.flatMap(({ asker, rights }) =>
      rights
        .filter(({ action }) => action.endsWith(".select") === isReading)
        .map((right) => ({ asker, right, action: actionWord(right) })),
    );
  return (
    <>
      <h3>Who can read rows</h3>
      <RightsTable label={`Who can read rows of ${name}`} rows={of(true)} />
      <details>
        <summary>Who can add, change and remove rows of {name}</summary>
        <RightsTable label={`Who can add, change and remove rows of ${name}`} rows={of(false)} isWithAction />
      </details>
    </>
  );
}

/** Nothing where no column is masked. */
export function UnmaskedAccess({ table: { name, access } }: { readonly table: DataTable }) {
  const rows = access.flatMap(({ asker, unmasked }) =>
    unmasked.map((right) => ({ asker, right, action: right.action.slice(name.length + 1) })),
  );
  if (rows.length === 0) return null;
  return (
    <>
      <h3>Who reads masked columns unmasked</h3>
      <p className="under">Of the rows that they can read. Everybody else reads the mask.</p>
      <RightsTable label={`Who reads masked columns of ${name} unmasked`} rows={rows} isWithAction />
    </>
  );
}

const actionWord = ({ action }: Right): string =>
  actions[action.slice(action.lastIndexOf(".") + 1) as keyof typeof actions];

function askerName(asker: Asker): ReactNode {
  switch (asker.kind) {
    case "signed-out":
      return "nobody signed in";
    case "no-role":
      return "signed in, without a role";
    case "role":
      return <code>{asker.role}</code>;
  }
}

interface Row {
  readonly asker: Asker;
  readonly right: Right;
  readonly action: string;
}

interface RightsTableProps {
  readonly label: string;
  readonly rows: readonly Row[];
  readonly isWithAction?: boolean;
}

function RightsTable({ label, rows, isWithAction = false }: RightsTableProps) {
  return (
    <ScrollArea label={label}>
      <table>
        <thead>
          <tr>
            <th scope="col">Who</th>
            {isWithAction ? <th scope="col">What</th> : null}
            <th scope="col">May</th>
            <th scope="col">By this line of the policy</th>
            <th scope="col">Where the row is such that</th>
          </tr>
        </thead>
        <tbody>
          {rows.map(({ asker, right, action }) => (
            <tr key={`${asker.kind === "role" ? `role ${asker.role}` : asker.kind} ${right.action}`}>
              <th scope="row">{askerName(asker)}</th>
              {isWithAction ? <td>{action}</td> : null}
              <td className="may">{outcomeText(right)}</td>
              <td className="rule">
                <code>
                  {right.path} → {right.because}
                </code>
              </td>
              <td>{right.condition === "" ? "–" : right.condition}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </ScrollArea>
  );
}
