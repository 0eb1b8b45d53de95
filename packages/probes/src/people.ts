// The people that checks share: made once per run, when the first check asks for them.
import type { Subject } from "@holdfast/policy";
import { subjectFromClaims } from "@holdfast/policy";
import { type Account, type Accounts, decodeClaims } from "./accounts.ts";
import type { Target } from "./target.ts";

/** A subject that attacks, with the token it attacks with. */
export interface Attacker {
  readonly name: string;
  /** Absent for the anonymous. */
  readonly bearer?: string;
  readonly subject: Subject;
  /** Verified claims, or null for the anonymous. */
  readonly claims: Readonly<Record<string, unknown>> | null;
}

export interface People {
  /** A person with the default roles: tenant A. */
  alice(): Promise<Account>;
  /** A person with the default roles: tenant B. */
  bob(): Promise<Account>;
  /** Whoever guesses the next password: another one after some guesses, since each may ask for a token only so often. */
  guesser(): Promise<Account>;
  /**
   * Everybody who attacks: anonymous, alice, bob, one person for each other declared role, and, for a role that needs aal2,
   * one in a session without and one with the second factor. The service is apart: it is not a person.
   */
  everybody(): Promise<readonly Attacker[]>;
  /** The service key's bearer. */
  service(): Attacker;
}

export const ANONYMOUS: Attacker = {
  name: "anonymous",
  subject: { id: null, kind: "anonymous", roles: [], assurance: "aal1", sessionId: null },
  claims: null,
};

const GUESSES_PER_GUESSER = 15;

export function createPeople(target: Target, accounts: Accounts): People {
  let guesses = 0;
  const once = new Map<string, Promise<unknown>>();
  const memo = <T>(name: string, make: () => Promise<T>): Promise<T> => {
    const known = once.get(name) as Promise<T> | undefined;
    if (known) return known;
    const made = make();
    once.set(name, made);
    return made;
  };
  const people: People = {
    alice: () => memo("alice", () => accounts.make()),
    bob: () => memo("bob", () => accounts.make()),
    guesser() {
      guesses += 1;
      return memo(`guesser ${Math.floor(guesses / GUESSES_PER_GUESSER)}`, () => accounts.make());
    },
    everybody: () =>
      memo("everybody", async () => {
        const [alice, bob] = await Promise.all([people.alice(), people.bob()]);
        const others = await Promise.all(otherRoles(target).map((role) => attackersOfRole(target, accounts, role)));
        return [ANONYMOUS, asAttacker("alice", alice), asAttacker("bob", bob), ...others.flat()];
      }),
    service() {
      const claims = decodeClaims(target.serviceKey);
      return { name: "the service key", bearer: target.serviceKey, subject: subjectFromClaims(claims), claims };
    },
  };
  return people;
}

export function asAttacker(name: string, account: Account): Attacker {
  return { name, bearer: account.accessToken, subject: account.subject, claims: account.claims };
}

function otherRoles(target: Target): string[] {
  const defaults = target.policy.identity.defaultRoles;
  return Object.keys(target.policy.roles).filter((role) => !(defaults.length === 1 && defaults[0] === role));
}

async function attackersOfRole(target: Target, accounts: Accounts, role: string): Promise<Attacker[]> {
  const account = await accounts.make({ roles: [role] });
  const atOne = asAttacker(`${role} (aal1)`, account);
  if (target.policy.roles[role]?.requires !== "aal2") return [asAttacker(role, account)];
  // Another account: a verified factor ends the sessions of its account that have not passed it.
  const second = await accounts.make({ roles: [role] });
  const { account: passed } = await accounts.withSecondFactor(second);
  return [atOne, asAttacker(`${role} (aal2)`, passed)];
}
