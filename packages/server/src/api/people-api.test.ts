// The console's calls about other people, through the gateway: two administrators, approval, and what is effective when.
import { createHmac } from "node:crypto";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Platform } from "../assembly/start-platform.ts";
import { administrator, PASSWORD, reader, signIn } from "../testing/people.ts";
import { type Ground, openTestGround, send } from "../testing/running-platform.ts";
import { testPolicy } from "../testing/test-policy.ts";

let ground: Ground;
let platform: Platform;
let anna: Member;
let bea: Member;

interface Member {
  readonly id: string;
  readonly token: string;
}

const payloadOf = (token: string) =>
  JSON.parse(Buffer.from(token.split(".")[1] ?? "", "base64url").toString("utf8")) as { sub: string };

beforeAll(async () => {
  ground = await openTestGround();
  platform = await ground.start();
  const first = await administrator(platform);
  anna = { id: payloadOf(first.token).sub, token: first.token };
  bea = await another("bea@example.com");
});
afterAll(async () => {
  await platform.stop();
  await ground.close();
});

/** Another administrator, made by the operator, with a second factor. */
async function another(email: string): Promise<Member> {
  const token = await platform.operatorKey();
  const body = { email, password: PASSWORD, email_confirm: true, app_metadata: { roles: ["admin"] } };
  const made = await send(platform, "POST /auth/v1/admin/users", { token, body });
  const weak = await signIn(platform, email);
  const factor = await send(platform, "POST /auth/v1/factors", { token: weak, body: { factor_type: "totp" } });
  const path = `/auth/v1/factors/${factor.json.id}`;
  const challenge = await send(platform, `POST ${path}/challenge`, { token: weak, body: {} });
  const verified = await send(platform, `POST ${path}/verify`, {
    token: weak,
    body: { challenge_id: challenge.json.id, code: timeCode(factor.json.totp.secret) },
  });
  return { id: made.json.id, token: verified.json.access_token };
}

function timeCode(secret: string): string {
  const bits = [...secret]
    .map((letter) => "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567".indexOf(letter).toString(2).padStart(5, "0"))
    .join("");
  const key = Buffer.from((bits.match(/.{8}/g) ?? []).map((byte) => Number.parseInt(byte, 2)));
  const counter = Buffer.alloc(8);
  counter.writeBigUInt64BE(BigInt(Math.floor(Date.now() / 30_000)));
  const digest = createHmac("sha1", key).update(counter).digest();
  const offset = (digest.at(-1) ?? 0) & 0x0f;
  return String((digest.readUInt32BE(offset) & 0x7fffffff) % 1_000_000).padStart(6, "0");
}

const as = (who: Member, route: string, body?: unknown) =>
  send(platform, route.replace(" /", " /platform/v1/"), { token: who.token, ...(body === undefined ? {} : { body }) });

const reason = "Takes over in June";

