// Our identity service on a throw-away PostgreSQL, listening in the clear on loopback, for benchmarks that call it over HTTP.
import { createIdentity, createInbox, type Identity, identityMigrations, openSigningKeys } from "@holdfast/identity";
import { defineSecurity } from "@holdfast/policy";
import { startTestCluster, type TestDatabase, testDatabaseAt } from "@holdfast/postgres/testing";

const policy = defineSecurity({
  application: { name: "bench", origin: "https://localhost:8443" },
  roles: { reader: {}, admin: { requires: "aal2" } },
  identity: { signUp: "closed", defaultRoles: ["reader"] },
  tables: {},
  services: {},
});

export interface StartedIdentity {
  readonly identity: Identity;
  readonly database: TestDatabase;
  readonly url: string;
  stop(): Promise<void>;
}

export async function startIdentity(): Promise<StartedIdentity> {
  const cluster = await startTestCluster();
  const database = await testDatabaseAt(cluster.address, { migrationSets: [identityMigrations] });
  const kept = new Map<string, string>();
  const keys = await openSigningKeys({
    secret: async (secret, make) => kept.get(secret) ?? (kept.set(secret, make()).get(secret) as string),
    replace: async (secret, value) => void kept.set(secret, value),
  });
  const identity = await createIdentity({
    policy,
    keys,
    pool: database.pool("holdfast_identity"),
    watchPool: database.pool("holdfast_identity", { connectionsMax: 1 }),
    emit: () => undefined,
    now: Date.now,
    origin: policy.application.origin,
    messenger: createInbox({ now: Date.now }),
  });
  return {
    identity,
    database,
    url: await identity.app.listen({ host: "127.0.0.1", port: 0 }),
    async stop() {
      await identity.app.close();
      await database.drop();
      await cluster.stop();
    },
  };
}
