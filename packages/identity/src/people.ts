// `@holdfast/identity/people`: what an administrator sees of people, types only.
export type * from "./role/person.ts";
