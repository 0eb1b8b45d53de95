// Where the time goes: statements with the role that ran them, what row-level security adds, and the plan.
import type { StudiedStatement } from "@holdfast/server/api";
import { useState } from "react";
import { Bar, BarChart, ResponsiveContainer, Tooltip, XAxis, YAxis } from "recharts";
import { ScrollArea } from "../../ui/scroll-area.tsx";
import { tooltipStyle } from "../../ui/tooltip-style.ts";

const orders = {
  totalMs: "time",
  calls: "calls",
  meanMs: "time of a call",
  policy: "what policies cost",
} as const;
type Order = keyof typeof orders;

const SHOWN_MAX = 20;
const BARS_MAX = 8;
const BAR_PX = 26;
const PERCENT = 100;
/** Longer ones stand whole above their plan. */
const TEXT_CHARACTERS_MAX = 140;

export function StatementTable({ statements }: { readonly statements: readonly StudiedStatement[] }) {
  const [order, setOrder] = useState<Order>("totalMs");
  const shown = statements
    .toSorted((left, right) => weightOf(right, order) - weightOf(left, order))
    .slice(0, SHOWN_MAX);
  if (statements.length === 0) return <p>None were counted.</p>;
  return (
    <>
      <label className="field column">
        Order by{" "}
        <select value={order} onChange={(event) => setOrder(event.target.value as Order)}>
          {Object.entries(orders).map(([key, name]) => (
            <option key={key} value={key}>
              {name}
            </option>
          ))}
        </select>
      </label>
      <TimeChart statements={shown.slice(0, BARS_MAX)} />
      <ScrollArea label="Statements">
        <table>
          <thead>
            <tr>
              <th scope="col">Statement</th>
              <th scope="col">Role</th>
              <th scope="col">Time</th>
              <th scope="col">Calls</th>
              <th scope="col">Each</th>
              <th scope="col">Longest</th>
              <th scope="col">Rows</th>
              <th scope="col">Policies</th>
            </tr>
          </thead>
          <tbody>
            {shown.map((statement, index) => (
              <tr key={`${statement.id} ${statement.role}`}>
                <th scope="row">
                  {index + 1}. <code>{shortened(statement.text)}</code>
                  <PlanOf statement={statement} />
                </th>
                <td>{statement.role}</td>
                <td>{time(statement.totalMs)}</td>
                <td>{statement.calls.toLocaleString()}</td>
                <td>{time(statement.meanMs)}</td>
                <td>{time(statement.maxMs)}</td>
                <td>{statement.rows.toLocaleString()}</td>
                <td>{policyText(statement)}</td>
              </tr>
            ))}
          </tbody>
        </table>
        <p className="under">
          Policies: what row-level security adds to the planner’s cost of the plan for any values, as the role, against
          the same plan without policies. An estimate, not measured time.
        </p>
      </ScrollArea>
    </>
  );
}

function TimeChart({ statements }: { readonly statements: readonly StudiedStatement[] }) {
  const bars = statements.map(({ totalMs, policyCost }, index) => {
    const policies = totalMs * Math.max(0, policyCost?.share ?? 0);
    return { name: `${index + 1}`, work: totalMs - policies, policies };
  });
  return (
    <figure className="chart">
      <div aria-hidden="true">
        <ResponsiveContainer width="100%" height={BAR_PX * (bars.length + 2)}>
          <BarChart
            data={bars}
            layout="vertical"
            accessibilityLayer={false}
            margin={{ left: -24, right: 8, top: 8, bottom: 0 }}
          >
            <XAxis type="number" unit=" ms" stroke="currentColor" fontSize={12} />
            <YAxis type="category" dataKey="name" stroke="currentColor" fontSize={12} />
            <Tooltip cursor={{ fill: "transparent" }} contentStyle={tooltipStyle} />
            <Bar dataKey="work" name="the statement" stackId="time" fill="var(--held)" isAnimationActive={false} />
            <Bar
              dataKey="policies"
              name="of it policies"
              stackId="time"
              fill="var(--excepted)"
              isAnimationActive={false}
            />
          </BarChart>
        </ResponsiveContainer>
      </div>
      <figcaption className="under">
        Time of the first statements of the table, with the estimated part of their policies.
      </figcaption>
    </figure>
  );
}

function PlanOf({ statement: { text, plan, notPlanned, id } }: { readonly statement: StudiedStatement }) {
  return (
    <details>
      <summary>Plan</summary>
      {shortened(text) === text ? null : <pre aria-label={`Text of statement ${id}`}>{text}</pre>}
      {plan.length === 0 ? (
        <p className="under">There is none: {notPlanned}.</p>
      ) : (
        <pre aria-label={`Plan of statement ${id}`}>{plan.join("\n")}</pre>
      )}
    </details>
  );
}

const shortened = (text: string): string =>
  text.length <= TEXT_CHARACTERS_MAX ? text : `${text.slice(0, TEXT_CHARACTERS_MAX)} …`;

function weightOf(statement: StudiedStatement, order: Order): number {
  return order === "policy" ? (statement.policyCost?.share ?? -1) : statement[order];
}

function policyText({ policyCost, plan }: StudiedStatement): string {
  if (policyCost === null) return plan.length === 0 ? "unknown, no plan" : "unknown";
  if (policyCost.tables.length === 0) return "none";
  if (policyCost.share < 0) return "read less with them";
  return `${Math.round(policyCost.share * PERCENT)} % of the cost`;
}

const time = (ms: number): string =>
  ms >= 10_000 ? `${(ms / 1_000).toFixed(1)} s` : `${ms.toFixed(ms < 10 ? 2 : 0)} ms`;
