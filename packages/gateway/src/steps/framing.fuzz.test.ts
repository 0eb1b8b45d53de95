import fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
import { HOST } from "../testing/example-policy.ts";
import { type GatewayFixture, startGateway } from "../testing/gateway-fixture.ts";
import { sendRaw } from "../testing/raw-http.ts";

let gateway: GatewayFixture;
beforeAll(async () => {
  const many = { requests: 1_000_000, windowSeconds: 60 };
  gateway = await startGateway({ isPlain: true, options: { limits: { address: many, unknown: many } } });
});
afterAll(() => gateway.close());

const body = '{"title":"x"}';
const whole = [
  "POST /api/open HTTP/1.1",
  `Host: ${HOST}`,
  "Content-Type: application/json",
  `Content-Length: ${body.length}`,
  "",
  body,
].join("\r\n");
const splinter = fc.constantFrom(
  "\r\n",
  "\n",
  "\r",
  "\0",
  " ",
  "\t",
  ":",
  "\r\nTransfer-Encoding: chunked",
  "\r\nTransfer-Encoding: identity",
  "\r\nContent-Length: 3",
  "\r\nContent-Length: 0",
  `\r\nHost: ${HOST}`,
  "\r\nHost: evil.example",
  "\r\nConnection: Content-Length",
  "\r\n\r\n",
  "0\r\n\r\n",
  "5\r\nGET /\r\n",
  `\r\n\r\nGET /api/nobody HTTP/1.1\r\nHost: ${HOST}\r\n\r\n`,
  "HTTP/1.0",
  "é",
);

type Splinters = readonly (readonly [number, string])[];
const splintered: fc.Arbitrary<Splinters> = fc.array(fc.tuple(fc.nat(whole.length), splinter), {
  minLength: 1,
  maxLength: 3,
});
/** Hardly a splintered request is still whole, so that whole ones are among them on purpose, and one whatever the seed. */
const untouched: Splinters = [];
const attempts = fc.oneof(
  { weight: 19, arbitrary: splintered },
  { weight: 1, arbitrary: fc.constant<Splinters>(untouched) },
);

const LONG_PATIENCE_MS = 5_000;

/**
 * Every answer to the bytes. Most of them are no whole request, so the client soon says that no more will come. That ends a
 * request on a busy machine too: one that the service got nevertheless is sent again by a client that waits.
 */
async function answersTo(bytes: string, isPatient: boolean): Promise<readonly string[]> {
  gateway.api.received.length = 0;
  const patience = isPatient ? { patienceMs: LONG_PATIENCE_MS } : {};
  const { text } = await sendRaw(gateway.port, bytes, { tls: false, isEnded: true, isReadToEnd: true, ...patience });
  const answers = text.split(/(?=HTTP\/1\.1 \d{3} )/).filter((answer) => answer !== "");
  return answers.length < gateway.api.received.length && !isPatient ? answersTo(bytes, true) : answers;
}

test("however a request is splintered, the service gets whole requests to open routes or none, and every answer is ours", async () => {
  let forwarded = 0;
  let refused = 0;
  await fc.assert(
    fc.asyncProperty(attempts, async (splinters) => {
      const bytes = splinters.reduce((text, [at, part]) => text.slice(0, at) + part + text.slice(at), whole);
      const answers = await answersTo(bytes, splinters === untouched);
      for (const answer of answers) {
        expect(answer).toContain("x-content-type-options: nosniff\r\n");
        expect(answer).toContain("strict-transport-security: ");
      }
      for (const received of gateway.api.received) {
        expect(received.headers["x-holdfast-route"]).toMatch(/^(?:GET|POST) \/api\/open$/);
        expect(received.headers.host).not.toBe("evil.example");
        if (received.method === "POST") expect(JSON.parse(received.body)).toHaveProperty("title");
      }
      expect(gateway.api.received.length).toBeLessThanOrEqual(answers.length);
      forwarded += gateway.api.received.length;
      refused += answers.length - gateway.api.received.length;
    }),
    { numRuns: 400, examples: [[untouched]] },
  );
  expect(forwarded).toBeGreaterThan(0);
  expect(refused).toBeGreaterThan(100);
});
