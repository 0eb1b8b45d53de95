// How the database does: its load, who holds up whom, where the time goes and what policies cost in it, what it keeps in vain, how it grows.
import type { DatabaseCounters, NotSeen, PerformanceReport, Session } from "@holdfast/server/api";
import { useQuery } from "@tanstack/react-query";
import { Answer } from "../../ui/answer.tsx";
import { bytesText } from "../../ui/bytes-text.ts";
import { Moment } from "../../ui/moment.tsx";
import { data } from "../platform/data-client.ts";
import { Advice } from "./advice.tsx";
import { BlockingTrees } from "./blocking-trees.tsx";
import { GrowthPart } from "./growth-part.tsx";
import { LoadChart } from "./load-chart.tsx";
import { StatementTable } from "./statement-table.tsx";
import { BloatTable, InputOutputTable, TableSizes } from "./storage-tables.tsx";

const LOOK_MS = 10_000;
const PERCENT = 100;

export function PerformancePage() {
  const query = useQuery({
    queryKey: ["performance"],
    queryFn: ({ signal }) => data.performance(signal),
    refetchInterval: LOOK_MS,
  });
  return (
    <>
      <h1>Performance</h1>
      <Answer query={query} what="the database’s performance">
        {(report) => <Report report={report} />}
      </Answer>
    </>
  );
}

function Report({ report }: { readonly report: PerformanceReport }) {
  const { failing, watch, study, history, growth, limits, lookingShare } = report;
  return (
    <>
      {failing === null ? null : (
        <p role="alert" className="problem">
          The database cannot be looked at ({failing}). What stands here is what was known before.
        </p>
      )}
      {watch === null ? null : <Facts watch={watch} />}
      <p className="under">
        No value of any statement is shown, kept or logged: <code>?</code> and <code>$1</code> stand in its place.
        {lookingShare === null
          ? null
          : ` Looking keeps one connection busy ${(lookingShare * PERCENT).toFixed(2)} % of the time.`}
      </p>
      <h2>Load</h2>
      <LoadChart history={history} />
      <h2>Who holds up whom</h2>
      <BlockingTrees trees={watch?.activity.blocking ?? []} limitMs={limits.blockedMs} />
      {study === null ? null : (
        <>
          <h2>Statements</h2>
          <p>
            {study.statementsCounted.toLocaleString()} different ones were counted since{" "}
            {study.statementsSince === null ? "the server’s start" : <Moment at={study.statementsSince} />}. One that
            takes longer than {limits.slowMeanMs.toLocaleString()} ms on average, in {limits.slowCalls} calls at least,
            is an alert.
          </p>
          <StatementTable statements={study.statements} />
          <h2>Indexes</h2>
          <Advice advice={study.advice} />
          <h2>Bloat</h2>
          <BloatTable bloat={study.bloat} />
          <h2>Tables</h2>
          <TableSizes tables={study.tables} />
          <h2>Input and output</h2>
          <InputOutputTable lines={study.inputOutput} />
        </>
      )}
      <h2>Growth</h2>
      <GrowthPart growth={growth} limitDays={limits.daysLeft} />
      <Unseen notes={[...(watch?.notSeen ?? []), ...(study?.notSeen ?? [])]} />
    </>
  );
}

function Facts({ watch: { activity, counters, at } }: { readonly watch: NonNullable<PerformanceReport["watch"]> }) {
  return (
    <dl className="facts">
      <Fact
        name="Connections"
        value={`${activity.connections} of ${activity.connectionsMax}: ${listed(activity.states)}`}
      />
      <Fact name="Active ones wait for" value={listed(activity.waits)} />
      <Fact name="Held up by locks" value={`${activity.blocked}`} />
      {counters === null ? null : <CounterFacts counters={counters} />}
      <div className="pair">
        <dt>Looked at</dt>
        <dd>
          <Moment at={at} />
        </dd>
      </div>
    </dl>
  );
}

function CounterFacts({ counters }: { readonly counters: DatabaseCounters }) {
  const blocks = counters.blocksHit + counters.blocksRead;
  return (
    <>
      <Fact
        name="Found in the cache"
        value={
          blocks === 0 ? "nothing was read" : `${((counters.blocksHit / blocks) * PERCENT).toFixed(1)} % of blocks`
        }
      />
      <Fact name="Deadlocks" value={counters.deadlocks.toLocaleString()} />
      <Fact name="Written to temporary files" value={bytesText(counters.temporaryBytes)} />
      <Fact name="Damaged pages" value={counters.checksumFailures.toLocaleString()} />
    </>
  );
}

function Fact({ name, value }: { readonly name: string; readonly value: string }) {
  return (
    <div className="pair">
      <dt>{name}</dt>
      <dd>{value}</dd>
    </div>
  );
}

const listed = (counts: Readonly<Record<NonNullable<Session["state"]>, number>>): string =>
  Object.entries(counts)
    .map(([name, number]) => `${number} ${name}`)
    .join(", ") || "nothing";

function Unseen({ notes }: { readonly notes: readonly NotSeen[] }) {
  if (notes.length === 0) return null;
  return (
    <>
      <h2>Not seen</h2>
      <ul className="statements">
        {notes.map(({ what, reason }) => (
          <li key={`${what} ${reason}`}>
            {what}: {reason}
          </li>
        ))}
      </ul>
    </>
  );
}