describe("people and roles", () => {
  test("a reader reaches none of it, and the service key may look but not change", async () => {
    const token = await reader(platform, "nosy@example.com");
    for (const route of [
      "GET /people",
      "GET /roles",
      "GET /sessions",
      "GET /role-requests",
      "GET /access",
      "GET /sign-ins",
      "GET /providers",
    ]) {
      expect((await as({ id: "", token }, route)).status, route).toBe(403);
      expect((await as({ id: "", token: platform.serviceKey }, route)).status, route).toBe(200);
    }
    const wish = { role: "reader", reason };
    expect((await as({ id: "", token: platform.serviceKey }, `POST /people/${anna.id}/roles`, wish)).status).toBe(403);
  });

  test("people are found, and one of them is shown with sessions", async () => {
    // Confirming the address signs in, and so does the password after it.
    await reader(platform, "found@example.com");
    const { json } = await as(anna, "GET /people?search=found");
    expect(json.people).toMatchObject([{ email: "found@example.com", isPrivileged: false, passkeys: [], sessions: 2 }]);
    const { json: detail } = await as(anna, `GET /people/${json.people[0].id}`);
    expect(detail).toMatchObject({
      person: { email: "found@example.com" },
      sessions: [{ actor: null }, { actor: null }],
    });
    expect((await as(anna, "GET /people?serch=x")).status).toBe(400);
    expect((await as(anna, "GET /people/no-uuid")).status).toBe(404);
  });

  test("a privileged role waits for another administrator, and counts from the very next sign-in", async () => {
    const token = await reader(platform, "carl@example.com");
    const id = payloadOf(token).sub;
    const asked = await as(anna, `POST /people/${id}/roles`, { role: "admin", reason });
    expect(asked.json).toMatchObject({ kind: "requested", request: { requestedBy: anna.id } });
    const request = asked.json.request.id;
    const own = await as(anna, `POST /role-requests/${request}/decide`, { decision: "approved" });
    expect([own.status, own.json.code]).toEqual([403, "identity/approver_not_independent"]);
    expect((await as(bea, "GET /role-requests")).json.requests).toMatchObject([
      { id: request, email: "carl@example.com", mayDecide: true },
    ]);
    expect((await as(bea, `POST /role-requests/${request}/decide`, { decision: "approved" })).status).toBe(200);
    const again = await as(bea, `POST /role-requests/${request}/decide`, { decision: "approved" });
    expect([again.status, again.json.code]).toEqual([409, "identity/role_request_closed"]);
    // The session of before may be a thief's: it does not become an administrator's.
    expect((await send(platform, "GET /api/hello", { token })).status).toBe(401);
    const signIn = { email: "carl@example.com", password: PASSWORD };
    const { json: fresh } = await send(platform, "POST /auth/v1/token?grant_type=password", { body: signIn });
    const next = await send(platform, "GET /platform/v1/summary", { token: fresh.access_token });
    expect([next.status, next.json.code ?? next.json.type]).toEqual([
      403,
      expect.stringContaining("second-factor-required"),
    ]);
    const withdrawn = await as(anna, `POST /people/${id}/roles/withdraw`, { role: "admin", reason: "Changed my mind" });
    expect(withdrawn.status).toBe(200);
    expect((await send(platform, "GET /api/hello", { token: fresh.access_token })).status).toBe(401);
  });

  test("an unprivileged role needs one administrator; accounts are made, banned and deleted", async () => {
    const made = await as(anna, "POST /people", { email: "dora@example.com" });
    expect(made.status).toBe(201);
    const { id } = made.json;
    const withdraw = await as(anna, `POST /people/${id}/roles/withdraw`, { role: "reader", reason });
    expect(withdraw.status).toBe(200);
    expect((await as(anna, `POST /people/${id}/roles`, { role: "reader", reason })).json).toEqual({ kind: "granted" });
    const refused = await as(anna, "POST /people", { email: "eve@example.com", roles: ["admin"] });
    expect([refused.status, refused.json.code]).toEqual([403, "identity/role_approval_required"]);
    expect((await as(anna, `POST /people/${id}/ban`, { until: Date.now() + 60_000 })).status).toBe(200);
    expect((await as(anna, `GET /people/${id}`)).json.person.bannedUntil).toBeGreaterThan(Date.now());
    expect((await as(anna, `DELETE /people/${id}`)).status).toBe(200);
    expect((await as(anna, `GET /people/${id}`)).status).toBe(404);
  });

  test("nobody's sessions go on when an administrator ends them; an administrator's factor stays", async () => {
    const token = await reader(platform, "frank@example.com");
    const id = payloadOf(token).sub;
    expect((await as(anna, `DELETE /people/${id}/sessions`)).json.ended).toBeGreaterThan(0);
    expect((await send(platform, "GET /api/hello", { token })).status).toBe(401);
    const { factors } = (await as(anna, `GET /people/${bea.id}`)).json.person;
    const remove = `POST /people/${bea.id}/factors/${factors[0].id}/remove`;
    expect((await as(anna, remove, {})).status).toBe(400);
    const removal = await as(anna, remove, { reason: "Lost her phone" });
    expect([removal.status, removal.json.code]).toEqual([403, "identity/privileged_account"]);
  });
});

