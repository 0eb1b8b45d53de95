import { expect, test } from "vitest";
import { createRoleChanges } from "./role-changes.ts";

const MINUTE = 60_000;

function room() {
  const signed: string[] = [];
  const clock = { now: 1_000_000 };
  const changes = createRoleChanges({
    now: () => clock.now,
    lifetimeMs: 10 * MINUTE,
    async currentToken(sessionId, assurance) {
      signed.push(`${sessionId} ${assurance}`);
      return `new token of ${sessionId}`;
    },
  });
  const token = (iat: number, id = "ada", assurance: "aal1" | "aal2" = "aal1") => ({
    subject: { id, sessionId: `session of ${id}`, assurance },
    claims: { iat },
  });
  return { changes, clock, signed, token };
}

test("a token that is older than a grant is exchanged once; a newer one, and anybody else's, is left alone", async () => {
  const { changes, clock, signed, token } = room();
  expect(changes.renew(token(900))).toBeNull();
  changes.add("ada", clock.now);
  expect(await changes.renew(token(900))).toBe("new token of session of ada");
  expect(await changes.renew(token(1000))).toBe("new token of session of ada");
  expect(changes.renew(token(1001))).toBeNull();
  expect(changes.renew(token(900, "bob"))).toBeNull();
  expect(signed).toEqual(["session of ada aal1"]);
});

test("the assurance of the presented token is kept apart: an old token of aal1 never becomes one of aal2", async () => {
  const { changes, clock, signed, token } = room();
  changes.add("ada", clock.now);
  await changes.renew(token(900));
  await changes.renew(token(900, "ada", "aal2"));
  expect(signed).toEqual(["session of ada aal1", "session of ada aal2"]);
});

test("another grant exchanges again, and when no older token can be alive nothing is exchanged any more", async () => {
  const { changes, clock, signed, token } = room();
  changes.add("ada", clock.now);
  await changes.renew(token(900));
  changes.add("ada", clock.now + 1);
  await changes.renew(token(900));
  expect(signed).toHaveLength(2);
  clock.now += 11 * MINUTE;
  expect(changes.renew(token(900))).toBeNull();
  for (let n = 0; n < 1_000; n += 1) changes.add(`person ${n}`, clock.now);
  expect(changes.size).toBe(1_000);
});
