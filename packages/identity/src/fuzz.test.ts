// Whatever is sent to any endpoint, the answer is one of ours: a known code, never a 5xx, never a stack. The table of routes is
// walked, so that a new route is attacked without a word.
import fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
import { errorKinds } from "./error/error-code.ts";
import { routes } from "./routes.ts";
import { bodySchemas, hostileBody } from "./testing/hostile-body.ts";
import { goodPassword, newEmail, type Person, TestIdentity, testPolicy } from "./testing/start-identity.ts";

const room = new TestIdentity();
let person: Person;
let key = "";
const schemas = await bodySchemas();
const { identity } = testPolicy;
// Everything that can be on is on: what is off has less code behind it.
const policy = {
  ...testPolicy,
  identity: {
    ...identity,
    anonymous: true,
    linking: true,
    phone: { ...identity.phone, signIn: true },
    factors: { totp: true, webauthn: true, phone: true, recoveryCodes: true },
    oauthServer: { on: true, registration: true },
  },
};
beforeAll(async () => {
  await room.start({ policy });
  person = await room.person();
  key = await room.identity.issueServiceKey();
});
afterAll(() => room.stop());

const runsPerRoute = 40;

const parameter = fc.oneof(
  fc.uuid(),
  fc.constantFrom(
    "x",
    "..",
    "%00",
    "%zz",
    "1".repeat(90),
    "%2e%2e%2f",
    "%F0%9F%92%A9",
    "00000000-0000-0000-0000-000000000000",
  ),
);
const query = fc.oneof(
  fc.constantFrom(
    "",
    "grant_type=password",
    "grant_type=refresh_token",
    "grant_type=pkce",
    "grant_type=id_token",
    "grant_type=web3",
    "grant_type=__proto__",
    "scope=local",
    "page=1&per_page=2",
    "page[]=1",
    "scope=a&scope=b",
    "redirect_to=https://evil.example/",
    "redirect_to=a&redirect_to=b",
    "type=signup&token=x",
    "type=__proto__&token=%00",
    "provider=google",
    "provider=constructor&redirect_to=%00",
    "client_id=x&client_id=y",
  ),
  fc.string({ maxLength: 20 }).map((part) => `page=${encodeURIComponent(part.toWellFormed())}`),
);
const headers = fc.constantFrom<Record<string, string>>(
  {},
  {},
  { "x-use-cookie": "session" },
  { "x-use-cookie": "session", cookie: "__Host-refresh=x" },
  { "x-holdfast-address": "not an address", "x-holdfast-request-id": "\t", "x-holdfast-route": "x" },
  { "content-type": "text/plain" },
  { "content-type": "application/x-www-form-urlencoded" },
  { "content-type": "application/json; charset=utf-16" },
  { "x-supabase-api-version": "2024-01-01" },
);
const who = fc.constantFrom("nobody", "person", "service");

const isKnownCode = (code: string | null) => code !== null && Object.hasOwn(errorKinds, code);
/** Ours and meant: the queue of password hashes may be full, and a password list may not answer. */
const isOurRefusal = (code: string | null) => code === "over_capacity" || code === "password_check_unavailable";

for (const route of Object.keys(routes)) {
  const [method = "", path = ""] = route.split(" ");
  test(`${route} answers anything without a failure of its own`, async () => {
    const body = hostileBody(schemas.get(route));
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
        const code = response.headers.get("x-sb-error-code");
        if (!isOurRefusal(code)) expect(response.status, `${sent} → ${answer}`).toBeLessThan(500);
        if (response.status >= 400 && !isOAuthError(answer)) expect(isKnownCode(code), answer).toBe(true);
        expect(answer).not.toMatch(/node_modules|\.ts:\d|at \w+ \(|select |syntax error|violates/);
        // A session that the fuzz ended is begun again, so that it keeps reaching the code behind it.
        if (caller === "person" && (response.status === 204 || code === "session_not_found"))
          person = await room.person();
      }),
      { numRuns: runsPerRoute },
    );
    expect(room.eventsNamed("api.error")).toEqual([]);
  });
}

/** RFC 6749 §5.2 has a shape of its own. */
const isOAuthError = (answer: string): boolean => /^\{"error":"[a-z_]+"/.test(answer);

test("nothing that was sent has become part of a prototype", () => {
  expect(Reflect.get({}, "isAdmin")).toBeUndefined();
});

/** Routes that anybody may call with an address. */
const asksForAddress = Object.keys(routes).filter(
  (route) =>
    !route.includes("/admin") && !route.includes("/invite") && schemas.get(route)?.properties?.email !== undefined,
);

/** What may differ between two answers that are the same: ids, times, and the address itself. */
const masked = (text: string, email: string): string =>
  text
    .replaceAll(email, "<email>")
    .replace(/[0-9a-f]{8}-[0-9a-f-]{27}/g, "<id>")
    .replace(/\d{4}-\d\d-\d\dT[\d:.]+Z/g, "<time>");

const extras = fc.record(
  {
    type: fc.constantFrom("signup", "magiclink", "recovery", "email", "email_change", "invite", "sms"),
    token: fc.constantFrom("123456", "", "x"),
    password: fc.constantFrom("wrong-gravel-otter-00", "short"),
    create_user: fc.boolean(),
    data: fc.constant({ name: "Ada" }),
  },
  { requiredKeys: [] },
);

/** What the route says about an address that has an account, and about one that has none. */
async function bothAnswers(route: string, extra: object, url = room.url): Promise<readonly [object, object]> {
  const [method = "", path = ""] = route.split(" ");
  const known = newEmail();
  await room.identity.createAccount({ email: known, password: goodPassword, roles: [] });
  const ask = async (email: string) => {
    const query = path === "/token" ? "?grant_type=password" : "";
    const { status, body } = await room.call(method, `${path}${query}`, { body: { ...extra, email } }, url);
    return { status, body: masked(JSON.stringify(body), email) };
  };
  return await Promise.all([ask(known), ask(newEmail())]);
}

for (const route of asksForAddress.filter((each) => each !== "PUT /user")) {
  test(`${route} answers alike for an address that has an account and one that has none`, async () => {
    await fc.assert(
      fc.asyncProperty(extras, async (extra) => {
        const [known, unknown] = await bothAnswers(route, extra);
        expect(known).toEqual(unknown);
      }),
      { numRuns: 12 },
    );
  });
}

test("an identity that tells them apart is caught by the same comparison", async () => {
  const careless = await room.listen(await room.twin({ policy, rules: { revealsUnknownAccounts: () => true } }));
  const [known, unknown] = await bothAnswers("POST /token", { password: "wrong-gravel-otter-00" }, careless);
  expect(known).not.toEqual(unknown);
});

test("the attack knows what the routes take: most of those with a body have a schema", () => {
  expect(schemas.size).toBeGreaterThan(15);
  expect(Object.keys(schemas.get("POST /signup")?.properties ?? {})).toContain("password");
});
