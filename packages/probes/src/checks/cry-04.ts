import { randomUUID } from "node:crypto";
import { fromAttackList } from "../attack-list.ts";
import type { Check } from "../check.ts";
import { administratorConnection } from "../database-session.ts";
import { carelessRule } from "../sabotages.ts";
import type { ProbeSession } from "../session.ts";

/** A bcrypt hash of cost 4, as an import from elsewhere may bring it, and its password. */
const BROUGHT = {
  hash: "$2b$04$6QsKEilSQ4QowD0GOB5na.Mu3KhHeXcmVyFwDuLLbnvHcyLUDpeqC",
  password: "a practice password that was brought along",
} as const;
const ARGON2ID = /^\$argon2id\$v=19\$m=(\d+),t=(\d+),p=(\d+)\$/u;

export const cry04: Check = {
  ...fromAttackList("CRY-04"),
  title:
    "A stored password hash is weaker than the policy says: a new one, or one that was brought along, after its owner signed in.",
  kind: "attack",
  layers: ["identity", "database"],
  events: ["password.rehashed"],
  company: "together",
  sabotage: carelessRule(
    "keeps-weak-hashes",
    "A hash that was brought along stays as it is when its owner signs in.",
    "keepsHash",
    () => true,
  ),
  run: async (session) => {
    const administrator = await administratorConnection(session);
    const hashOf = async (id: string): Promise<string> => {
      const { rows } = await administrator.query<{ hash: string | null }>(
        "select encrypted_password as hash from auth.users where id = $1",
        [id],
      );
      return rows[0]?.hash ?? "";
    };
    const made = await session.victim();
    judge(session, "the hash of a password that was just chosen", await hashOf(made.id));
    const email = `probe-${randomUUID()}@${session.target.emailDomain ?? "probe.invalid"}`;
    const brought = await session.positive(
      "an account is made with a hash from elsewhere",
      {
        method: "POST",
        path: "/auth/v1/admin/users",
        bearer: session.target.serviceKey,
        body: { email, password_hash: BROUGHT.hash, email_confirm: true },
      },
      200,
    );
    const { id = "" } = brought.json as { readonly id?: string };
    session.afterwards(() => session.accounts.remove(id));
    session.require((await hashOf(id)) === BROUGHT.hash, "the hash is stored as it was brought along");
    const signedIn = await session.positive(
      "its owner signs in",
      {
        method: "POST",
        path: "/auth/v1/token?grant_type=password",
        bearer: made.accessToken,
        body: { email, password: BROUGHT.password },
      },
      200,
    );
    const { access_token: access = "", refresh_token: refresh = "" } = signedIn.json as Readonly<
      Record<string, string>
    >;
    session.redaction.hide(access, "access-token");
    session.redaction.hide(refresh, "refresh-token");
    judge(session, "the hash after its owner signed in", await hashOf(id), signedIn.correlation);
    return await session.conclude(
      "Stored hashes were argon2id of the policy's cost, also where they came from elsewhere.",
    );
  },
};

function judge(session: ProbeSession, request: string, hash: string, correlation?: string): void {
  const { memoryKib, passes } = session.policy.identity.password.hash;
  const [scheme, memory, time] = ARGON2ID.exec(hash) ?? [];
  session.judge({
    request: `read ${request}`,
    expected: `argon2id with at least m=${memoryKib}, t=${passes}${correlation === undefined ? "" : ", event password.rehashed"}`,
    got: scheme ?? (hash.split("$")[1] || "no hash"),
    held: Number(memory) >= memoryKib && Number(time) >= passes,
    ...(correlation === undefined ? {} : { event: { name: "password.rehashed" as const, correlation } }),
  });
}
