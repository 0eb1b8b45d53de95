import { randomUUID } from "node:crypto";
import { describe, expect, onTestFinished, test } from "vitest";
import type { Check } from "./check.ts";
import { checks } from "./checks.ts";
import { ProbeError } from "./probe-error.ts";
import { type ProveProgress, prove } from "./prove.ts";
import { refusals } from "./refusals.ts";
import type { ProbeSession } from "./session.ts";
import { sourceAddress } from "./source-address.ts";
import { startToyEdge, type ToyFaults } from "./testing/toy-edge.ts";

const template = checks[0] as Check;
/** A check of the test's own under a real check's id, since its version is the hash of a file. */
const checkThat = (run: Check["run"], change: Partial<Check> = {}): Check => ({ ...template, ...change, run });

async function toy(faults: ToyFaults = {}) {
  const edge = await startToyEdge(faults);
  onTestFinished(() => edge.close());
  return edge;
}

async function observe(run: Check["run"], faults: ToyFaults = {}) {
  const { target } = await toy(faults);
  const [observation] = await prove({ target, checks: [checkThat(run)] });
  if (!observation) throw new Error("A run of one check gives one observation.");
  return observation;
}

const held = { request: "try", expected: "no", got: "no", held: true };
const breach = { request: "try", expected: "no", got: "yes", held: false };

