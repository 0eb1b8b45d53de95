import { fromAttackList } from "../attack-list.ts";
import type { Check } from "../check.ts";
import { refusals } from "../refusals.ts";
import type { ProbeSession } from "../session.ts";
import { guessPassword } from "../sign-in-attack.ts";
import { twinJson } from "../twin.ts";

const FAKE_ADDRESS = "203.0.113.77";
const FAKE_REQUEST_ID = "00000000-dead-4bad-8bad-000000000000";

function internalHeaders(victimId: string): Record<string, string> {
  return {
    "x-user-id": victimId,
    "x-user-role": "admin",
    "x-holdfast-subject": victimId,
    "x-holdfast-address": FAKE_ADDRESS,
    "x-holdfast-request-id": FAKE_REQUEST_ID,
    "x-holdfast-correlation": "probe-spoofed",
    "x-holdfast-route": "GET /probe",
    "x-forwarded-for": FAKE_ADDRESS,
    "x-forwarded-user": victimId,
    "x-real-ip": FAKE_ADDRESS,
    "x-envoy-original-path": "/auth/v1/health",
    "x-envoy-internal": "true",
    forwarded: `for=${FAKE_ADDRESS}`,
  };
}

export const net04: Check = {
  ...fromAttackList("NET-04"),
  title: "A header from outside is believed as if the edge had written it.",
  kind: "attack",
  layers: ["edge", "identity", "mesh"],
  events: ["signin.failed", "edge.access-refused"],
  company: "together",
  sabotage: {
    name: "believes-internal-headers",
    sentence: "A service behind the edge takes the caller's identity from x-user-id, wherever it comes from.",
    hole: {
      kind: "twin",
      request: (request) =>
        request.path === "/auth/v1/user" && request.headers["x-user-id"]
          ? twinJson(200, { id: request.headers["x-user-id"] })
          : request,
    },
  },
  run: async (session) => {
    const [alice, bob] = await Promise.all([session.people.alice(), session.people.bob()]);
    const headers = internalHeaders(alice.id);
    await session.expectRefused(
      { method: "GET", path: "/auth/v1/user", headers },
      refusals.signIn,
      "nobody, with internal headers",
    );
    const who = await session.ask({ method: "GET", path: "/auth/v1/user", bearer: bob.accessToken, headers });
    session.judge({
      request: "GET /auth/v1/user as bob, with alice's internal headers",
      expected: "bob's account",
      got: told(who.json) === bob.id ? "bob's account" : `${who.status}`,
      held: told(who.json) === bob.id,
    });
    await judgeRecordedAddress(session, headers);
    // Named in Connection, a header of ours would be dropped on the way (CVE-2026-33805): authentication must survive it.
    const dropped = await session.ask({
      method: "GET",
      path: "/platform/v1/summary",
      bearer: bob.accessToken,
      headers: { connection: "keep-alive, authorization, x-holdfast-address" },
    });
    session.judge({
      request: "name our own headers in Connection",
      expected: "403, 400 or 401",
      got: String(dropped.status),
      held: [400, 401, 403].includes(dropped.status),
      event: { name: ["edge.access-refused", "edge.malformed-refused"], correlation: dropped.correlation },
    });
    return await session.conclude("Internal headers from outside were dropped; events bear the real address.");
  },
};

function told(json: unknown): string | undefined {
  return (json as { id?: string } | undefined)?.id;
}

/** What a service records comes from the edge's own headers: a failed sign-in shows whether the client could write them. */
async function judgeRecordedAddress(session: ProbeSession, headers: Readonly<Record<string, string>>): Promise<void> {
  const failed = await guessPassword(session, "probe-nobody@probe.invalid", "a wrong password", { headers });
  const event = await session.events.find(failed, "signin.failed");
  const believed =
    event === null
      ? "no event bears the request's own correlation"
      : event.address === FAKE_ADDRESS
        ? "the claimed address"
        : event.requestId === FAKE_REQUEST_ID
          ? "the claimed request id"
          : null;
  session.judge({
    request: `a failed sign-in that claims to come from ${FAKE_ADDRESS}`,
    expected: "an event with the real address and the edge's request id",
    got: believed ?? "the real ones",
    held: believed === null && failed.status === 400,
    event: { name: "signin.failed", correlation: failed.correlation },
  });
}
