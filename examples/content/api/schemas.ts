// What may come in beside the bodies, whose schemas are the policy's, and what may go out: a field that is not named here does
// not leave (ASVS 5.0 15.3.1).
import { CURSOR_CHARACTERS_MAX } from "./cursor.ts";
import { scopes } from "./statements.ts";

export const LIST_ITEMS_MAX = 100;
export const LIST_ITEMS = 20;

const uuid = { type: "string", format: "uuid" } as const;
const text = { type: "string" } as const;
const nullable = (schema: object) => ({ anyOf: [schema, { type: "null" }] });
const object = (properties: Readonly<Record<string, object>>) => ({
  type: "object",
  properties,
  required: Object.keys(properties),
  additionalProperties: false,
});
const listOf = (item: object) => object({ items: { type: "array", items: item } });

export const idParameters = object({ id: uuid });

// Query values are text; nothing coerces them.
const after = { type: "string", minLength: 1, maxLength: CURSOR_CHARACTERS_MAX } as const;
const limit = { type: "string", pattern: "^([1-9][0-9]?|100)$" } as const;

export const pageQuery = { type: "object", properties: { after, limit }, additionalProperties: false } as const;
export const listQuery = {
  type: "object",
  properties: { after, limit, scope: { enum: scopes } },
  additionalProperties: false,
} as const;

const written = {
  id: uuid,
  owner_id: uuid,
  team_id: nullable(uuid),
  title: text,
  body: text,
  status: text,
  created_at: text,
  updated_at: text,
};
/** What writing a text answers. */
export const writtenContent = object(written);
export const content = object({ ...written, contact: nullable(text) });
export const contentPage = object({ items: { type: "array", items: content }, next: nullable(text) });

const membership = object({ role: text, until: nullable(text) });
export const foundedTeam = object({ id: uuid, name: text, owner_id: uuid });
export const team = object({ id: uuid, name: text, owner_id: uuid, membership: nullable(membership) });
export const teamList = listOf(team);

export const membershipParameters = object({ id: uuid, membership: uuid });
export const teamMembership = object({ id: uuid, team_id: uuid, user_id: uuid, role: text, until: nullable(text) });
export const teamMembershipList = listOf(teamMembership);

export const shareParameters = object({ id: uuid, share: uuid });
export const share = object({ id: uuid, content_id: uuid, user_id: uuid, until: nullable(text) });
export const shareList = listOf(share);

export const noteParameters = object({ id: uuid, note: uuid });
// A note whose key was destroyed has no text any more.
export const note = object({ id: uuid, content_id: uuid, owner_id: uuid, body: nullable(text), created_at: text });
export const noteList = listOf(note);

export const ownerList = listOf(
  object({ owner_id: uuid, drafts: { type: "integer" }, published: { type: "integer" }, updated_at: text }),
);