describe("what a check says", () => {
  test("held when every attempt failed as it must", async () => {
    const observation = await observe(async (session) => {
      await session.expectRefused({ method: "GET", path: "/auth/v1/user" }, refusals.signIn, "nobody");
      return await session.conclude("Nobody was let in.");
    });
    expect(observation).toMatchObject({
      result: "held",
      looked: 1,
      seen: "Nobody was let in.",
      policyHash: "toy",
      target: "https://localhost:8443",
    });
    expect(observation.transcript).toMatchObject([
      { request: "GET /auth/v1/user as nobody", got: "401 sign-in-required", event: "edge.access-refused #1" },
    ]);
    expect(observation.finishedAt).toBeGreaterThanOrEqual(observation.startedAt);
  });

  test("what came to no end is tried once more, and neither a breach nor what has nothing to attack", async () => {
    const { target } = await toy();
    const tries = new Map<string, number>();
    const counted = (id: string, run: (tried: number, session: ProbeSession) => void): Check => ({
      ...checkThat(async (session) => {
        const tried = (tries.get(id) ?? 0) + 1;
        tries.set(id, tried);
        run(tried, session);
        session.judge(held);
        return await session.conclude("fine");
      }),
      id,
    });
    const [late, never, breached, nothing] = checks.slice(0, 4).map(({ id }) => id) as [string, string, string, string];
    const tried = [
      counted(late, (count, session) => session.require(count > 1, "the machine has time")),
      counted(never, (_, session) => session.require(false, "the machine has time")),
      counted(breached, (_, session) => session.judge(breach)),
      counted(nothing, () => {
        throw new ProbeError("probes/nothing-to-attack", "Nothing is here.", "");
      }),
    ];
    const run = async (triesAgain: boolean) => {
      tries.clear();
      const observations = await prove({ target, checks: tried, triesAgain });
      return observations.map(({ check, result }) => `${result} ${tries.get(check)}`);
    };
    expect(await run(true)).toEqual(["held 2", "unproven 2", "broken 1", "unproven 1"]);
    expect(await run(false)).toEqual(["unproven 1", "unproven 1", "broken 1", "unproven 1"]);
  });

  test("broken when one attempt got through", async () => {
    const observation = await observe(async (session) => {
      session.judge(held);
      session.judge(breach);
      return await session.conclude("fine");
    });
    expect(observation).toMatchObject({ result: "broken", looked: 2, seen: "try: expected no, got yes." });
  });

  test("broken when it was refused for another reason", async () => {
    const observation = await observe(async (session) => {
      await session.expectRefused({ method: "GET", path: "/nowhere" }, { status: 404, code: "access-refused" });
      return await session.conclude("fine");
    });
    expect(observation).toMatchObject({ result: "broken", seen: expect.stringContaining("got 404 route-unknown") });
  });

  test("broken when it was refused and nobody saw it", async () => {
    const observation = await observe(
      async (session) => {
        await session.expectRefused({ method: "GET", path: "/auth/v1/user" }, refusals.signIn);
        return await session.conclude("fine");
      },
      { withoutEvents: true },
    );
    expect(observation).toMatchObject({
      result: "broken",
      seen: expect.stringContaining("none: edge.access-refused was promised"),
    });
  });

  test("held when its event lies further back than one page of the log reaches", async () => {
    const observation = await observe(async (session) => {
      const first = await session.ask({ method: "GET", path: "/auth/v1/user" });
      for (let more = 0; more < 250; more++) await session.ask({ method: "GET", path: "/nowhere" });
      const found = await session.events.find(first, "edge.access-refused");
      session.judge({ ...held, held: found !== null });
      return await session.conclude("It was seen.");
    });
    expect(observation).toMatchObject({ result: "held", seen: "It was seen." });
  });

  test("broken when its event was recorded too late", async () => {
    const observation = await observe(
      async (session) => {
        await session.expectRefused({ method: "GET", path: "/auth/v1/user" }, refusals.signIn);
        return await session.conclude("fine");
      },
      { eventDelayMs: 2_001 },
    );
    expect(observation).toMatchObject({
      result: "broken",
      seen: expect.stringContaining("was recorded after 2001 ms"),
    });
  });

  test("unproven when it looked at nothing, whatever it concludes", async () => {
    expect(await observe((session) => session.conclude("fine"))).toMatchObject({ result: "unproven", looked: 0 });
    expect(await observe(async () => ({ result: "held", looked: 0, seen: "fine" }))).toMatchObject({
      result: "unproven",
    });
  });

  test("unproven with the reason when it throws", async () => {
    const observation = await observe(async () => {
      throw new Error("no such thing");
    });
    expect(observation).toMatchObject({ result: "unproven", seen: "The check failed: no such thing" });
  });

  test("unproven when what must work does not", async () => {
    const observation = await observe(async (session) => {
      session.judge(held);
      await session.positive("a page answers", { method: "GET", path: "/nowhere" }, 200);
      return await session.conclude("fine");
    });
    expect(observation).toMatchObject({
      result: "unproven",
      looked: 1,
      seen: expect.stringContaining("Expected that a page answers (status 200), got 404 route-unknown."),
    });
  });

  test("broken when a breach was seen before it failed", async () => {
    const observation = await observe(async (session) => {
      session.judge(breach);
      throw new Error("could not go on");
    });
    expect(observation).toMatchObject({ result: "broken", looked: 1 });
  });

  test("unproven when it cannot clean up behind itself, after trying everything", async () => {
    const undone: string[] = [];
    const observation = await observe(async (session) => {
      session.afterwards(async () => void undone.push("first"));
      session.afterwards(async () => {
        throw new Error("cannot be removed");
      });
      session.afterwards(async () => void undone.push("last"));
      session.judge(held);
      return await session.conclude("fine");
    });
    expect(observation).toMatchObject({ result: "unproven", seen: "The check failed: cannot be removed" });
    expect(undone).toEqual(["last", "first"]);
  });

  test("unproven when no account can be made", async () => {
    const observation = await observe(
      async (session) => {
        await session.victim();
        return await session.conclude("fine");
      },
      { refusesAccounts: true },
    );
    expect(observation).toMatchObject({
      result: "unproven",
      seen: expect.stringContaining("Expected an account, got status 422: email_exists."),
    });
  });

  test("unproven when the target does not answer or shows a foreign certificate", async () => {
    const sound = await toy();
    const other = await toy();
    const run = async (session: ProbeSession) => {
      await session.expectRefused({ method: "GET", path: "/auth/v1/user" }, refusals.signIn);
      return await session.conclude("fine");
    };
    const target = { ...sound.target, authorityPem: other.target.authorityPem };
    expect(await prove({ target, checks: [checkThat(run)] })).toMatchObject([{ result: "unproven", looked: 0 }]);
  });

  test("a transcript has at most 20 exchanges, breaches first, and no secret", async () => {
    let secret = "";
    const observation = await observe(async (session) => {
      const victim = await session.victim();
      secret = victim.password;
      for (let count = 0; count < 50; count++)
        session.judge({ ...held, request: `try ${count} with ${victim.password}` });
      session.judge({ ...breach, got: victim.accessToken });
      return await session.conclude("fine");
    });
    expect(observation.transcript).toHaveLength(20);
    expect(observation.transcript[0]?.got).toBe("<access-token>");
    expect(JSON.stringify(observation)).not.toContain(secret);
    expect(observation.looked).toBe(51);
  });
});

