// Every statement the API sends. Texts are constants: what a request says travels as a value, never as text. None of them asks
// who may see or change a row; that is the policy's, compiled into the tables.
import { type Statement, toSeal } from "@holdfast/postgres";
import type { Cursor } from "./cursor.ts";
import type { ContentStatus } from "./shapes.ts";

export const scopes = ["all", "own", "team", "published"] as const;
/** Which part of the visible content a list shows. */
export type Scope = (typeof scopes)[number];

/** Microseconds are kept, because a cursor must name its place exactly. */
const moment = (column: string): string => `to_char(${column} at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')`;

const contentColumns = `id, owner_id, team_id, title, body, status, ${moment("created_at")} as created_at, ${moment("updated_at")} as updated_at`;

/** What is read back of a text that was just written; the address only through the view, which masks it for whom it must. */
const readColumns = `${contentColumns}, contact`;
const contentView = "holdfast_masked.content";

/** `$1` is the subject, which "all" and "published" do not look at. */
const scopeFilters: Readonly<Record<Scope, string>> = {
  all: "$1::uuid is not null",
  own: "owner_id = $1::uuid",
  team: "team_id = any (array (select team_id from public.memberships where user_id = $1::uuid))",
  published: "$1::uuid is not null and status = 'published'",
};

const latestFirst = "order by updated_at desc, id desc";

/** One page of the visible content; reads one row more than `limit`, which tells whether there is another page. */
export function listContent(subjectId: string, scope: Scope, after: Cursor | null, limit: number): Statement {
  const text = `select ${readColumns} from ${contentView} where ${scopeFilters[scope]}`;
  if (after === null) return { text: `${text} ${latestFirst} limit $2`, values: [subjectId, limit + 1] };
  return {
    text: `${text} and (updated_at, id) < ($2::timestamptz, $3::uuid) ${latestFirst} limit $4`,
    values: [subjectId, after.updatedAt, after.id, limit + 1],
  };
}

/** One page of drafts. */
export function listDrafts(after: Cursor | null, limit: number): Statement {
  const text = `select ${readColumns} from ${contentView} where status = 'draft'`;
  if (after === null) return { text: `${text} ${latestFirst} limit $1`, values: [limit + 1] };
  return {
    text: `${text} and (updated_at, id) < ($1::timestamptz, $2::uuid) ${latestFirst} limit $3`,
    values: [after.updatedAt, after.id, limit + 1],
  };
}

export function readContent(id: string): Statement {
  return { text: `select ${readColumns} from ${contentView} where id = $1`, values: [id] };
}

export interface NewContent {
  readonly title: string;
  readonly body: string;
  readonly status?: ContentStatus;
  readonly team_id?: string | null;
  readonly contact?: string | null;
}

export function insertContent(ownerId: string, content: NewContent): Statement {
  return {
    text: `insert into public.content (owner_id, team_id, title, body, status, contact) values ($1, $2, $3, $4, $5, $6) returning ${contentColumns}`,
    values: [
      ownerId,
      content.team_id ?? null,
      content.title,
      content.body,
      content.status ?? "draft",
      content.contact ?? null,
    ],
  };
}

/** Changes what is given. Answers one row: `seen` says whether the row is visible at all, the rest is null unless it changed. */
export function updateContent(id: string, change: Partial<NewContent>): Statement {
  // An address that stays is not named: nobody may read it in the table, not even to write it back.
  const contact = change.contact === undefined ? [] : [change.contact];
  return {
    text: `with changed as (
      update public.content set title = coalesce($2, title), body = coalesce($3, body), status = coalesce($4, status),
        team_id = case when $5 then $6::uuid else team_id end${contact.length === 0 ? "" : ", contact = $7"}
      where id = $1 returning ${contentColumns})
    select exists (select from public.content where id = $1) as seen, changed.* from (values (1)) as one left join changed on true`,
    values: [
      id,
      change.title ?? null,
      change.body ?? null,
      change.status ?? null,
      change.team_id !== undefined,
      change.team_id ?? null,
      ...contact,
    ],
  };
}

/** Answers one row: whether the row was visible, and whether it was removed. */
export function deleteContent(id: string): Statement {
  return {
    text: `with removed as (delete from public.content where id = $1 returning id)
    select exists (select from public.content where id = $1) as seen, exists (select from removed) as removed`,
    values: [id],
  };
}

