import { expect, onTestFinished, test } from "vitest";
import { fromAttackList } from "./attack-list.ts";
import type { Check } from "./check.ts";
import { prove } from "./prove.ts";
import { sendRaw } from "./raw-connection.ts";
import { judgeRawRefusal } from "./raw-refusal.ts";
import { refusals } from "./refusals.ts";
import { withoutStep } from "./sabotages.ts";
import { startToyEdge, type ToyFaults } from "./testing/toy-edge.ts";

const malformed: Check = {
  ...fromAttackList("NET-02"),
  title: "Twice something that is no HTTP.",
  kind: "attack",
  layers: ["edge"],
  events: ["edge.malformed-refused"],
  company: "together",
  sabotage: withoutStep("framing", "Nothing looks at the framing."),
  run: async (session) => {
    for (const bytes of ["HELLO\r\n\r\n", "GET / HTTP/1.1\r\nHost : x\r\n\r\n"]) {
      judgeRawRefusal(
        session,
        "no HTTP",
        await sendRaw(session.target, bytes, { timeoutMs: 2_000 }),
        refusals.malformed,
      );
    }
    return await session.conclude("Refused and recorded.");
  },
};

async function observe(faults: ToyFaults) {
  const edge = await startToyEdge(faults);
  onTestFinished(() => edge.close());
  const [observation] = await prove({ target: edge.target, checks: [malformed] });
  return observation;
}

test("what cannot be parsed is found in the log by the id that its answer bears", async () => {
  const seen = await observe({});
  expect(seen).toMatchObject({ result: "held", looked: 2 });
  expect(seen?.transcript.map(({ event }) => event)).toEqual([
    "edge.malformed-refused #1",
    "edge.malformed-refused #2",
  ]);
});

test("… and without an answer by the address and port it came from", async () => {
  const seen = await observe({ closesSilently: true });
  expect(seen?.transcript.map(({ got, event }) => [got, event])).toEqual([
    ["no answer, closed", "edge.malformed-refused #1"],
    ["no answer, closed", "edge.malformed-refused #2"],
  ]);
});

test.each([{ withoutEvents: true }, { withoutEvents: true, closesSilently: true }])(
  "an edge that refuses it and records nothing is broken: %j",
  async (faults) => {
    const seen = await observe(faults);
    expect(seen?.result).toBe("broken");
    expect(seen?.seen).toContain("none: edge.malformed-refused was promised");
  },
);
