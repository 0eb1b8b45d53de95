// Our identity service in a process of its own, so that its processor time is its own. It is given the address of a cluster; it says
// where it listens and whom it knows, answers "usage" with the microseconds used, and "hash" by comparing passwords and nothing else.
import type { AddressInfo } from "node:net";
import { createIdentity, identityMigrations, openSigningKeys } from "@holdfast/identity";
import { defineSecurity } from "@holdfast/policy";
import { testDatabaseAt } from "@holdfast/postgres/testing";
import { hash, verify } from "@node-rs/argon2";
import type { Question, Ready } from "./question.ts";

const PASSWORD = "gravel-otter-lantern-47";
const PEOPLE = 64;
/** As many as identity hashes at the same time. */
const HASHES_AT_ONCE = 2;
const cost = { memoryCost: 19_456, timeCost: 2, parallelism: 1 };

const policy = defineSecurity({
  application: { name: "bench", origin: "https://localhost:8443" },
  roles: { reader: {}, admin: { includes: ["reader"], requires: "aal2" } },
  identity: { signUp: "open", defaultRoles: ["reader"], lockout: { attempts: 100, window: "15m" } },
  tables: {},
  services: {},
});

const database = await testDatabaseAt(JSON.parse(process.argv[2] ?? ""), { migrationSets: [identityMigrations] });
const kept = new Map<string, string>();
const identity = await createIdentity({
  policy,
  pool: database.pool("holdfast_identity"),
  emit: () => undefined,
  now: Date.now,
  origin: policy.application.origin,
  messenger: { carries: ["email", "phone"], send: async () => undefined },
  keys: await openSigningKeys({
    secret: async (name, make) => {
      const secret = kept.get(name) ?? make();
      kept.set(name, secret);
      return secret;
    },
    replace: async (name, value) => void kept.set(name, value),
  }),
});
const emails: string[] = [];
for (let person = 0; person < PEOPLE; person += 1) {
  const email = `p${person}@example.test`;
  await identity.createAccount({ email, password: PASSWORD, roles: ["reader"] });
  emails.push(email);
}
await (await database.administrator()).query("update auth.users set email_confirmed_at = now()");
await identity.app.listen({ host: "127.0.0.1", port: 0 });
const ready: Ready = { port: (identity.app.server.address() as AddressInfo).port, emails, password: PASSWORD };

const stored = await hash(PASSWORD, cost);
async function compare(times: number): Promise<void> {
  let left = times;
  const work = async (): Promise<void> => {
    while (left > 0) {
      left -= 1;
      await verify(stored, PASSWORD);
    }
  };
  await Promise.all(Array.from({ length: HASHES_AT_ONCE }, work));
}

process.on("message", async (question: Question) => {
  if (question.kind === "hash") await compare(question.times);
  const { user, system } = process.cpuUsage();
  process.send?.({ usedUs: user + system });
});
process.on("disconnect", async () => {
  await identity.app.close();
  await database.drop();
  process.exit(0);
});
process.send?.(ready);
