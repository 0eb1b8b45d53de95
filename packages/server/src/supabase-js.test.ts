// Contract: the unmodified @supabase/supabase-js, through the real gateway, identity and PostgreSQL.
import { createClient, type SupabaseClient } from "@supabase/supabase-js";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Platform } from "./assembly/start-platform.ts";
import { PASSWORD } from "./testing/people.ts";
import { type Ground, openTestGround, send } from "./testing/running-platform.ts";

let ground: Ground;
let platform: Platform;
let admin: SupabaseClient;
beforeAll(async () => {
  ground = await openTestGround();
  platform = await ground.start();
  admin = client(platform.serviceKey);
});
afterAll(async () => {
  await platform.stop();
  await ground.close();
});

/** fetch over the gateway's own certificate. */
const fetchThere: typeof fetch = async (input, init) => {
  const url = new URL(String(input));
  const headers = Object.fromEntries(new Headers(init?.headers));
  const answer = await send(platform, `${init?.method ?? "GET"} ${url.pathname}${url.search}`, {
    headers,
    ...(typeof init?.body === "string" ? { body: JSON.parse(init.body) } : {}),
  });
  const bears = answer.status !== 204 && answer.status !== 304;
  return new Response(bears ? answer.text : null, {
    status: answer.status,
    headers: Object.entries(answer.headers).map(([name, value]): [string, string] => [name, String(value)]),
  });
};

function client(key = "sb_publishable_local"): SupabaseClient {
  return createClient("https://localhost:8443", key, {
    auth: { persistSession: false, autoRefreshToken: false, detectSessionInUrl: false },
    global: { fetch: fetchThere },
  });
}

async function person() {
  const email = `p${Math.random().toString(36).slice(2, 12)}@example.test`;
  const { data, error } = await admin.auth.admin.createUser({ email, password: PASSWORD, email_confirm: true });
  if (error !== null) throw error;
  return { id: data.user.id, email };
}

test("a server makes, lists and removes people with the service key", async () => {
  const { id, email } = await person();
  expect((await admin.auth.admin.getUserById(id)).data.user?.email).toBe(email);
  expect((await admin.auth.admin.listUsers()).data.users.map((user) => user.id)).toContain(id);
  expect((await admin.auth.admin.deleteUser(id)).error).toBeNull();
  expect((await admin.auth.admin.getUserById(id)).error?.code).toBe("user_not_found");
});

test("a browser signs up and in, reads and changes itself, refreshes and signs out, with a publishable key", async () => {
  const { id, email } = await person();
  const browser = client();
  const up = await browser.auth.signUp({ email: "new@example.test", password: PASSWORD });
  expect(up.error).toBeNull();
  expect(up.data.session).toBeNull();
  const { data, error } = await browser.auth.signInWithPassword({ email, password: PASSWORD });
  expect(error).toBeNull();
  expect(data.user?.id).toBe(id);
  expect((await browser.auth.updateUser({ data: { theme: "dark" } })).data.user?.user_metadata).toEqual({
    theme: "dark",
  });
  expect((await browser.auth.refreshSession()).error).toBeNull();
  expect((await browser.auth.getUser()).data.user?.id).toBe(id);
  expect((await browser.auth.getClaims()).data?.claims).toMatchObject({ sub: id, app_metadata: { roles: ["reader"] } });
  expect((await browser.auth.signOut()).error).toBeNull();
  expect((await browser.auth.getUser()).error?.name).toBe("AuthSessionMissingError");
});

test("what identity refuses arrives with its code", async () => {
  const { email } = await person();
  const browser = client();
  const wrong = await browser.auth.signInWithPassword({ email, password: "wrong-wrong-wrong" });
  expect(wrong.error).toMatchObject({ name: "AuthApiError", status: 400, code: "invalid_credentials" });
  expect((await browser.auth.signInAnonymously()).error?.code).toBe("anonymous_provider_disabled");
  expect((await browser.auth.signInWithSSO({ domain: "example.test" })).error?.code).toBe("saml_provider_disabled");
});

test("a publishable key opens nothing that asks who it is", async () => {
  const headers = { authorization: "Bearer sb_publishable_local" };
  expect((await send(platform, "GET /api/hello", { headers })).status).toBe(401);
  expect((await send(platform, "GET /auth/v1/admin/users", { headers })).status).toBe(401);
});
