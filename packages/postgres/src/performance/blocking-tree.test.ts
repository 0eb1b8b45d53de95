import { describe, expect, test } from "vitest";
import { BLOCKING_NODES_MAX, blockingDepth, blockingTrees } from "./blocking-tree.ts";
import type { BlockingNode } from "./shapes.ts";

const session = (pid: number, ...blockers: number[]) => ({ pid, blockers });
const shape = (node: BlockingNode<unknown>): unknown => [node.pid, ...node.blocks.map(shape)];

describe("the tree of who waits for whom", () => {
  test("a chain is one branch, and nobody else is in it", () => {
    const trees = blockingTrees([session(3, 2), session(2, 1), session(1), session(4)]);
    expect(trees.map(shape)).toEqual([[1, [2, [3]]]]);
    expect(blockingDepth(trees)).toBe(3);
  });

  test("nobody waits: no tree", () => {
    expect(blockingTrees([session(1), session(2)])).toEqual([]);
    expect(blockingDepth([])).toBe(0);
  });

  test("a circle is shown once and ends", () => {
    expect(blockingTrees([session(1, 2), session(2, 1)]).map(shape)).toEqual([[2, [1]]]);
  });

  test("a prepared transaction is a root without a session", () => {
    expect(blockingTrees([session(1, 0)])).toMatchObject([{ pid: 0, session: undefined, blocks: [{ pid: 1 }] }]);
  });

  test("a crowd is cut at a limit", () => {
    const crowd = Array.from({ length: 60 }, (_, index) =>
      session(index + 1, ...Array.from({ length: index }, (__, pid) => pid + 1)),
    );
    const count = (nodes: readonly BlockingNode<unknown>[]): number =>
      nodes.reduce((sum, { blocks }) => sum + 1 + count(blocks), 0);
    expect(count(blockingTrees(crowd))).toBe(BLOCKING_NODES_MAX);
  });
});
