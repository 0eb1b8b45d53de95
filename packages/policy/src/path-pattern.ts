// Paths of routes and pages: literal segments and `:name` segments, nothing optional, nothing greedy.

const segmentPattern = /^(?:[A-Za-z0-9._~-]+|:[a-z][A-Za-z0-9]*)$/;
const pathLengthMax = 512;

/** True for `/`, `/content` and `/content/:id`; false for doubled or trailing slashes, dot segments and repeated names. */
export function isPathPattern(path: string): boolean {
  if (path === "/") return true;
  if (!path.startsWith("/") || path.length > pathLengthMax) return false;
  const segments = path.slice(1).split("/");
  const names = segments.filter((segment) => segment.startsWith(":"));
  return (
    segments.every((segment) => segmentPattern.test(segment) && segment !== "." && segment !== "..") &&
    new Set(names).size === names.length
  );
}

/** The same for all patterns that match the same paths: `/content/:id` and `/content/:name` are both `/content/:`. */
export function patternShape(path: string): string {
  return path.replaceAll(/:[^/]+/g, ":");
}

/** True when the path is the prefix or lies below it: `/auth/v1` and `/auth/v1/x`, never `/auth/v1x`. */
export function isBelow(path: string, prefix: string): boolean {
  return prefix === "/" || path === prefix || path.startsWith(`${prefix}/`);
}
