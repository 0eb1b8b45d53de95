// A browser of an application whose accounts live in a hosted project: the project is a real identity on another port, the session
// is kept by an unmodified auth-js, and guards, gateway and row-level security decide as they do with accounts of our own.
import { asSubject } from "@holdfast/postgres";
import { GoTrueClient } from "@supabase/auth-js";
import { decodeJwt } from "jose";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Platform } from "../packages/server/src/assembly/start-platform.ts";
import { type HostedProject, openHostedProject } from "../packages/server/src/testing/hosted-project.ts";
import { type Ground, openTestGround, send } from "../packages/server/src/testing/running-platform.ts";
import { testPolicy } from "../packages/server/src/testing/test-policy.ts";

/** The browser's side is written for a browser, whose types are not known here. */
interface Page {
  getState(): { readonly status: string };
  ready(): Promise<{ readonly status: string }>;
  can(requirement: object): boolean;
  secureFetch(path: string): Promise<Response>;
  signIn(email: string, password: string): Promise<object>;
  signUp(email: string, password: string): Promise<object>;
  signOut(): Promise<void>;
  watch(): () => void;
}
const browserSide = "@holdfast/react";
const { createHostedHoldfast } = (await import(browserSide)) as { createHostedHoldfast(options: object): Page };

const password = "gravel-otter-lantern-47";
let ground: Ground;
let project: HostedProject;
let platform: Platform;
let policy = testPolicy;
beforeAll(async () => {
  ground = await openTestGround();
  project = await openHostedProject(testPolicy);
  policy = { ...testPolicy, identity: { ...testPolicy.identity, hosted: { url: project.url } } };
  platform = await ground.start({ policy });
}, 60_000);
afterAll(async () => {
  await platform.stop();
  await project.close();
  await ground.close();
});

/** What a page would send, on its way through the gateway. */
const sent: { readonly cookie: string | null; readonly authorization: string | null }[] = [];
const throughGateway = (async (url: URL, init: RequestInit) => {
  const headers = Object.fromEntries(new Headers(init.headers));
  sent.push({ cookie: headers["cookie"] ?? null, authorization: headers["authorization"] ?? null });
  const { authorization, ...rest } = headers;
  const token = authorization?.replace("Bearer ", "");
  const answer = await send(platform, `${init.method} ${url.pathname}`, { token, headers: rest });
  return new Response(answer.text, { status: answer.status, headers: { "content-type": "application/json" } });
}) as unknown as typeof fetch;

function openPage(): { readonly holdfast: Page; readonly auth: GoTrueClient } {
  const auth = new GoTrueClient({
    url: `${project.url}/auth/v1`,
    autoRefreshToken: false,
    persistSession: false,
    detectSessionInUrl: false,
    storageKey: crypto.randomUUID(),
  });
  return { auth, holdfast: createHostedHoldfast({ policy, site: "app", auth, surroundings: surroundingsOf() }) };
}

async function account(roles: readonly string[]): Promise<string> {
  await project.person(roles);
  return project.newest();
}

test("who signs in by the project's own client is signed in here, with the token's roles, at the gateway and in row-level security", async () => {
  const { auth, holdfast } = openPage();
  const stop = holdfast.watch();
  expect((await holdfast.ready()).status).toBe("signed-out");
  expect(holdfast.can({ kind: "signedIn" })).toBe(false);
  const { data } = await auth.signInWithPassword({ email: await account(["reader"]), password });
  expect(holdfast.getState()).toMatchObject({ status: "signed-in", roles: ["reader"], assurance: "aal1" });
  expect(holdfast.can({ kind: "role", role: "reader" })).toBe(true);
  expect(holdfast.can({ kind: "role", role: "admin" })).toBe(false);
  const answer = await holdfast.secureFetch("/api/hello");
  expect(await answer.json()).toEqual({ subject: data.user?.id });
  expect(sent.at(-1)).toEqual({ cookie: null, authorization: `Bearer ${data.session?.access_token}` });
  const uid = await asSubject(
    platform.apiPool,
    decodeJwt(data.session?.access_token ?? "") as never,
    async (database) => {
      const { rows } = await database.query("select auth.uid() as uid");
      return rows[0]?.uid;
    },
  );
  expect(uid).toBe(data.user?.id);
  stop();
});

