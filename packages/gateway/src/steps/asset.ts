import type { Step, StepOutcome } from "../step.ts";

const IMMUTABLE = "public, max-age=31536000, immutable";
const REVALIDATE = "no-cache";

/** A file of a site. It is the same for everybody and holds no secret; who may open the page is decided at the page. */
export const asset: Step = {
  name: "asset",
  when: "request",
  applies: (route) => route.kind === "asset",
  run(request): StepOutcome {
    if (request.route.kind !== "asset") return undefined;
    const { etag, bytes, contentType, isHashed } = request.route.asset;
    const headers = ["etag", etag, "cache-control", isHashed ? IMMUTABLE : REVALIDATE];
    if (request.raw.headers["if-none-match"] === etag) request.answer(304, "asset", headers, null);
    else request.answer(200, "asset", ["content-type", contentType, ...headers], bytes);
    return "answered";
  },
};
