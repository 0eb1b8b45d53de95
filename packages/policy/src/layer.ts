/** Where a control is enforced or observed; the columns of the console's matrix. */
export const layers = [
  "browser",
  "edge",
  "identity",
  "api",
  "database",
  "mesh",
  "cloud",
  "monitoring",
  "people",
] as const;
/** One of the layers. */
export type Layer = (typeof layers)[number];
