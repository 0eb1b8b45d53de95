// Who waits for whom, as a tree: at the roots those who wait for nobody and hold what others want.
import type { BlockingNode } from "./shapes.ts";

export interface WaitingSession {
  readonly pid: number;
  /** pg_blocking_pids: empty for who waits for no lock. 0 is a prepared transaction. */
  readonly blockers: readonly number[];
}

/** Nodes of all trees together; who waits for several stands below each. */
export const BLOCKING_NODES_MAX = 200;

export function blockingTrees<Session extends WaitingSession>(
  sessions: readonly Session[],
): readonly BlockingNode<Session>[] {
  const byPid = new Map(sessions.map((session) => [session.pid, session]));
  const waiters = new Map<number, Session[]>();
  for (const session of sessions)
    for (const pid of new Set(session.blockers)) waiters.set(pid, [...(waiters.get(pid) ?? []), session]);
  let left = BLOCKING_NODES_MAX;
  const nodeOf = (pid: number, above: readonly number[]): BlockingNode<Session> => {
    left -= 1;
    const path = [...above, pid];
    // A circle is a deadlock that PostgreSQL has not found yet; it is not followed twice.
    const below = (waiters.get(pid) ?? []).filter((waiter) => !path.includes(waiter.pid));
    return {
      pid,
      session: byPid.get(pid),
      blocks: below.flatMap(({ pid: next }) => (left > 0 ? [nodeOf(next, path)] : [])),
    };
  };
  const isFree = (pid: number): boolean => (byPid.get(pid)?.blockers.length ?? 0) === 0;
  const roots = [...waiters.keys()].filter(isFree);
  const trees = roots.flatMap((pid) => (left > 0 ? [nodeOf(pid, [])] : []));
  const reached = new Set(trees.flatMap(pidsOf));
  for (const pid of waiters.keys()) {
    if (left <= 0 || reached.has(pid)) continue;
    const circle = nodeOf(pid, []);
    for (const each of pidsOf(circle)) reached.add(each);
    trees.push(circle);
  }
  return trees;
}

const pidsOf = <Session>(node: BlockingNode<Session>): readonly number[] => [node.pid, ...node.blocks.flatMap(pidsOf)];

/** Sessions in the longest chain; 0 when nobody waits. */
export function blockingDepth(trees: readonly BlockingNode<unknown>[]): number {
  return trees.reduce((deepest, { blocks }) => Math.max(deepest, 1 + blockingDepth(blocks)), 0);
}
