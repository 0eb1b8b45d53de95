// Who is taken into a team and with whom content is shared, as the example's API lets them.
import { describe, expect, test } from "vitest";
import { ada, bob, call, create, editor, type Person, useApi } from "./started-api.ts";

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

  test("an object below another is reached by its own parent only", async () => {
    const [mine, other] = [await create(ada), await create(ada)];
    const shared = (await call(ada, `POST /api/content/${mine.id}/shares`, { user_id: bob.id })).body;
    expect((await call(ada, `DELETE /api/content/${other.id}/shares/${shared.id}`)).status).toBe(404);
    expect(await people(ada, `GET /api/content/${other.id}/shares`)).toEqual([]);
    expect(await people(ada, `GET /api/content/${mine.id}/shares`)).toHaveLength(1);
  });
});