export function listTeams(subjectId: string, limit: number): Statement {
  return {
    text: `select t.id, t.name, t.owner_id, m.role as membership_role, ${moment("m.until")} as membership_until
      from public.teams t left join public.memberships m on m.team_id = t.id and m.user_id = $1
      order by t.name, t.id limit $2`,
    values: [subjectId, limit],
  };
}

export function insertTeam(ownerId: string, name: string): Statement {
  return { text: "insert into public.teams (name, owner_id) values ($1, $2) returning id", values: [name, ownerId] };
}

export function insertLead(teamId: string, userId: string): Statement {
  return {
    text: "insert into public.memberships (team_id, user_id, role) values ($1, $2, 'lead')",
    values: [teamId, userId],
  };
}

/** Answers one row: whether the team was visible, and whether it was removed. */
export function deleteTeam(id: string): Statement {
  return {
    text: `with removed as (delete from public.teams where id = $1 returning id)
    select exists (select from public.teams where id = $1) as seen, exists (select from removed) as removed`,
    values: [id],
  };
}

const membershipColumns = `id, team_id, user_id, role, ${moment("until")} as until`;

export function listMemberships(teamId: string, limit: number): Statement {
  return {
    text: `select ${membershipColumns} from public.memberships where team_id = $1 order by role, user_id limit $2`,
    values: [teamId, limit],
  };
}

export function insertMembership(teamId: string, userId: string, role: string): Statement {
  return {
    text: `insert into public.memberships (team_id, user_id, role) values ($1, $2, $3) returning ${membershipColumns}`,
    values: [teamId, userId, role],
  };
}

/** Answers one row: whether the membership of this team was visible, and whether it was removed. */
export function deleteMembership(teamId: string, id: string): Statement {
  return {
    text: `with removed as (delete from public.memberships where id = $1 and team_id = $2 returning id)
    select exists (select from public.memberships where id = $1 and team_id = $2) as seen,
      exists (select from removed) as removed`,
    values: [id, teamId],
  };
}

const shareColumns = `id, content_id, user_id, ${moment("until")} as until`;

export function listShares(contentId: string, limit: number): Statement {
  return {
    text: `select ${shareColumns} from public.shares where content_id = $1 order by user_id limit $2`,
    values: [contentId, limit],
  };
}

export function insertShare(contentId: string, userId: string, until: string | null): Statement {
  return {
    text: `insert into public.shares (content_id, user_id, until) values ($1, $2, $3) returning ${shareColumns}`,
    values: [contentId, userId, until],
  };
}

/** Answers one row: whether the share of this content was visible, and whether it was removed. */
export function deleteShare(contentId: string, id: string): Statement {
  return {
    text: `with removed as (delete from public.shares where id = $1 and content_id = $2 returning id)
    select exists (select from public.shares where id = $1 and content_id = $2) as seen,
      exists (select from removed) as removed`,
    values: [id, contentId],
  };
}

const noteColumns = `id, content_id, owner_id, body, ${moment("created_at")} as created_at`;

export function listNotes(contentId: string, limit: number): Statement {
  const text = `select ${noteColumns} from public.notes where content_id = $1 order by notes.created_at, id limit $2`;
  return { text, values: [contentId, limit] };
}

export interface NewNote {
  readonly id: string;
  readonly contentId: string;
  readonly ownerId: string;
  readonly body: string;
}

/** The text is sealed for this row, under a key of its owner's. */
export function insertNote({ id, contentId, ownerId, body }: NewNote): Statement {
  return {
    text: `insert into public.notes (id, content_id, owner_id, body) values ($1, $2, $3, $4) returning ${noteColumns}`,
    values: [id, contentId, ownerId, toSeal("notes.body", { key: id, subject: ownerId }, body)],
  };
}

/** Answers one row: whether the note was visible, and whether it was removed. */
export function deleteNote(contentId: string, id: string): Statement {
  return {
    text: `with removed as (delete from public.notes where id = $1 and content_id = $2 returning id)
    select exists (select from public.notes where id = $1 and content_id = $2) as seen,
      exists (select from removed) as removed`,
    values: [id, contentId],
  };
}

/** Who owns content, counted from the content the administrator sees. */
export function listOwners(limit: number): Statement {
  return {
    text: `select owner_id, (count(*) filter (where status = 'draft'))::int as drafts,
        (count(*) filter (where status = 'published'))::int as published, ${moment("max(updated_at)")} as updated_at
      from public.content group by owner_id order by max(updated_at) desc, owner_id limit $1`,
    values: [limit],
  };
}
