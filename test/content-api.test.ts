// The example's API: what comes in, what goes out, and who is refused.
import { randomUUID } from "node:crypto";
import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { type RefusalCode, refusals, refusalType } from "../examples/content/api/refused-request.ts";
import {
  ada,
  admin,
  adminWithoutFactor,
  bob,
  call,
  create,
  database,
  editor,
  endedSessions,
  events,
  person,
  stranger,
  useApi,
} from "./started-api.ts";

useApi();

describe("content", () => {
  test("what somebody creates is theirs, whatever the body says about the owner", async () => {
    const made = await call(ada, "POST /api/content", { title: "Mine", body: "" });
    expect(made.status).toBe(201);
    expect(made.body).toMatchObject({ title: "Mine", owner_id: ada.id, status: "draft", team_id: null });
    const forged = await call(ada, "POST /api/content", { title: "Mine", body: "", owner_id: bob.id });
    expect(forged).toMatchObject({ status: 400, type: expect.stringContaining("application/problem+json") });
  });

  test("a draft is seen by its owner and by editors, and does not exist for anybody else", async () => {
    const { id } = await create(ada);
    expect((await call(ada, `GET /api/content/${id}`)).status).toBe(200);
    expect((await call(editor, `GET /api/content/${id}`)).status).toBe(200);
    expect((await call(bob, `GET /api/content/${id}`)).status).toBe(404);
    expect((await call(adminWithoutFactor, `GET /api/content/${id}`)).status).toBe(404);
  });

  test("what is published can be read by others, not changed and not deleted, and the attempt is seen", async () => {
    const { id } = await create(ada, { status: "published" });
    expect((await call(bob, `GET /api/content/${id}`)).body.owner_id).toBe(ada.id);
    events.length = 0;
    expect((await call(bob, `PUT /api/content/${id}`, { title: "Taken" })).status).toBe(403);
    expect((await call(bob, `DELETE /api/content/${id}`)).status).toBe(403);
    expect(events.map(({ name, subject, reason }) => ({ name, subject, reason }))).toEqual([
      { name: "database.refused", subject: bob.id, reason: "row-filtered" },
      { name: "database.refused", subject: bob.id, reason: "row-filtered" },
    ]);
    expect((await call(ada, `GET /api/content/${id}`)).body.title).toBe("A title");
  });

  test("a draft of somebody else cannot be told from one that does not exist", async () => {
    const { id } = await create(ada);
    for (const method of ["PUT", "DELETE"]) {
      const body = method === "PUT" ? { title: "x" } : undefined;
      expect((await call(bob, `${method} /api/content/${id}`, body)).status).toBe(404);
      expect((await call(bob, `${method} /api/content/${randomUUID()}`, body)).status).toBe(404);
    }
  });

  test("a change alters what it names and nothing else", async () => {
    const { id, updated_at } = await create(ada, { body: "stays" });
    const changed = await call(ada, `PUT /api/content/${id}`, { title: "New" });
    expect(changed.body).toMatchObject({ title: "New", body: "stays", status: "draft", owner_id: ada.id });
    expect(changed.body.updated_at > updated_at).toBe(true);
    expect(changed.body).not.toHaveProperty("seen");
  });

  test("what is deleted is gone; an administrator may delete it only with a second factor", async () => {
    const { id } = await create(ada, { status: "published" });
    expect((await call(adminWithoutFactor, `DELETE /api/content/${id}`)).status).toBe(403);
    expect((await call(admin, `DELETE /api/content/${id}`)).status).toBe(204);
    expect((await call(ada, `GET /api/content/${id}`)).status).toBe(404);
  });

  test("a list is read page by page without a row lost or shown twice", async () => {
    const reader = person(["reader"]);
    const made: string[] = [];
    for (let count = 0; count < 7; count += 1) made.push((await create(reader, { title: `t${count}` })).id);
    const seen: string[] = [];
    let after = "";
    for (let page = 0; page < 10; page += 1) {
      const { body } = await call(reader, `GET /api/content?scope=own&limit=3${after}`);
      seen.push(...body.items.map((item) => item.id));
      if (body.next === null) break;
      after = `&after=${body.next}`;
    }
    expect(seen).toEqual(made.toReversed());
  });

  test.each([
    "limit=0",
    "limit=101",
    "limit=1e9",
    "limit=1&limit=2",
    "scope=everything",
    "after=bm90IGEgY3Vyc29y",
    "unknown=1",
  ])("a list refuses %s", async (query) => {
    expect(await call(ada, `GET /api/content?${query}`)).toMatchObject({ status: 400 });
  });

  test.each(["1", "' or true --", "00000000-0000-0000-0000-00000000000g"])("an id %s is refused", async (id) => {
    expect((await call(ada, `GET /api/content/${encodeURIComponent(id)}`)).status).toBe(400);
  });

  test("text that looks like SQL or markup is stored and given back as it is", async () => {
    const title = `'); drop table content; -- <img src=x onerror=alert(1)>`;
    const { id } = await create(ada, { title });
    expect((await call(ada, `GET /api/content/${id}`)).body.title).toBe(title);
  });

  test("a body the database cannot hold is a refusal without a word about the database", async () => {
    const { status, body } = await call(ada, "POST /api/content", { title: "a\u0000b", body: "" });
    expect(status).toBe(400);
    expect(JSON.stringify(body)).not.toMatch(/sql|postgres|byte/i);
  });
});

