// Sessions of everybody that are alive now, newest first, a page at a time.
import type { Factor } from "../account/account.ts";
import type { IdentityContext } from "../identity-context.ts";
import { addressNetwork } from "../limit/address-key.ts";
import { uuidPattern } from "../request/body-schema.ts";
import { assuranceOf, type Credentials } from "../session/assurance.ts";
import { deviceOf } from "../session/device.ts";
import { type Session, type SessionRow, sessionColumns, sessionFromRow } from "../session/session-row.ts";
import { beginningWith, pageCursor, readCursor } from "./page-cursor.ts";
import type { OpenSession, OpenSessionPage, PersonSession, SessionsQuery } from "./person.ts";

const millisecondsPerSecond = 1000;

/** What an administrator sees of a session of somebody who has these credentials. */
export function personSession(
  context: Pick<IdentityContext, "policy" | "rules">,
  credentials: Credentials,
  session: Session,
): PersonSession {
  const { actor } = session;
  const { idleSeconds } = context.policy.identity.session;
  return {
    id: session.id,
    createdAt: session.createdAt,
    refreshedAt: session.refreshedAt,
    endsAt: Math.min(session.notAfter, session.refreshedAt + idleSeconds * millisecondsPerSecond),
    assurance: assuranceOf(context, credentials, session),
    device: deviceOf(session.userAgent).name,
    userAgent: session.userAgent,
    address: session.address,
    network: addressNetwork(session.address),
    actor: actor === null ? null : { id: actor.id, reason: actor.reason },
    client: session.client?.id ?? null,
  };
}

interface OpenRow extends SessionRow {
  readonly email: string;
  readonly factors: readonly Factor[];
  readonly passkeys: readonly string[];
}

/** Looked up for each of the page: a join may read everybody. */
const credentialColumns = `(select u.email from auth.users u where u.id = s.user_id) as email,
  (select coalesce(jsonb_agg(jsonb_build_object('id', f.id, 'type', f.factor_type, 'status', f.status)), '[]')
    from auth.mfa_factors f where f.user_id = s.user_id) as factors,
  (select coalesce(jsonb_agg(w.id), '[]') from auth.webauthn_credentials w
    where w.user_id = s.user_id and w.factor_id is null) as passkeys`;

export async function listOpenSessions(context: IdentityContext, query: SessionsQuery): Promise<OpenSessionPage> {
  const now = context.now();
  const idleSince = now - context.policy.identity.session.idleSeconds * millisecondsPerSecond;
  const values: unknown[] = [new Date(now), new Date(idleSince), query.limit + 1];
  const parameter = (value: unknown): string => `$${values.push(value)}`;
  const conditions = ["s.not_after > $1", "s.refreshed_at > $2"];
  const search = query.search?.trim().toLowerCase() ?? "";
  if (uuidPattern.test(search)) conditions.push(`s.user_id = ${parameter(search)}`);
  else if (search !== "") {
    conditions.push(`s.user_id in (select u.id from auth.users u
      where u.deleted_at is null and u.email like ${parameter(beginningWith(search))})`);
  }
  const after = readCursor(query.cursor);
  if (after !== null) {
    const at = parameter(new Date(after.at));
    conditions.push(`(s.created_at < ${at} or (s.created_at = ${at} and s.id > ${parameter(after.id)}))`);
  }
  const { rows } = await context.database.query<OpenRow>(
    `select ${sessionColumns}, ${credentialColumns} from (
       select * from auth.sessions s where ${conditions.join(" and ")} order by s.created_at desc, s.id limit $3
     ) s order by s.created_at desc, s.id`,
    values,
  );
  const sessions = rows.slice(0, query.limit).map((row) => openSession(context, row));
  return { sessions, next: rows.length > query.limit ? pageCursor(sessions.at(-1)) : null };
}

function openSession(context: IdentityContext, row: OpenRow): OpenSession {
  const session = sessionFromRow(row);
  return { ...personSession(context, row, session), person: { id: session.userId, email: row.email } };
}
