// JSON Schemas of what a body may hold. Types and lengths only; what is not named is never read.

const emailCharactersMax = 320;
/** More than any password in bytes; the exact limit is checked after normalisation. */
const passwordCharactersMax = 4096;
const textCharactersMax = 256;

export const emailSchema = { type: "string", maxLength: emailCharactersMax } as const;
export const passwordSchema = { type: "string", maxLength: passwordCharactersMax } as const;
export const textSchema = { type: "string", maxLength: textCharactersMax } as const;
/** What auth-js sends for "none": null. */
export const metadataSchema = { type: ["object", "null"] } as const;

export const uuidPattern = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;
export const uuidSchema = { type: "string", pattern: uuidPattern.source } as const;

/** The path parameter `id`. */
export const idParams = { type: "object", properties: { id: uuidSchema }, required: ["id"] } as const;

export interface IdParams {
  readonly id: string;
}
