// A session that ends is over everywhere within a second: at the gateway, in row-level security although a connection holds a
// proof of it, in the stream of events that is open, and at the gateway of another process on the same database.
import { asSubject } from "@holdfast/postgres";
import { afterAll, beforeAll, expect, test } from "vitest";
import { administrator, PASSWORD, reader } from "../testing/people.ts";
import { type Ground, openStream, openTestGround, type RequestInput, send } from "../testing/running-platform.ts";
import type { Platform } from "./start-platform.ts";

const reachMsMax = 1_000;
const deadlineMs = 10_000;

let ground: Ground;
let platform: Platform;
let neighbour: Platform;
beforeAll(async () => {
  ground = await openTestGround();
  platform = await ground.start();
  neighbour = await ground.start();
});
afterAll(async () => {
  await neighbour.stop();
  await platform.stop();
  await ground.close();
});

const claimsOf = (token: string) =>
  JSON.parse(Buffer.from(token.split(".")[1] ?? "", "base64url").toString()) as { sub: string; session_id: string };

interface Victim {
  readonly token: string;
  readonly refreshToken: string;
  readonly id: string;
}

async function ask(route: string, input: RequestInput = {}): Promise<void> {
  const { status, text } = await send(platform, route, input);
  if (status >= 300) throw new Error(`${route}: ${status} ${text}`);
}
const administer = (route: string, body: object) => ask(route, { token: platform.serviceKey, body });
const refresh = (refreshToken: string) =>
  send(platform, "POST /auth/v1/token?grant_type=refresh_token", { body: { refresh_token: refreshToken } });

const causes: Readonly<Record<string, (victim: Victim) => Promise<unknown>>> = {
  logout: ({ token }) => ask("POST /auth/v1/logout", { token }),
  revoke: ({ token }) => ask(`DELETE /auth/v1/user/sessions/${claimsOf(token).session_id}`, { token }),
  ban: ({ id }) => administer(`PUT /auth/v1/admin/users/${id}`, { ban_duration: "1h" }),
  delete: ({ id }) => administer(`DELETE /auth/v1/admin/users/${id}`, {}),
  "password change": ({ id }) => administer(`PUT /auth/v1/admin/users/${id}`, { password: "harbour-lemon-orbit-63" }),
  "role removal": ({ id }) => administer(`PUT /auth/v1/admin/users/${id}`, { app_metadata: { roles: [] } }),
  reuse: async ({ refreshToken }) => {
    await refresh((await refresh(refreshToken)).json.refresh_token);
    await refresh(refreshToken);
  },
};

async function victimOf(cause: string): Promise<Victim> {
  const email = `${cause.replace(" ", "-")}@example.com`;
  await reader(platform, email);
  const body = { email, password: PASSWORD };
  const { json } = await send(platform, "POST /auth/v1/token?grant_type=password", { body });
  return { token: json.access_token, refreshToken: json.refresh_token, id: json.user.id };
}

/** Milliseconds from now until the place refuses. */
async function refusedAfter(startedAt: number, isRefused: () => Promise<boolean>): Promise<number> {
  while (!(await isRefused())) {
    if (performance.now() - startedAt > deadlineMs) throw new Error("never refused");
  }
  return Math.round(performance.now() - startedAt);
}

test.each(Object.keys(causes))("%s reaches the gateway, row-level security and another process", async (cause) => {
  const victim = await victimOf(cause);
  const claims = claimsOf(victim.token);
  const pool = ground.test.pool("holdfast_api", { connectionsMax: 1 });
  const isPersonTo = async (): Promise<boolean> => {
    const { rows } = await asSubject<{ uid: string | null }>(pool, claims, { text: "select auth.uid() as uid" });
    return rows[0]?.uid === victim.id;
  };
  const isRefusedBy = async (at: Platform): Promise<boolean> =>
    (await send(at, "GET /api/hello", { token: victim.token })).status === 401;
  // The proof is on the connection, and both gateways remember the token.
  expect(await isPersonTo()).toBe(true);
  expect([await isRefusedBy(platform), await isRefusedBy(neighbour)]).toEqual([false, false]);

  await causes[cause]?.(victim);
  const endedAt = performance.now();
  const inDatabase = refusedAfter(endedAt, async () => {
    return await isPersonTo().then(
      (isPerson) => !isPerson,
      (error: { code?: string }) => error.code === "database/session-ended",
    );
  });
  const took = {
    database: await inDatabase,
    gateway: await refusedAfter(endedAt, () => isRefusedBy(platform)),
    "another process": await refusedAfter(endedAt, () => isRefusedBy(neighbour)),
  };
  console.log(`${cause}: refused after (ms)`, JSON.stringify(took));
  for (const [place, ms] of Object.entries(took)) expect(ms, place).toBeLessThan(reachMsMax);
  await pool.end();
});

test("an open stream of events closes with its session, in this process and in another", async () => {
  const { token } = await administrator(platform);
  const streams = [await openStream(platform, token), await openStream(neighbour, token)];
  for (const stream of streams) await stream.next("heartbeat");
  const endedAt = performance.now();
  await ask("POST /auth/v1/logout?scope=local", { token });
  const took: number[] = [];
  for (const stream of streams) {
    expect(await stream.next("end")).toEqual({ reason: "session-ended" });
    took.push(Math.round(performance.now() - endedAt));
  }
  console.log("open streams closed after (ms)", JSON.stringify(took));
  for (const ms of took) expect(ms).toBeLessThan(reachMsMax);
});

test("while nobody can tell what has ended, a gateway refuses every token with 503, and nobody is signed out", async () => {
  const token = await reader(platform, "unheard@example.com");
  const database = await ground.test.administrator();
  await database.query("revoke select on holdfast_keeper.ended_sessions from holdfast_identity");
  const deaf = await refusedAfter(performance.now(), async () => {
    const { status, json } = await send(neighbour, "GET /api/hello", { token });
    return status === 503 && json.type === "urn:holdfast:problem:revocations-unknown";
  });
  console.log("a gateway that hears nothing refused after (ms)", deaf);
  await database.query("grant select on holdfast_keeper.ended_sessions to holdfast_identity");
  await refusedAfter(performance.now(), async () => {
    return (await send(neighbour, "GET /api/hello", { token })).status === 200;
  });
});
