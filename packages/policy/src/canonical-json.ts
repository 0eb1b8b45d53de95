// One text for one value: keys sorted by code unit, no spaces, as RFC 8785 (JSON Canonicalization Scheme) has it. Callers
// hash it; two policies with the same text mean the same.

const depthMax = 64;

/** Throws on what JSON cannot carry (functions, undefined in lists, non-finite numbers) and on circles, rather than dropping it silently. */
export function canonicalJson(value: unknown): string {
  return write(value, 0);
}

function write(value: unknown, depth: number): string {
  if (depth > depthMax)
    throw new TypeError(`canonicalJson: expected at most ${depthMax} levels, found more (or a circle)`);
  if (value === null || typeof value === "boolean" || typeof value === "string") return JSON.stringify(value);
  if (typeof value === "number" && Number.isFinite(value)) return JSON.stringify(value);
  if (Array.isArray(value)) return `[${Array.from(value as unknown[], (item) => write(item, depth + 1)).join(",")}]`;
  if (typeof value !== "object")
    throw new TypeError(`canonicalJson: expected a JSON value, found ${typeof value} ${String(value)}`);
  const fields = Object.entries(value)
    .filter(([, field]) => field !== undefined)
    // Comparison by UTF-16 code unit, as RFC 8785 §3.2.3 asks.
    .sort(([left], [right]) => (left < right ? -1 : left > right ? 1 : 0))
    .map(([key, field]) => `${JSON.stringify(key)}:${write(field, depth + 1)}`);
  return `{${fields.join(",")}}`;
}
