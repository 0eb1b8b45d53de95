// The vocabulary of security events: every name that may be recorded, with its OCSF 1.x class and activity. A part of the
// system that decides something emits one of these; the server stores it as OCSF. Secrets and bodies never enter an event.

interface EventKind {
  /** OCSF class_uid, for example 3002 Authentication. */
  readonly classUid: number;
  /** OCSF activity_id within the class; 99 is "other". */
  readonly activityId: number;
  /** OCSF severity_id: 1 informational, 2 low, 3 medium, 4 high, 5 critical. */
  readonly severityId: 1 | 2 | 3 | 4 | 5;
  readonly outcome: "success" | "failure";
  readonly sentence: string;
}

const kind = (
  classUid: number,
  activityId: number,
  severityId: EventKind["severityId"],
  outcome: EventKind["outcome"],
  sentence: string,
): EventKind => ({ classUid, activityId, severityId, outcome, sentence });

/** Every event name with its OCSF class, activity, severity and outcome. */
export const eventKinds = {
  // Identity: authentication (3002: 1 logon, 2 logoff), account change (3001: 1 create, 3 password change, 6 delete, 10 enable factor).
  "account.created": kind(3001, 1, 1, "success", "An account was created."),
  "account.requested": kind(3001, 1, 1, "success", "Somebody signed up; the address waits to be confirmed."),
  "account.refused": kind(3001, 1, 2, "failure", "A sign-up was refused."),
  "account.changed": kind(3001, 99, 2, "success", "An account was changed."),
  "account.deleted": kind(3001, 6, 2, "success", "An account was deleted."),
  "account.keys-left": kind(
    3001,
    6,
    4,
    "failure",
    "The data keys of a deleted account could not be destroyed; it is tried again.",
  ),
  "password.changed": kind(3001, 3, 2, "success", "A password was changed."),
  "password.refused": kind(3001, 3, 2, "failure", "A new password was refused."),
  "password.rehashed": kind(3001, 99, 1, "success", "A stored password hash was made anew at the present cost."),
  "role.changed": kind(3001, 99, 3, "success", "The roles of an account were changed."),
  "signin.succeeded": kind(3002, 1, 1, "success", "Somebody signed in."),
  "signin.failed": kind(3002, 1, 3, "failure", "A sign-in failed."),
  "signin.locked": kind(3002, 1, 4, "failure", "Sign-in to an account was refused because of too many failures."),
  "session.refreshed": kind(3002, 99, 1, "success", "A session was refreshed."),
  "session.refresh-refused": kind(3002, 99, 3, "failure", "A refresh token was refused."),
  "session.reuse-detected": kind(
    3002,
    99,
    4,
    "failure",
    "A spent refresh token was used again; its session was ended.",
  ),
  "session.ended": kind(3002, 2, 1, "success", "A session was ended."),
  "factor.enrolled": kind(3001, 10, 1, "success", "Enrolment of a second factor began."),
  "factor.verified": kind(3002, 1, 1, "success", "A second factor was verified."),
  "factor.failed": kind(3002, 1, 3, "failure", "A second factor was refused."),
  "factor.removed": kind(3001, 11, 3, "success", "A second factor was removed."),
  "account.confirmed": kind(3001, 99, 1, "success", "The address of an account was confirmed."),
  "message.sent": kind(3001, 99, 1, "success", "A message was sent to the address of an account."),
  "message.refused": kind(3001, 99, 3, "failure", "A message was not sent because there were too many."),
  "message.failed": kind(3001, 99, 3, "failure", "A message could not be delivered."),
  "redirect.refused": kind(3002, 99, 3, "failure", "A redirect that the policy does not name was refused."),
  "identity.linked": kind(3001, 99, 3, "success", "An identity at a provider was linked to an account."),
  "identity.removed": kind(3001, 99, 3, "success", "An identity was removed from an account."),
  "provider.refused": kind(3002, 1, 3, "failure", "A sign-in by provider was refused."),
  "client.changed": kind(3001, 99, 3, "success", "An OAuth client was made, changed or removed."),
  "grant.given": kind(3001, 99, 2, "success", "Somebody granted an OAuth client what it asked for."),
  "grant.redeemed": kind(3002, 1, 1, "success", "An OAuth client redeemed what it was granted."),
  "grant.refused": kind(3002, 1, 3, "failure", "An OAuth client was refused."),
  "grant.replayed": kind(3002, 1, 4, "failure", "An authorization code came a second time; what it gave was ended."),
  "grant.removed": kind(3001, 99, 2, "success", "A grant to an OAuth client was taken back."),
  "role.requested": kind(3001, 99, 3, "success", "An administrator asked for a role that another one must approve."),
  "role.approved": kind(3001, 99, 3, "success", "Another administrator approved a role."),
  "role.refused": kind(
    3001,
    99,
    2,
    "failure",
    "A role that was asked for was refused, withdrawn, or not decided in time.",
  ),
  "impersonation.begun": kind(3002, 1, 4, "success", "An administrator began to act as somebody else."),
  "impersonation.ended": kind(3002, 2, 2, "success", "An administrator no longer acts as somebody else."),
  "impersonation.refused": kind(3002, 1, 4, "failure", "Acting as somebody else was refused."),
  "access.reviewed": kind(3001, 99, 2, "success", "Somebody reviewed who can do what."),
  "passkey.added": kind(3001, 10, 2, "success", "A passkey was added to an account."),
  "passkey.renamed": kind(3001, 99, 1, "success", "A passkey was given another name."),
  "passkey.removed": kind(3001, 11, 3, "success", "A passkey was removed from an account."),
  "passkey.refused": kind(3001, 10, 3, "failure", "A passkey was not added."),
  "signing-key.rotated": kind(3001, 99, 3, "success", "Another key signs access tokens."),
  "signing-key.revoked": kind(3001, 99, 4, "success", "A signing key was revoked; its tokens are refused."),
  "service-key.issued": kind(3001, 99, 3, "success", "A service key was issued."),
  "service-key.revoked": kind(3001, 99, 3, "success", "A service key was revoked."),
  "admin.refused": kind(3001, 99, 3, "failure", "A call to the administration interface was refused."),

  // The keyring: entity management (3004: 1 create, 2 read, 3 update, 4 delete).
  "key.made": kind(3004, 1, 1, "success", "A data key was made."),
  "key.used": kind(3004, 2, 1, "success", "A data key sealed or opened values: how many, within a minute or more."),
  "key.rotated": kind(3004, 3, 3, "success", "Another version of a data key seals."),
  "key.revoked": kind(3004, 3, 4, "success", "A data key was revoked; what it sealed is not read any more."),
  "key.shredded": kind(3004, 4, 4, "success", "Data keys were destroyed; nobody can read what they sealed."),
  "secret.changed": kind(3004, 3, 2, "success", "A secret that somebody gave has another value."),
  "secret.unavailable": kind(3004, 2, 4, "failure", "A source of secrets could not be asked."),
  "secret.overdue": kind(3004, 99, 3, "failure", "A secret is older than the policy lets it become."),
  "key.refused": kind(3004, 2, 4, "failure", "A data key was refused, or a sealed value that was changed or moved."),

  // Edge: HTTP activity (4002: 99 other), one name per step that refuses.
  "edge.host-refused": kind(4002, 99, 3, "failure", "A request named a host that is not ours."),
  "edge.path-refused": kind(4002, 99, 3, "failure", "A request path was ambiguous or malformed."),
  "edge.route-unknown": kind(4002, 99, 2, "failure", "A request named a route that the policy does not."),
  "edge.limit-exceeded": kind(4002, 99, 3, "failure", "A caller exceeded a rate limit."),
  "edge.origin-refused": kind(4002, 99, 3, "failure", "A state change came from a foreign origin."),
  "edge.token-refused": kind(4002, 99, 3, "failure", "An access token was invalid."),
  "edge.access-refused": kind(4002, 99, 3, "failure", "A subject was refused a route or page."),
  "edge.body-refused": kind(4002, 99, 2, "failure", "A request body broke its schema or limit."),
  "edge.malformed-refused": kind(4002, 99, 3, "failure", "A request could not be parsed, or was framed ambiguously."),
  "edge.upstream-failed": kind(4002, 99, 3, "failure", "A service behind the gateway did not answer."),
  "edge.csp-violation": kind(4002, 99, 3, "failure", "A browser reported a violation of the content security policy."),

  // Behind the edge: network activity (4001: 5 refuse).
  "service.peer-refused": kind(4001, 5, 4, "failure", "Somebody who may not call a service tried to connect to it."),

  // Services: API activity (6003) and datastore activity (6005).
  "api.error": kind(6003, 99, 3, "failure", "A service answered with an unexpected error."),
  "database.refused": kind(
    6005,
    99,
    3,
    "failure",
    "PostgreSQL refused a statement by privilege or row-level security.",
  ),
  "database.overloaded": kind(
    6005,
    99,
    3,
    "failure",
    "A pool of connections refused requests rather than let them wait in vain.",
  ),
  "replica.following": kind(6002, 99, 1, "success", "A replica follows the primary; reads may go there."),
  "replica.log-kept": kind(6002, 99, 4, "failure", "The primary keeps much of its log for a replica; its disk fills."),
  "replica.lost": kind(6002, 99, 4, "failure", "A replica is late, astray or away; no reads go there."),
  "database.claims-refused": kind(6005, 99, 5, "failure", "PostgreSQL refused forged or expired claims."),
  "database.sealed-refused": kind(6005, 99, 5, "failure", "A sealed value was changed, or stood in another place."),

  // Platform: application lifecycle (6002: 3 start, 4 stop), findings and incidents (2004, 2005).
  "platform.started": kind(6002, 3, 1, "success", "Holdfast started."),
  "platform.stopped": kind(6002, 4, 1, "success", "Holdfast stopped."),
  "platform.degraded": kind(6002, 99, 4, "failure", "A part that Holdfast needs stopped working."),
  "platform.recovered": kind(6002, 99, 2, "success", "A part that Holdfast needs works again."),
  "platform.events-lost": kind(
    6002,
    99,
    5,
    "failure",
    "Events were lost because the log could not be written in time.",
  ),
  "policy.applied": kind(6002, 99, 2, "success", "A compiled policy was applied to the database."),
  "policy.drift-found": kind(6002, 99, 4, "failure", "What is live differs from what was compiled."),
  "backup.made": kind(6002, 99, 1, "success", "A base backup was made; it counts after its restore drill."),
  "backup.failed": kind(6002, 99, 4, "failure", "A backup or its restore drill failed."),
  "backup.late": kind(
    6002,
    99,
    4,
    "failure",
    "A backup did not run when it was due, or the archived log is too far behind.",
  ),
  "backup.drill-passed": kind(6002, 99, 1, "success", "A backup was restored on trial, looked at, and counts."),
  "backup.drill-failed": kind(6002, 99, 5, "failure", "A backup was restored on trial and is not what it must be."),
  "backup.expired": kind(6002, 99, 1, "success", "Backups older than the policy keeps were removed."),
  "backup.log-interrupted": kind(6002, 99, 3, "failure", "Archiving of the write-ahead log was interrupted."),
  "backup.log-degraded": kind(
    6002,
    99,
    5,
    "failure",
    "Commits wait for the archive of the log no longer: it was away too long.",
  ),
  "backup.log-restored": kind(6002, 99, 1, "success", "The archive of the log is back, and commits wait for it again."),
  "backup.log-gap": kind(
    6002,
    99,
    5,
    "failure",
    "Part of the write-ahead log was never archived; moments in it cannot be restored.",
  ),
  "database.blocked": kind(6002, 99, 4, "failure", "Sessions waited for a lock for longer than they may."),
  "database.slow": kind(6002, 99, 3, "failure", "A statement took longer than it may, again and again."),
  "database.filling": kind(6002, 99, 4, "failure", "As the database grows now, its disk is soon full."),
  "audit.restore-accepted": kind(6002, 99, 4, "success", "A person let the audit log of a restored database go on."),
  "audit.tampered": kind(6002, 99, 5, "failure", "The audit log is not what was committed and signed."),
  "check.broken": kind(2004, 1, 4, "failure", "A check found that an attack succeeds."),
  "alert.raised": kind(2004, 1, 4, "failure", "A threshold was reached and an alert was raised."),
  "alert.acknowledged": kind(2004, 2, 1, "success", "A person acknowledged an alert."),
  "incident.opened": kind(2005, 1, 4, "failure", "An incident was opened."),
  "incident.acknowledged": kind(2005, 2, 1, "success", "A person acknowledged an incident."),
  "incident.closed": kind(2005, 3, 1, "success", "A person closed an incident."),
} as const satisfies Record<string, EventKind>;

/** Name of an event, for example `signin.failed`. */
export type EventName = keyof typeof eventKinds;

/** What a part of the system knows about something that just happened. Every string is at most 256 characters. */
export interface SecurityEvent {
  readonly name: EventName;
  /** Milliseconds since 1970. */
  readonly at: number;
  /** The gateway's id of the request, a UUID. */
  readonly requestId?: string;
  /** The caller's own id (header `x-correlation-id`), so that a check can find the events it caused. */
  readonly correlation?: string;
  /** The account concerned. */
  readonly subject?: string;
  /** Who did it, where that is somebody else than the account concerned: an administrator, or whoever acts in its name. */
  readonly actor?: string;
  readonly sessionId?: string;
  /** The client's address as the gateway sees it. */
  readonly address?: string;
  /** `"METHOD /pattern"`, never the raw path. */
  readonly route?: string;
  readonly service?: string;
  /** A short stable word: why. */
  readonly reason?: string;
  readonly detail?: Readonly<Record<string, string | number | boolean>>;
}

/** Where a part of the system puts its events. Must not throw and must not block the request. */
export type EmitEvent = (event: SecurityEvent) => void;
