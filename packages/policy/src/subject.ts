// Who asks, read from the payload of an access token that has already been verified.
import type { Subject } from "./decision.ts";
import type { SecurityEvent } from "./event.ts";
import { canonicalUuid } from "./scalar.ts";

/** Somebody who is not signed in. */
export const anonymous: Subject = Object.freeze({
  id: null,
  kind: "anonymous",
  roles: Object.freeze([]),
  assurance: "aal1",
  sessionId: null,
});

const rolesMax = 64;

/**
 * The subject of a verified JWT payload; anonymous for no claims and for claims that are not exactly a person's or the
 * service key's. Roles come from `app_metadata.roles` only: `user_metadata` is written by the user concerned.
 */
export function subjectFromClaims(claims: unknown): Subject {
  if (!isRecord(claims)) return anonymous;
  // A service key has no `sub`; one that names a person as well is neither.
  if (claims.role === "service_role" && claims.sub === undefined) {
    return { ...anonymous, kind: "service", sessionId: canonicalUuid(claims.session_id) };
  }
  // The token of an OAuth client says who somebody is, to that client. It is not the person, on no route and for no row.
  if (claims.client_id !== undefined) return anonymous;
  const id = canonicalUuid(claims.sub);
  if (claims.role !== "authenticated" || id === null) return anonymous;
  return {
    id,
    kind: "person",
    roles: readRoles(claims.app_metadata),
    assurance: claims.aal === "aal2" ? "aal2" : "aal1",
    sessionId: canonicalUuid(claims.session_id),
    ...readActor(claims.act),
  };
}

function readActor(act: unknown): Pick<Subject, "actorId"> {
  const actorId = isRecord(act) ? canonicalUuid(act.sub) : null;
  return actorId === null ? {} : { actorId };
}

/** Whom an event of this subject is about: the account, its session, and who acted in its name. */
export const subjectFacts = ({
  id,
  sessionId,
  actorId,
}: Subject): Pick<SecurityEvent, "subject" | "sessionId" | "actor"> => ({
  ...(id === null ? {} : { subject: id }),
  ...(sessionId === null ? {} : { sessionId }),
  ...(actorId === undefined ? {} : { actor: actorId }),
});

function readRoles(metadata: unknown): readonly string[] {
  const roles = isRecord(metadata) ? metadata.roles : undefined;
  if (!Array.isArray(roles) || roles.length > rolesMax) return [];
  return [...new Set(roles.filter((role): role is string => typeof role === "string"))].sort();
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
