import type { BlockingNode, Session } from "@holdfast/server/api";

const SECOND_MS = 1_000;

export function BlockingTrees({
  trees,
  limitMs,
}: {
  readonly trees: readonly BlockingNode<Session>[];
  readonly limitMs: number;
}) {
  return (
    <>
      {trees.length === 0 ? (
        <p>Nobody waits for a lock.</p>
      ) : (
        <ul className="statements" aria-label="Sessions that hold up others">
          {trees.map((tree) => (
            <Node key={tree.pid} node={tree} />
          ))}
        </ul>
      )}
      <p className="under">A wait of more than {limitMs / SECOND_MS} s is an alert.</p>
    </>
  );
}

function Node({ node: { pid, session, blocks } }: { readonly node: BlockingNode<Session> }) {
  return (
    <li>
      <strong>{session?.login ?? "a prepared transaction, or a session that has ended"}</strong> (process {pid})
      {session === undefined ? null : `, ${what(session)}`}
      {session === undefined || session.text === "" ? null : (
        <>
          : <code>{session.text}</code>
        </>
      )}
      {blocks.length === 0 ? null : (
        <ul>
          {blocks.map((below) => (
            <Node key={below.pid} node={below} />
          ))}
        </ul>
      )}
    </li>
  );
}

function what({ lockWaitMs, lock, state, transactionMs }: Session): string {
  if (lockWaitMs !== null) return `waits ${seconds(lockWaitMs)} for ${lock ?? "a lock"}`;
  const since = transactionMs === null ? "" : `, its transaction began ${seconds(transactionMs)} ago`;
  return `${state ?? "in an unknown state"}${since}`;
}

const seconds = (ms: number): string => `${(ms / SECOND_MS).toFixed(1)} s`;
