// What the console and the operator do with other people's accounts, behind one interface. Every call that changes something says
// who acts; what is refused throws an IdentityError and is recorded.
import { administerAccount, removeAccount, requireAccount } from "../account/administer-account.ts";
import { createAccount, readEmail } from "../account/create-account.ts";
import { accountLabel } from "../account/email-address.ts";
import { invite } from "../account/invite.ts";
import { IdentityError } from "../error/identity-error.ts";
import { removeFactorOf } from "../factor/remove-factor.ts";
import type { IdentityContext } from "../identity-context.ts";
import { type Caller, emitEvent } from "../request/caller.ts";
import { offeredBy } from "../session/assurance.ts";
import { endAccountSessions } from "../session/end-sessions.ts";
import { listSessions } from "../session/session-store.ts";
import { sendLink } from "../verify/send-link.ts";
import { type Actor, actorFacts } from "./actor.ts";
import { decideRole, type RoleWish, readReason, type WantedVerdict, wishRole, withdrawRole } from "./change-roles.ts";
import { listOpenSessions, personSession } from "./open-sessions.ts";
import {
  findPerson,
  listAddresses,
  listDoubtful,
  listPeople,
  listRoleClasses,
  type RoleClass,
} from "./people-store.ts";
import type {
  OpenSessionPage,
  PeoplePage,
  PeopleQuery,
  Person,
  PersonSession,
  RoleOutcome,
  RoleRequest,
  SessionsQuery,
} from "./person.ts";
import { requireMayGrant } from "./privilege.ts";
import { listRequests } from "./role-store.ts";

/** Who asks for a change, and with which request. */
export interface By {
  readonly actor: Actor;
  readonly caller: Caller;
}

export type Administrator = Extract<Actor, { readonly kind: "administrator" }>;

export interface Administration {
  people(query: PeopleQuery): Promise<PeoplePage>;
  /** @throws IdentityError user_not_found, and so does everything below that names a person. */
  person(id: string): Promise<Person>;
  sessionsOf(id: string): Promise<readonly PersonSession[]>;
  /** Everybody's, or those of the people that the query finds. */
  openSessions(query: SessionsQuery): Promise<OpenSessionPage>;
  /** Addresses by id, of accounts that are there. */
  addressesOf(ids: readonly string[]): Promise<ReadonlyMap<string, string>>;
  /** Accounts that nobody has used since, and ones with one of the roles but nothing besides a password; at most `limit`. */
  doubtful(unusedSince: number, privileged: readonly string[], limit: number): Promise<readonly Person[]>;
  roleClasses(): Promise<readonly RoleClass[]>;
  /** An account without a password; the person sets one through a link, which is mailed with an invitation. */
  create(by: By, account: NewPerson): Promise<{ readonly id: string }>;
  /** Null lifts the ban. */
  ban(by: By, id: string, until: number | null): Promise<void>;
  remove(by: By, id: string): Promise<void>;
  /** Ends one session, or all of them. */
  endSessions(by: By, id: string, sessionId: string | null): Promise<readonly string[]>;
  /** The note is recorded. */
  removeFactor(by: By, id: string, factorId: string, note: string): Promise<void>;
  wishRole(by: By, wish: RoleWish): Promise<RoleOutcome>;
  withdrawRole(by: By, wish: Omit<RoleWish, "until">): Promise<void>;
  roleRequests(which: "open" | "all"): Promise<readonly RoleRequest[]>;
  decideRole(
    by: { readonly actor: Administrator; readonly caller: Caller },
    verdict: WantedVerdict,
  ): Promise<RoleRequest>;
}

export interface NewPerson {
  readonly email: string;
  readonly roles: readonly string[];
  readonly isInvited: boolean;
}

const requestsShownMax = 200;

export function createAdministration(context: IdentityContext): Administration {
  const { database, now } = context;
  const offered = offeredBy(context.policy);
  return {
    people: (query) => listPeople(database, query, offered, now()),
    async person(id) {
      const person = await findPerson(database, id, offered, now());
      if (person === null) throw new IdentityError("user_not_found");
      return person;
    },
    async sessionsOf(id) {
      const account = await requireAccount(context, id);
      const { idleSeconds } = context.policy.identity.session;
      const all = await listSessions(database, id);
      return all
        .filter((one) => context.rules.sessionEnd(one, idleSeconds, now()) === null)
        .map((one) => personSession(context, account, one));
    },
    openSessions: (query) => listOpenSessions(context, query),
    addressesOf: (ids) => listAddresses(database, ids),
    doubtful: (unusedSince, privileged, limit) =>
      listDoubtful(database, { unusedSince, privileged, limit }, offered, now()),
    roleClasses: () => listRoleClasses(database, now()),
    create: (by, account) => createPerson(context, by, account),
    async ban({ actor, caller }, id, bannedUntil) {
      await administerAccount(context, caller, actor, id, { bannedUntil });
    },
    remove: ({ actor, caller }, id) => removeAccount(context, caller, actor, id, false),
    async endSessions({ caller, actor }, id, sessionId) {
      await requireAccount(context, id);
      const choice = sessionId === null ? ({ kind: "all" } as const) : ({ kind: "one", id: sessionId } as const);
      const by = actor.kind === "administrator" ? { actor: actor.id } : {};
      return await endAccountSessions(context, caller, id, choice, "revoked", by);
    },
    removeFactor: ({ actor, caller }, id, factorId, note) =>
      removeFactorOf(context, caller, actor, { userId: id, factorId, note: readReason(note) }),
    wishRole: ({ actor, caller }, wish) => wishRole(context, caller, actor, wish),
    withdrawRole: ({ actor, caller }, wish) => withdrawRole(context, caller, actor, wish),
    roleRequests: (which) => listRequests(database, which, now(), requestsShownMax),
    decideRole: ({ actor, caller }, verdict) => decideRole(context, caller, actor, verdict),
  };
}

async function createPerson(
  context: IdentityContext,
  { actor, caller }: By,
  { email, roles, isInvited }: NewPerson,
): Promise<{ readonly id: string }> {
  requireMayGrant(context, caller, actor, undefined, roles);
  if (isInvited) return await invitePerson(context, { actor, caller }, email, roles);
  const account = await createAccount(context, caller, { email, appMetadata: { roles } });
  const detail = { account: accountLabel(account.email), roles: account.appMetadata.roles.join(",") };
  emitEvent(context, caller, "account.created", { subject: account.id, ...actorFacts(actor), detail });
  return { id: account.id };
}

/** The account, and a link by mail that makes it theirs. Somebody who was invited before and never came is mailed once more. */
async function invitePerson(
  context: IdentityContext,
  { actor, caller }: By,
  email: string,
  roles: readonly string[],
): Promise<{ readonly id: string }> {
  const delivery = { redirectTo: `${context.policy.application.origin}/` };
  const invitation = { email: readEmail(context, email), roles, data: {}, delivery, facts: actorFacts(actor) };
  const { account, link } = await invite(context, caller, invitation);
  await sendLink(context, caller, "invite", link);
  return { id: account.id };
}
