// Contract tests: an unmodified client of Supabase against identity, one test or more for each method it offers. Each test names
// the method it is about, and must really call it.
import { GoTrueClient } from "@supabase/auth-js";
import { expect, test } from "vitest";
import type { ClientChoice, TestIdentity } from "./start-identity.ts";

/** Given to the client by whoever makes it. */
const given = ["fetch", "logger"];
/** Marked private in the client's types; other methods call them. */
const ownParts = ["signInWithEthereum", "signInWithSolana", "linkIdentityOAuth", "linkIdentityIdToken", "fetchJwk"];
const notOffered = new Set(["constructor", ...given, ...ownParts]);
/** Namespaces of the client, as paths. */
const namespaces = ["", "mfa", "mfa.webauthn", "mfa.recoveryCodes", "passkey", "oauth"] as const;
const adminNamespaces = ["admin", "admin.mfa", "admin.oauth", "admin.customProviders", "admin.passkey"] as const;

const within = (client: object, path: string): object =>
  path === "" ? client : path.split(".").reduce((at, key) => Reflect.get(at, key) as object, client);

function functionsOf(object: object): readonly string[] {
  const names = new Set<string>();
  for (let at = object; at !== Object.prototype && at !== null; at = Object.getPrototypeOf(at)) {
    for (const name of Object.getOwnPropertyNames(at)) {
      if (name.startsWith("_") || notOffered.has(name)) continue;
      if (typeof Reflect.get(object, name) === "function") names.add(name);
    }
  }
  return [...names];
}

/** Every method that auth-js offers, for example `signUp`, `mfa.enroll`, `admin.mfa.listFactors`. */
export function offeredMethods(): readonly string[] {
  const client = new GoTrueClient({ url: "http://127.0.0.1:1", autoRefreshToken: false, persistSession: false });
  return [...namespaces, ...adminNamespaces].flatMap((path) =>
    functionsOf(within(client, path)).map((name) => (path === "" ? name : `${path}.${name}`)),
  );
}

const called = new Set<string>();

/** The client itself; only what is called on it is noted. */
function noting<T extends object>(target: T, path: string): T {
  return new Proxy(target, {
    get(object, key) {
      const value = Reflect.get(object, key) as unknown;
      const name = path === "" ? String(key) : `${path}.${String(key)}`;
      if (typeof value === "function") {
        return (...values: unknown[]) => {
          called.add(name);
          return (value as (...all: unknown[]) => unknown).apply(object, values);
        };
      }
      const isNamespace =
        typeof value === "object" && value !== null && [...namespaces, ...adminNamespaces].includes(name as never);
      return isNamespace ? noting(value as object, name) : value;
    },
  });
}

/** A client whose calls count for the contract. */
export const contractClient = (
  room: TestIdentity,
  headers: Record<string, string> = {},
  more: ClientChoice = {},
): GoTrueClient => noting(room.client(headers, more), "");

/** A client with the service key. */
export async function contractAdmin(room: TestIdentity): Promise<GoTrueClient["admin"]> {
  return contractClient(room, { Authorization: `Bearer ${await room.identity.issueServiceKey()}` }).admin;
}

/** A test about one method of the client. */
export function contract(method: string, sentence: string, run: () => Promise<void>): void {
  test(`${method}: ${sentence}`, async () => {
    called.clear();
    await run();
    expect([...called]).toContain(method);
  });
}
