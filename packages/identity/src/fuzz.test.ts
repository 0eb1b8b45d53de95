// Whatever is sent to any endpoint, the answer is one of ours: a known code, never a 5xx, never a stack.
import fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
import { errorKinds } from "./error/error-code.ts";
import { routes } from "./routes.ts";
import { type Person, TestIdentity } from "./testing/start-identity.ts";

const room = new TestIdentity();
let person: Person;
let key = "";
beforeAll(async () => {
  await room.start();
  person = await room.person();
  key = await room.identity.issueServiceKey();
});
afterAll(() => room.stop());

const runsPerRoute = 60;

const text = fc.oneof(
  fc.string({ unit: "binary", maxLength: 60 }),
  fc.constantFrom(
    "a@b.test",
    "A@B.TEST",
    "@",
    "a@",
    "\u0000",
    "\ud800",
    "1",
    "-1",
    "null",
    "none",
    "24h",
    "9e99h",
    "totp",
    "aal2",
  ),
  fc.string({ maxLength: 3 }).map((part) => part.repeat(2000)),
);
const names = [
  "email",
  "phone",
  "password",
  "current_password",
  "data",
  "refresh_token",
  "factor_type",
  "friendly_name",
  "issuer",
  "challenge_id",
  "code",
  "id",
  "role",
  "ban_duration",
  "user_metadata",
  "app_metadata",
  "password_hash",
  "should_soft_delete",
  "email_confirm",
  "credential",
  "webauthn",
  "provider",
  "id_token",
  "nonce",
  "auth_code",
  "code_verifier",
  "client_id",
  "client_secret",
  "client_name",
  "redirect_uris",
  "grant_type",
  "state",
  "action",
];
const value = fc.oneof(
  text,
  fc.uuid(),
  fc.jsonValue({ maxDepth: 5 }),
  fc.record({ roles: fc.jsonValue({ maxDepth: 2 }) }),
);
const body = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.dictionary(fc.constantFrom(...names), value, { maxKeys: 8 }).map((object) => JSON.stringify(object)),
  },
  { weight: 1, arbitrary: fc.json({ maxDepth: 6 }) },
  { weight: 1, arbitrary: text },
  {
    weight: 1,
    arbitrary: fc
      .tuple(text, text)
      .map(([one, two]) => `{"email":${JSON.stringify(one)},"email":${JSON.stringify(two)}}`),
  },
);
const parameter = fc.oneof(fc.uuid(), fc.constantFrom("x", "..", "%00", "%zz", "1".repeat(90)));
const query = fc.oneof(
  fc.constantFrom(
    "",
    "grant_type=password",
    "grant_type=refresh_token",
    "scope=local",
    "page=1&per_page=2",
    "page[]=1",
    "scope=a&scope=b",
  ),
  fc.string({ maxLength: 20 }).map((part) => `page=${encodeURIComponent(part.toWellFormed())}`),
);
const headers = fc.constantFrom<Record<string, string>>(
  {},
  { "x-use-cookie": "session" },
  { "x-use-cookie": "session", cookie: "__Host-refresh=x" },
  { "x-holdfast-address": "not an address", "x-holdfast-request-id": "\t", "x-holdfast-route": "x" },
  { "content-type": "text/plain" },
  { "x-supabase-api-version": "2024-01-01" },
);
const who = fc.constantFrom("nobody", "person", "service");

const isKnownCode = (code: string | null) => code !== null && Object.hasOwn(errorKinds, code);

for (const route of Object.keys(routes)) {
  const [method = "", path = ""] = route.split(" ");
  test(`${route} answers anything without a failure of its own`, async () => {
    await fc.assert(
      fc.asyncProperty(body, parameter, query, headers, who, async (sent, id, search, extra, caller) => {
        const token = caller === "person" ? person.accessToken : key;
        const response = await fetch(`${room.url}${path.replace(/:\w+/g, id)}?${search}`, {
          method,
          redirect: "manual",
          headers: {
            "content-type": "application/json",
            ...(caller === "nobody" ? {} : { authorization: `Bearer ${token}` }),
            ...extra,
          },
          ...(method === "GET" ? {} : { body: sent.toWellFormed() }),
        });
        const answer = await response.text();
        expect(response.status, `${sent} → ${answer}`).toBeLessThan(500);
        if (response.status >= 400) expect(isKnownCode(response.headers.get("x-sb-error-code")), answer).toBe(true);
        expect(answer).not.toMatch(/node_modules|\.ts:\d|at \w+ \(/);
        // A session that the fuzz ended is begun again, so that it keeps reaching the code behind it.
        if (caller === "person" && response.status === 204) person = await room.person();
      }),
      { numRuns: runsPerRoute },
    );
    expect(room.eventsNamed("api.error")).toEqual([]);
  });
}
