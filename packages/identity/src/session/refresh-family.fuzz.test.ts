// The rules of a family of refresh tokens against a model of three numbers, on random histories: whatever clients and thieves
// send, in whatever order, there is one current token or none.
import fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
import { TestIdentity } from "../testing/start-identity.ts";

const reuseSeconds = 10;
const room = new TestIdentity();
let forgiving = "";
beforeAll(async () => {
  await room.start();
  forgiving = await room.listen(await room.twin({ rules: { mayReuse: () => true } }));
});
afterAll(() => room.stop());

type Step =
  /** The token so many rotations before the current one is sent, by so many clients at once. */
  | { readonly kind: "send"; readonly behind: number; readonly clients: number }
  | { readonly kind: "wait"; readonly seconds: number };

const steps: fc.Arbitrary<readonly Step[]> = fc.array(
  fc.oneof(
    fc.record({
      kind: fc.constant("send" as const),
      behind: fc.oneof({ weight: 3, arbitrary: fc.constant(0) }, fc.integer({ min: 1, max: 3 })),
      clients: fc.constantFrom(1, 1, 2, 4),
    }),
    fc.record({ kind: fc.constant("wait" as const), seconds: fc.constantFrom(1, 9, 10, 11, 60) }),
  ),
  { minLength: 1, maxLength: 10 },
);

/** Plays one history. Throws where the answers differ from the model. */
async function play(history: readonly Step[], url: string): Promise<void> {
  const tokens = [(await room.person()).refreshToken];
  let isAlive = true;
  let sinceRotation = 0;
  for (const step of history) {
    if (step.kind === "wait") {
      room.pass(step.seconds);
      sinceRotation += step.seconds;
      continue;
    }
    const at = tokens.length - 1 - step.behind;
    const sent = tokens[at];
    if (sent === undefined) continue;
    const body = { refresh_token: sent };
    const answers = await Promise.all(
      Array.from({ length: step.clients }, () => room.call("POST", "/token?grant_type=refresh_token", { body }, url)),
    );
    const isAllowed = step.behind === 0 || (step.behind === 1 && sinceRotation <= reuseSeconds);
    const codes = answers.map(({ status, body: { code } }) => (status === 200 ? "session" : String(code)));
    const given = new Set(
      answers.flatMap(({ body: { refresh_token: token } }) => (token === undefined ? [] : [token])),
    );
    if (isAlive && isAllowed) {
      // Every client has the same token: nobody is signed out, and the family never forks.
      expect(new Set(codes)).toEqual(new Set(["session"]));
      expect(given.size).toBe(1);
      const [next = ""] = given;
      if (step.behind === 1) expect(next).toBe(tokens.at(-1));
      else {
        expect(tokens).not.toContain(next);
        tokens.push(next);
        sinceRotation = 0;
      }
      continue;
    }
    expect(given.size, "a dead family yields nothing").toBe(0);
    if (isAlive) expect(codes).toContain("refresh_token_already_used");
    else expect(new Set(codes)).toEqual(new Set(["refresh_token_not_found"]));
    isAlive = false;
  }
}

test("on random histories a family of refresh tokens has one current token or none, and obeys the reuse rules", async () => {
  await fc.assert(
    fc.asyncProperty(steps, (history) => play(history, room.url)),
    { numRuns: 30 },
  );
});

test("a twin that forgives every reuse is caught by the same histories", async () => {
  const twin = fc.assert(
    fc.asyncProperty(steps, (history) => play(history, forgiving)),
    { numRuns: 60, endOnFailure: true },
  );
  await expect(twin).rejects.toThrow();
});