describe("a run", () => {
  test("gives observations in the order asked, and runs what wants to be alone after all others, one at a time", async () => {
    const { target } = await toy();
    const seen: string[] = [];
    let running = 0;
    const noting = (name: string, company: Check["company"]): Check =>
      checkThat(
        async (session) => {
          seen.push(name);
          running += 1;
          await session.ask({ method: "GET", path: "/auth/v1/health" });
          if (company === "alone") session.judge({ ...held, held: running === 1 });
          else session.judge(held);
          running -= 1;
          return await session.conclude(name);
        },
        { company },
      );
    const observations = await prove({
      target,
      checks: [noting("a", "alone"), noting("b", "together"), noting("c", "alone"), noting("d", "together")],
    });
    expect(observations.map(({ seen: sentence }) => sentence)).toEqual(["a", "b", "c", "d"]);
    expect(seen.slice(2)).toEqual(["a", "c"]);
  });

  test("removes every account it made", async () => {
    const edge = await toy();
    const progress: ProveProgress[] = [];
    const run: Check["run"] = async (session) => {
      await Promise.all([session.people.alice(), session.people.bob(), session.victim()]);
      session.judge({ ...held, held: edge.accounts() === 3 });
      return await session.conclude("fine");
    };
    expect(
      await prove({ target: edge.target, checks: [checkThat(run)], onProgress: (step) => progress.push(step) }),
    ).toMatchObject([{ result: "held" }]);
    expect(edge.accounts()).toBe(0);
    expect(progress.map(({ kind }) => kind)).toEqual(["started", "finished"]);
  });

  test("tells when accounts could not be removed", async () => {
    const edge = await toy({ keepsAccounts: true });
    const progress: ProveProgress[] = [];
    const run: Check["run"] = async (session) => {
      await session.people.alice();
      session.judge(held);
      return await session.conclude("fine");
    };
    await prove({ target: edge.target, checks: [checkThat(run)], onProgress: (step) => progress.push(step) });
    expect(progress.at(-1)).toMatchObject({ kind: "left-behind" });
  });

  test("removes what a killed run left behind, and nobody else's account", async () => {
    const edge = await toy();
    edge.plant(`probe-${randomUUID()}@probe.invalid`);
    edge.plant("probe-the-dog@example.com");
    edge.plant("ada@example.com");
    await prove({ target: edge.target, checks: [checkThat(async (session) => await session.conclude("fine"))] });
    expect(edge.accounts()).toBe(2);
  });

  test("waits when the service key's limit is spent, and asks again", async () => {
    const edge = await toy({ isBusyAtFirst: true });
    const run: Check["run"] = async (session) => {
      await session.people.alice();
      session.judge(held);
      return await session.conclude("fine");
    };
    expect(await prove({ target: edge.target, checks: [checkThat(run)] })).toMatchObject([{ result: "held" }]);
  });

  test("comes from an address of its own where the machine has one to give, and a guess from yet another", async () => {
    const edge = await toy();
    const run: Check["run"] = async (session) => {
      await session.ask({ method: "GET", path: "/auth/v1/health" });
      await session.ask({ method: "GET", path: "/auth/v1/health", fromElsewhere: true });
      session.judge(held);
      return await session.conclude("fine");
    };
    await prove({ target: edge.target, checks: [checkThat(run)] });
    const hasMany = (await sourceAddress("127.0.0.1")) !== undefined;
    expect(edge.clients()).toHaveLength(hasMany ? 2 : 1);
    expect(edge.clients().includes("127.0.0.1")).toBe(!hasMany);
  });

  test("comes from the machine's usual address when the target is elsewhere", async () => {
    expect(await sourceAddress("192.0.2.1")).toBeUndefined();
    expect(await sourceAddress("localhost")).toBeUndefined();
  });

  test("makes the people it shares once", async () => {
    const edge = await toy();
    const run: Check["run"] = async (session) => {
      await session.people.alice();
      session.judge({ ...held, held: edge.accounts() === 1 });
      return await session.conclude("fine");
    };
    const observations = await prove({ target: edge.target, checks: [checkThat(run), checkThat(run), checkThat(run)] });
    expect(observations.map(({ result }) => result)).toEqual(["held", "held", "held"]);
  });
});
