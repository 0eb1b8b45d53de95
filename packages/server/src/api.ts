// `@holdfast/server/api`: the shapes of the platform API, types only.
export type * from "./api/shapes.ts";