describe("sessions and factors of everybody", () => {
  test("sessions are listed newest first with whose they are, what they are worth and from where; a search finds one person's", async () => {
    const token = await reader(platform, "gus@example.com");
    const { json } = await as(anna, "GET /sessions");
    expect(json.sessions[0]).toMatchObject({
      person: { id: payloadOf(token).sub, email: "gus@example.com" },
      assurance: "aal1",
      device: expect.any(String),
      network: expect.any(String),
      actor: null,
      client: null,
    });
    const strong = json.sessions.filter(({ assurance }: { assurance: string }) => assurance === "aal2");
    expect(strong.map(({ person }: { person: { id: string } }) => person.id)).toEqual(
      expect.arrayContaining([anna.id, bea.id]),
    );
    const found = (await as(anna, "GET /sessions?search=gus")).json.sessions;
    expect(found).toHaveLength(2);
    const first = (await as(anna, "GET /sessions?search=gus&limit=1")).json;
    const second = (await as(anna, `GET /sessions?search=gus&limit=1&cursor=${first.next}`)).json;
    expect([...first.sessions, ...second.sessions]).toEqual(found);
    expect(second.next).toBeNull();
    expect((await as(anna, "GET /sessions?who=gus")).status).toBe(400);
  });

  test("an ended session leaves the list, and so do all of a person", async () => {
    const id = payloadOf(await reader(platform, "hal@example.com")).sub;
    const [newest] = (await as(anna, "GET /sessions?search=hal")).json.sessions;
    expect((await as(anna, `DELETE /people/${id}/sessions/${newest.id}`)).status).toBe(200);
    expect((await as(anna, "GET /sessions?search=hal")).json.sessions).toHaveLength(1);
    expect((await as(anna, `DELETE /people/${id}/sessions`)).status).toBe(200);
    expect((await as(anna, "GET /sessions?search=hal")).json.sessions).toEqual([]);
  });

  test("people are found by what protects them, and a privileged account with nothing besides a password stands out", async () => {
    const token = await platform.operatorKey();
    const body = { email: "plain@example.com", password: PASSWORD, app_metadata: { roles: ["admin"] } };
    const { id } = (await send(platform, "POST /auth/v1/admin/users", { token, body })).json;
    const found = async (query: string): Promise<readonly string[]> =>
      (await as(anna, `GET /people?${query}`)).json.people.map((person: { id: string }) => person.id);
    expect(await found("privileged=yes&protection=none")).toContain(id);
    expect(await found("privileged=yes&protection=none")).not.toContain(bea.id);
    expect(await found("protection=some")).toEqual(expect.arrayContaining([anna.id, bea.id]));
    expect(await found("protection=some")).not.toContain(id);
    expect((await as(anna, "GET /people?protection=maybe")).status).toBe(400);
    const factor = (await as(anna, `GET /people/${bea.id}`)).json.person.factors[0];
    expect(factor.lastUsedAt).toBeGreaterThanOrEqual(factor.createdAt);
    await send(platform, `DELETE /auth/v1/admin/users/${id}`, { token });
  });

  test("a factor is removed with a reason, which is recorded with the name of whoever did it", async () => {
    const token = await reader(platform, "ivy@example.com");
    const id = payloadOf(token).sub;
    const { json: factor } = await send(platform, "POST /auth/v1/factors", { token, body: { factor_type: "totp" } });
    const remove = `POST /people/${id}/factors/${factor.id}/remove`;
    expect((await as(anna, remove, { reason: "Lost the phone, called back" })).status).toBe(200);
    const { events } = (await as(anna, "GET /events?name=factor.removed&limit=1")).json;
    expect(events).toMatchObject([
      { subject: id, actor: anna.id, detail: { factor: factor.id, note: "Lost the phone, called back" } },
    ]);
  });

  test("an invitation is mailed where it is asked for, and only there", async () => {
    const { json: made } = await as(anna, "POST /people", { email: "jan@example.com", invite: true });
    await as(anna, "POST /people", { email: "kim@example.com" });
    const mailed = async () => (await as(anna, "GET /inbox")).json.messages;
    await expect
      .poll(mailed)
      .toContainEqual(
        expect.objectContaining({ kind: "invite", to: expect.objectContaining({ address: "jan@example.com" }) }),
      );
    const addresses = (await mailed()).map(({ to }: { to: { address: string } }) => to.address);
    expect(addresses).not.toContain("kim@example.com");
    expect((await as(anna, `GET /people/${made.id}`)).json.person.emailConfirmedAt).toBeNull();
    const refused = await as(anna, "POST /people", { email: "lou@example.com", invite: true, roles: ["admin"] });
    expect([refused.status, refused.json.code]).toEqual([403, "identity/role_approval_required"]);
  });
});

describe("access", () => {
  test("who can do what is told with the line of the policy, for everybody, for one person and for one action", async () => {
    const { json } = await as(anna, "GET /access");
    const admins = json.classes.find(({ roles }: { roles: string[] }) => roles.join() === "admin");
    expect(admins.rights.find(({ action }: { action: string }) => action === "GET /platform/v1/people")).toMatchObject({
      outcome: "allowed",
      secondFactor: true,
      path: 'services.platform.routes["GET /platform/v1/people"].allow',
      because: 'all(role("admin"), aal2())',
    });
    const one = await as(anna, "GET /access?who=bea@example.com&what=/api/hello");
    expect(one.json).toMatchObject({
      who: { id: bea.id, isPrivileged: true },
      classes: [{ rights: [{ action: "GET /api/hello", outcome: "allowed", because: "signedIn()" }] }],
    });
    expect((await as(anna, "GET /access?who=nobody@example.com")).status).toBe(404);
  });

  test("an administrator without a second factor is flagged, and a review is signed by name", async () => {
    const token = await platform.operatorKey();
    const body = { email: "bare@example.com", password: PASSWORD, app_metadata: { roles: ["admin"] } };
    await send(platform, "POST /auth/v1/admin/users", { token, body });
    const { flagged, reviewed } = (await as(anna, "GET /access")).json;
    expect(flagged).toMatchObject([{ email: "bare@example.com", reasons: ["no-second-factor"] }]);
    expect(reviewed).toBeNull();
    expect((await as(anna, "POST /access/reviews", { note: "Looked at every role; bare gets a factor." })).status).toBe(
      200,
    );
    expect((await as(bea, "GET /access")).json.reviewed).toMatchObject({ by: "admin@holdfast.localhost" });
  });

  test("sign-ins and the ways to sign in are listed", async () => {
    const { events } = (await as(anna, "GET /sign-ins?limit=5")).json;
    expect(events.length).toBeGreaterThan(0);
    expect(events.every(({ name }: { name: string }) => /^(signin|factor|session|impersonation)\./.test(name))).toBe(
      true,
    );
    const ways = (await as(anna, "GET /providers")).json.providers;
    expect(ways).toContainEqual(expect.objectContaining({ name: "password", isOn: true, path: "identity.password" }));
    const paths = ways.map(({ path }: { path: string }) => path);
    expect(paths).toEqual(
      expect.arrayContaining(Object.keys(testPolicy.identity.factors).map((name) => `identity.factors.${name}`)),
    );
  });
});