describe("teams", () => {
  test("who founds a team leads it, and its members read its content", async () => {
    const team = await call(ada, "POST /api/teams", { name: "Writers" });
    expect(team).toEqual({ ...team, status: 201, body: { id: team.body.id, name: "Writers", owner_id: ada.id } });
    expect((await call(ada, "GET /api/teams")).body.items).toContainEqual({
      ...team.body,
      membership: { role: "lead", until: null },
    });
    const administrator = await database.administrator();
    await administrator.query("insert into public.memberships (team_id, user_id) values ($1, $2)", [
      team.body.id,
      bob.id,
    ]);
    const { id } = await create(ada, { team_id: team.body.id });
    expect((await call(bob, `GET /api/content/${id}`)).status).toBe(200);
    expect((await call(bob, "GET /api/content?scope=team")).body.items.map((item) => item.id)).toContain(id);
    expect((await call(bob, "GET /api/teams")).body.items).toEqual([
      { id: team.body.id, name: "Writers", owner_id: ada.id, membership: { role: "member", until: null } },
    ]);
  });

  test("a membership that has ended shows nothing", async () => {
    const team = (await call(ada, "POST /api/teams", { name: "Past" })).body;
    const past = person(["reader"]);
    const administrator = await database.administrator();
    const ended =
      "insert into public.memberships (team_id, user_id, until) values ($1, $2, now() - interval '1 second')";
    await administrator.query(ended, [team.id, past.id]);
    const { id } = await create(ada, { team_id: team.id });
    expect((await call(past, `GET /api/content/${id}`)).status).toBe(404);
    expect((await call(past, "GET /api/teams")).body.items).toEqual([]);
  });

  test("nobody puts content into a team they are not in", async () => {
    const team = (await call(ada, "POST /api/teams", { name: "Closed" })).body;
    const stranger = person(["reader"]);
    events.length = 0;
    const refused = await call(stranger, "POST /api/content", { title: "x", body: "", team_id: team.id });
    expect(refused.status).toBe(403);
    expect(events.map((event) => event.name)).toEqual(["database.refused"]);
  });
});

describe("roles", () => {
  test("the editors' queue is for editors, and shows drafts only", async () => {
    await create(ada);
    expect((await call(ada, "GET /api/editors/queue")).status).toBe(403);
    const { status, body } = await call(editor, "GET /api/editors/queue?limit=100");
    expect(status).toBe(200);
    expect(new Set(body.items.map((item) => item.status))).toEqual(new Set(["draft"]));
  });

  test("the owners are shown to an administrator with a second factor only", async () => {
    expect((await call(editor, "GET /api/admin/users")).status).toBe(403);
    expect((await call(adminWithoutFactor, "GET /api/admin/users")).status).toBe(403);
    const { status, body } = await call(admin, "GET /api/admin/users");
    expect(status).toBe(200);
    expect(body.items.find((item) => item.owner_id === ada.id)?.drafts).toBeGreaterThan(0);
  });

  test("without a token, or with a role from user_metadata, nothing is given", async () => {
    expect((await call(null, "GET /api/content")).status).toBe(403);
    expect((await call(person([]), "POST /api/content", { title: "x", body: "" })).status).toBe(403);
  });
});

describe("the connection", () => {
  test("a token of a session that was ended is refused, before it runs out", async () => {
    const leaver = person(["reader"]);
    expect((await call(leaver, "GET /api/content")).status).toBe(200);
    endedSessions.add(leaver.sessionId);
    expect((await call(leaver, "GET /api/content")).status).toBe(401);
  });

  test("a service that is not the gateway is not heard", async () => {
    await expect(call(ada, "GET /api/content", undefined, stranger)).rejects.toThrow();
  });

  test("every refusal has a stable type, and the README lists them all", async () => {
    const { id } = await create(ada, { status: "published" });
    const typeOf = async (...given: Parameters<typeof call>): Promise<string> => (await call(...given)).body.type;
    const gone = person(["reader"]);
    const end =
      "insert into holdfast_keeper.ended_sessions (session_id, ended_at, until) values ($1, now(), now() + interval '1 hour')";
    await (await database.administrator()).query(end, [gone.sessionId]);
    await call(ada, `POST /api/content/${id}/shares`, { user_id: bob.id });
    const made = [
      await typeOf(ada, "GET /api/content?after=nonsense"),
      await typeOf(ada, "POST /api/content", { title: "a\u0000b", body: "" }),
      await typeOf(gone, "GET /api/content"),
      await typeOf(ada, "GET /api/editors/queue"),
      await typeOf(bob, `DELETE /api/content/${id}`),
      await typeOf(bob, `GET /api/content/${randomUUID()}`),
      await typeOf(ada, `POST /api/content/${id}/shares`, { user_id: bob.id }),
    ];
    const codes = Object.keys(refusals) as RefusalCode[];
    expect(made).toEqual(codes.filter((code) => code !== "busy").map(refusalType));
    const readme = readFileSync(new URL("../examples/content/README.md", import.meta.url), "utf8");
    const listed = [...readme.matchAll(/^\| `([a-z-]+)` +\| (\d{3}) /gm)].map(
      ([, code, status]) => `${code} ${status}`,
    );
    expect(listed).toEqual(codes.map((code) => `${code} ${refusals[code].status}`));
  });

  test("a path that does not exist is a problem like any other", async () => {
    expect(await call(ada, "GET /api/unknown")).toMatchObject({
      status: 404,
      type: expect.stringContaining("application/problem+json"),
    });
  });
});
