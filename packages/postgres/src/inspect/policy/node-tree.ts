// Reads a parse tree as PostgreSQL keeps it (`pg_node_tree`, src/backend/nodes/outfuncs.c): the exact functions, columns and subqueries
// of a policy, where its text would only be words. Unknown kinds of nodes are kept as they are, so a newer server is read as well.

export interface TreeNode {
  readonly kind: string;
  readonly fields: ReadonlyMap<string, TreeValue>;
}

export type TreeValue = TreeNode | string | readonly TreeValue[];

const TOKEN = /[{}()]|"(?:\\[\s\S]|[^"\\])*"|(?:\\[\s\S]|[^\s{}()\\"])+/g;
/** A tree nested deeper is not read: no policy is, and the stack is not a hostile author's. */
const DEPTH_MAX = 400;

/** The trees of a `pg_node_tree`. @throws RangeError if it is nested too deep */
export function readTree(source: string): readonly TreeValue[] {
  const tokens = source.match(TOKEN) ?? [];
  let place = 0;
  const value = (depth: number): TreeValue => {
    if (depth > DEPTH_MAX) throw new RangeError("a parse tree is nested too deep");
    const token = tokens[place++] ?? "";
    if (token === "{") return node(depth);
    if (token !== "(") return token;
    const items: TreeValue[] = [];
    while (place < tokens.length && tokens[place] !== ")") items.push(value(depth + 1));
    place += 1;
    return items;
  };
  const node = (depth: number): TreeNode => {
    const kind = tokens[place++] ?? "";
    const fields = new Map<string, TreeValue>();
    while (place < tokens.length && tokens[place] !== "}") {
      const name = (tokens[place++] ?? "").slice(1);
      const parts: TreeValue[] = [];
      while (place < tokens.length && tokens[place] !== "}" && !isField(tokens[place])) parts.push(value(depth + 1));
      fields.set(name, parts.length === 1 ? (parts[0] as TreeValue) : parts);
    }
    place += 1;
    return { kind, fields };
  };
  const trees: TreeValue[] = [];
  while (place < tokens.length) trees.push(value(0));
  return trees;
}

const isField = (token: string | undefined): boolean => token !== undefined && /^:[a-zA-Z_]/.test(token);

export const isNode = (value: TreeValue | undefined): value is TreeNode =>
  typeof value === "object" && !Array.isArray(value);

export const field = (node: TreeNode, name: string): string => {
  const value = node.fields.get(name);
  return typeof value === "string" ? value : "";
};

export const children = (node: TreeNode): readonly TreeNode[] => [...node.fields.values()].flatMap(nodesIn);

export const argumentsOf = (node: TreeNode): readonly TreeNode[] => nodesIn(node.fields.get("args") ?? "");

function nodesIn(value: TreeValue): readonly TreeNode[] {
  if (Array.isArray(value)) return value.flatMap(nodesIn);
  return isNode(value) ? [value] : [];
}
