// Who is taken into a team and with whom content is shared, as the example's API lets them.
import { describe, expect, test } from "vitest";
import { ada, bob, call, create, database, editor, events, type Person, useApi } from "./started-api.ts";

useApi();

describe("members and shares", () => {
  const people = async (who: Person, route: string) =>
    (await call(who, route)).body.items as unknown as readonly { id: string; user_id: string }[];

  test("who leads a team takes people in and lets them go; a member sees them and can only leave", async () => {
    const team = (await call(ada, "POST /api/teams", { name: "Takes people in" })).body;
    const list = `/api/teams/${team.id}/memberships`;
    const taken = await call(ada, `POST ${list}`, { user_id: bob.id, role: "member" });
    expect(taken).toMatchObject({ status: 201, body: { user_id: bob.id, role: "member", until: null } });
    expect((await people(bob, `GET ${list}`)).map((one) => one.user_id).sort()).toEqual([ada.id, bob.id].sort());
    expect((await call(ada, `POST ${list}`, { user_id: bob.id, role: "lead" })).status).toBe(409);
    expect((await call(bob, `POST ${list}`, { user_id: editor.id, role: "lead" })).status).toBe(403);
    const lead = (await people(bob, `GET ${list}`)).find((one) => one.user_id === ada.id);
    expect((await call(bob, `DELETE ${list}/${lead?.id}`)).status).toBe(403);
    expect((await call(bob, `DELETE ${list}/${taken.body.id}`)).status).toBe(204);
    expect(await people(bob, `GET ${list}`)).toEqual([]);
    expect((await call(bob, `DELETE /api/teams/${team.id}`)).status).toBe(404);
    expect((await call(ada, `DELETE /api/teams/${team.id}`)).status).toBe(204);
    expect(await people(ada, `GET ${list}`)).toEqual([]);
  });

  test("who owns content shares it, and what is shared is read until the share ends or is taken back", async () => {
    const { id } = await create(ada);
    const list = `/api/content/${id}/shares`;
    expect((await call(bob, `POST ${list}`, { user_id: bob.id })).status).toBe(403);
    const shared = await call(ada, `POST ${list}`, { user_id: bob.id });
    expect(shared).toMatchObject({ status: 201, body: { content_id: id, user_id: bob.id, until: null } });
    expect((await call(bob, `GET /api/content/${id}`)).status).toBe(200);
    expect((await call(bob, `POST ${list}`, { user_id: editor.id })).status).toBe(403);
    expect((await call(ada, `DELETE ${list}/${shared.body.id}`)).status).toBe(204);
    expect((await call(bob, `GET /api/content/${id}`)).status).toBe(404);
    const past = new Date(Date.now() - 1_000).toISOString();
    await call(ada, `POST ${list}`, { user_id: bob.id, until: past });
    expect((await call(bob, `GET /api/content/${id}`)).status).toBe(404);
  });

  test("an author's notes are read by nobody else, and PostgreSQL holds no word of them", async () => {
    const { id } = await create(ada, { status: "published" });
    const list = `/api/content/${id}/notes`;
    const made = await call(ada, `POST ${list}`, { body: "canary of a note" });
    expect(made).toMatchObject({ status: 201, body: { content_id: id, owner_id: ada.id, body: "canary of a note" } });
    expect((await call(ada, `GET ${list}`)).body.items).toMatchObject([{ id: made.body.id, body: "canary of a note" }]);
    expect(await people(bob, `GET ${list}`)).toEqual([]);
    expect((await call(bob, `POST ${list}`, { body: "not mine" })).status).toBe(403);
    expect((await call(bob, `DELETE ${list}/${made.body.id}`)).status).toBe(404);
    const administrator = await database.administrator();
    const { rows } = await administrator.query("select body from public.notes where content_id = $1", [id]);
    expect(rows).toHaveLength(1);
    expect(rows[0].body.includes("canary")).toBe(false);
    expect((await call(ada, `DELETE ${list}/${made.body.id}`)).status).toBe(204);
  });

  test("a note that somebody moved in the database is refused, with an event", async () => {
    const { id } = await create(ada);
    const list = `/api/content/${id}/notes`;
    for (const body of ["one", "two"]) await call(ada, `POST ${list}`, { body });
    const administrator = await database.administrator();
    const moved =
      "update public.notes set body = (select min(body) from public.notes where content_id = $1) where content_id = $1";
    await administrator.query(moved, [id]);
    expect((await call(ada, `GET ${list}`)).status).toBe(500);
    expect(events.map(({ name }) => name)).toContain("database.sealed-refused");
  });

  test("an object below another is reached by its own parent only", async () => {
    const [mine, other] = [await create(ada), await create(ada)];
    const shared = (await call(ada, `POST /api/content/${mine.id}/shares`, { user_id: bob.id })).body;
    expect((await call(ada, `DELETE /api/content/${other.id}/shares/${shared.id}`)).status).toBe(404);
    expect(await people(ada, `GET /api/content/${other.id}/shares`)).toEqual([]);
    expect(await people(ada, `GET /api/content/${mine.id}/shares`)).toHaveLength(1);
  });
});
