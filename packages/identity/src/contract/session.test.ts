// Sessions on the client's side: kept, renewed, given up.
import { afterAll, beforeAll, expect } from "vitest";
import { contract, contractClient } from "../testing/contract.ts";
import { goodPassword, TestIdentity } from "../testing/start-identity.ts";

const room = new TestIdentity();
beforeAll(() => room.start());
afterAll(() => room.stop());

async function signedIn(roles?: readonly string[]) {
  const person = await room.person(roles);
  const client = contractClient(room);
  const { data } = await client.signInWithPassword({ email: person.email, password: goodPassword });
  if (data.session === null) throw new Error("no session");
  return { client, person, session: data.session };
}

contract("initialize", "a client without a session begins without one", async () => {
  const client = contractClient(room);
  expect(await client.initialize()).toEqual({ error: null });
  expect((await client.getSession()).data.session).toBeNull();
});

contract("isThrowOnErrorEnabled", "errors are answers unless the client is told otherwise", async () => {
  expect(contractClient(room).isThrowOnErrorEnabled()).toBe(false);
});

contract("getSession", "hands back what signing in gave", async () => {
  const { client, session } = await signedIn();
  expect((await client.getSession()).data.session?.access_token).toBe(session.access_token);
});

contract("getUser", "asks the server who it is", async () => {
  const { client, person } = await signedIn();
  expect((await client.getUser()).data.user?.id).toBe(person.id);
  expect((await client.getUser("a.b.c")).error?.code).toBe("bad_jwt");
});

contract("setSession", "takes over tokens from elsewhere", async () => {
  const { session, person } = await signedIn();
  const other = contractClient(room);
  const { data, error } = await other.setSession(session);
  expect(error).toBeNull();
  expect(data.user?.id).toBe(person.id);
});

contract("refreshSession", "yields new tokens of the same session", async () => {
  const { client, session } = await signedIn();
  const { data, error } = await client.refreshSession();
  expect(error).toBeNull();
  expect(data.session?.refresh_token).not.toBe(session.refresh_token);
  const later = await client.getClaims(data.session?.access_token);
  const before = await client.getClaims(session.access_token);
  expect(later.data?.claims.session_id).toBe(before.data?.claims.session_id);
});

contract("refreshSession", "a token that was spent long ago is refused, and so is its session", async () => {
  const { client, session } = await signedIn();
  for (let turn = 0; turn < 2; turn += 1) await client.refreshSession();
  const thief = contractClient(room);
  expect((await thief.refreshSession(session)).error?.code).toBe("refresh_token_already_used");
  expect((await client.getUser()).error?.name).toBe("AuthSessionMissingError");
});

contract("signOut", "ends the sessions its scope names", async () => {
  const { client: first, person } = await signedIn();
  const [second, third] = [contractClient(room), contractClient(room)];
  for (const client of [second, third])
    await client.signInWithPassword({ email: person.email, password: goodPassword });
  const isAlive = async (client: typeof first) => (await client.getUser()).error === null;
  expect((await second.signOut({ scope: "local" })).error).toBeNull();
  expect(await isAlive(first)).toBe(true);
  expect((await first.signOut({ scope: "others" })).error).toBeNull();
  expect([await isAlive(first), await isAlive(third)]).toEqual([true, false]);
  expect((await third.getUser()).error?.name).toBe("AuthSessionMissingError");
  expect((await first.signOut()).error).toBeNull();
  expect(await isAlive(first)).toBe(false);
});

contract("onAuthStateChange", "tells of signing in, changing, refreshing and signing out", async () => {
  const { email } = await room.person();
  const client = contractClient(room);
  const seen: string[] = [];
  const { data } = client.onAuthStateChange((event) => {
    seen.push(event);
  });
  await client.signInWithPassword({ email, password: goodPassword });
  await client.updateUser({ data: { theme: "dark" } });
  await client.refreshSession();
  await client.signOut();
  data.subscription.unsubscribe();
  expect(seen).toEqual(expect.arrayContaining(["SIGNED_IN", "USER_UPDATED", "TOKEN_REFRESHED", "SIGNED_OUT"]));
});

contract("startAutoRefresh", "renews a session that is about to run out", async () => {
  const { client, session } = await signedIn();
  await client.setSession(session);
  await client.startAutoRefresh();
  await client.stopAutoRefresh();
  expect((await client.getUser()).error).toBeNull();
});

contract("stopAutoRefresh", "leaves the session as it is", async () => {
  const { client, session } = await signedIn();
  await client.startAutoRefresh();
  await client.stopAutoRefresh();
  expect((await client.getSession()).data.session?.access_token).toBe(session.access_token);
});

contract("dispose", "lets go of everything that runs in the background", async () => {
  const { client } = await signedIn();
  await client.startAutoRefresh();
  await client.dispose();
});

contract("getClaims", "verifies a token with the published keys alone", async () => {
  const { client, person } = await signedIn(["editor"]);
  const { data, error } = await client.getClaims();
  expect(error).toBeNull();
  expect(data?.header.alg).toBe("ES256");
  expect(data?.claims).toMatchObject({
    iss: "https://localhost:8443/auth/v1",
    aud: "authenticated",
    sub: person.id,
    role: "authenticated",
    aal: "aal1",
    is_anonymous: false,
    app_metadata: { roles: ["editor"] },
    user_metadata: {},
  });
});

contract("getClaims", "refuses a token with another signature", async () => {
  const { client, session } = await signedIn();
  const [head, body] = session.access_token.split(".");
  const forged = `${head}.${body}.${"A".repeat(86)}`;
  expect((await client.getClaims(forged)).error?.message).toMatch(/signature/i);
});