test("the same page without a session, or with roles that somebody wrote into the browser's storage, gets nothing more", async () => {
  const { auth, holdfast } = openPage();
  await expect(holdfast.secureFetch("/api/hello")).rejects.toMatchObject({ status: 401 });
  const { data } = await auth.signInWithPassword({ email: await account([]), password });
  const { session } = data;
  if (session === null) throw new Error("nobody is signed in");
  session.user.app_metadata.roles = ["admin"];
  const forged = { ...session, user: { ...session.user, app_metadata: { roles: ["reader", "admin"] } } };
  const liar = { ...stubOf(auth), getSession: async () => ({ data: { session: forged }, error: null }) };
  const page = createHostedHoldfast({ policy, site: "app", auth: liar, surroundings: surroundingsOf() });
  expect(await page.ready()).toMatchObject({ status: "signed-in", roles: [] });
  expect(page.can({ kind: "role", role: "reader" })).toBe(false);
  await expect(page.secureFetch("/api/broken")).rejects.toMatchObject({ status: 403 });
  const stranger = { ...forged, access_token: "x.y.z" };
  const broken = { ...stubOf(auth), getSession: async () => ({ data: { session: stranger }, error: null }) };
  const none = createHostedHoldfast({ policy, site: "app", auth: broken, surroundings: surroundingsOf() });
  expect((await none.ready()).status).toBe("signed-out");
});

test("signing in and out through holdfast reaches the project, and what is the project's says so", async () => {
  const { auth, holdfast } = openPage();
  const email = await account(["reader"]);
  await expect(holdfast.signIn(email, "wrong password here")).rejects.toMatchObject({ code: "invalid_credentials" });
  expect(await holdfast.signIn(email, password)).toMatchObject({ status: "signed-in" });
  await holdfast.signOut();
  expect(holdfast.getState().status).toBe("signed-out");
  expect((await auth.getSession()).data.session).toBeNull();
  await expect(holdfast.secureFetch("/api/hello")).rejects.toMatchObject({ status: 401 });
  await expect(holdfast.signUp(email, password)).rejects.toMatchObject({ code: "react/hosted" });
});

test("a project that does not answer signs nobody in and nobody out", async () => {
  const { auth, holdfast } = openPage();
  await holdfast.signIn(await account(["reader"]), password);
  const away = { ...stubOf(auth), getSession: async () => ({ data: { session: null }, error: new Error("network") }) };
  const page = createHostedHoldfast({ policy, site: "app", auth: away, surroundings: surroundingsOf() });
  expect((await page.ready()).status).toBe("unreachable");
});

test("who asks who may do what is answered from the policy, and told that nobody here knows the people", async () => {
  const token = platform.serviceKey;
  const report = await send(platform, "GET /platform/v1/access?what=content", { token });
  expect(report.status).toBe(200);
  expect(report.json.classes.map(({ people }: { people: null }) => people)).toEqual(
    [[], ...Object.keys(policy.roles)].map(() => null),
  );
  const one = await send(platform, "GET /platform/v1/access?who=ada@example.com", { token });
  expect([one.status, one.json.type]).toEqual([501, expect.stringContaining("people-elsewhere")]);
  const operator = await send(platform, "GET /platform/v1/access", { token: await platform.operatorKey() });
  expect(operator.status).toBe(200);
});

test("the pages may reach the project, and a deployment with accounts of its own names no such place", async () => {
  const page = await send(platform, "GET /sign-in", { headers: { accept: "text/html" } });
  expect(page.headers["content-security-policy"]).toContain(`connect-src 'self' ${project.url};`);
});

const surroundingsOf = () => ({
  fetch: throughGateway,
  origin: platform.origin,
  now: Date.now,
  wait: async () => undefined,
  storage: null,
  Channel: undefined,
  locks: null,
  focus: null,
});
const stubOf = (auth: GoTrueClient) => ({
  refreshSession: () => auth.refreshSession(),
  signInWithPassword: (given: { email: string; password: string }) => auth.signInWithPassword(given),
  signOut: () => auth.signOut(),
  onAuthStateChange: (listener: never) => auth.onAuthStateChange(listener),
});
