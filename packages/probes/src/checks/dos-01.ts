import { gzipSync } from "node:zlib";
import { fromAttackList } from "../attack-list.ts";
import type { Check } from "../check.ts";
import { mainFamily } from "../object-routes.ts";
import { headerOf } from "../pages.ts";
import { refusals } from "../refusals.ts";
import { withoutStep } from "../sabotages.ts";
import { sampleBody } from "../sample-body.ts";
import type { ProbeSession } from "../session.ts";

const DEPTH = 20_000;
const BOMB_BYTES = 10 * 1024 * 1024;
const HEADER_BYTES = 32 * 1024;
/** No page needs more rows than this. */
const PAGE_ITEMS_MAX = 1_000;

export const dos01: Check = {
  ...fromAttackList("DOS-01"),
  title: "A huge, deep or compressed body, huge headers or an endless page are taken.",
  kind: "attack",
  layers: ["edge", "api"],
  events: ["edge.body-refused", "edge.malformed-refused"],
  company: "together",
  sabotage: withoutStep("body", "The gateway reads no body."),
  run: async (session) => {
    const victim = await session.victim();
    const family = mainFamily(session, victim);
    const { collection, bodyBytesMax } = family;
    const json = { "content-type": "application/json" };
    const post = (body: string | Buffer, headers: Readonly<Record<string, string>> = json) => ({
      method: "POST",
      path: collection,
      bearer: victim.accessToken,
      body,
      headers,
    });
    await session.positive(
      "an ordinary body is taken",
      { method: "GET", path: "/auth/v1/user", bearer: victim.accessToken },
      200,
    );
    const sample = JSON.stringify(sampleBody(family.body, "probe size"));
    await session.expectRefused(
      post(sample.replace("probe size", "x".repeat(bodyBytesMax))),
      refusals.bodyTooLarge,
      `${bodyBytesMax} bytes too many`,
    );
    const deep = Math.min(DEPTH, Math.floor(bodyBytesMax / 4));
    await session.expectRefused(
      post(`{"x":${"[".repeat(deep)}${"]".repeat(deep)}}`),
      { status: 400, code: ["body-malformed", "body-invalid"], event: "edge.body-refused" },
      `${deep} nested arrays`,
    );
    await session.expectRefused(
      post(gzipSync(Buffer.alloc(BOMB_BYTES, 0x20)), { ...json, "content-encoding": "gzip" }),
      { status: [413, 415], event: "edge.body-refused" },
      "a compressed bomb",
    );
    await session.expectRefused(
      post('{"title":"a","title":"b"}'),
      { status: 400, event: "edge.body-refused" },
      "a key given twice",
    );
    const headers = await session.ask({
      method: "GET",
      path: "/auth/v1/health",
      headers: { "x-filler": "x".repeat(HEADER_BYTES) },
    });
    session.judge({
      request: `${HEADER_BYTES} bytes of headers`,
      expected: "431",
      got: String(headers.status),
      held: headers.status === refusals.headersTooLarge.status,
      event: { name: "edge.malformed-refused", requestId: headerOf(headers, "x-request-id") },
    });
    if (family.listable) await askForEndlessPages(session, collection, victim.accessToken);
    return await session.conclude("Bodies, headers and pages have limits that hold.");
  },
};

async function askForEndlessPages(session: ProbeSession, collection: string, bearer: string): Promise<void> {
  for (const query of ["limit=1000000000", "per_page=1000000000", "limit=-1"]) {
    const page = await session.ask({ method: "GET", path: `${collection}?${query}`, bearer });
    const items = Object.values((page.json ?? {}) as object).find((value) => Array.isArray(value)) as
      | unknown[]
      | undefined;
    session.judge({
      request: `GET ${collection}?${query}`,
      expected: `at most ${PAGE_ITEMS_MAX} items, or 400`,
      got: `${page.status}, ${items?.length ?? 0} items`,
      held: page.status < 500 && (items?.length ?? 0) <= PAGE_ITEMS_MAX,
    });
  }
}
