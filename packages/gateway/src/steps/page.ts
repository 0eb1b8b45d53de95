import { drawNonce } from "../nonce.ts";
import type { Step, StepOutcome } from "../step.ts";

/** The site's index.html with a fresh nonce in the places that the build marked, and only there. */
export const page: Step = {
  name: "page",
  when: "request",
  applies: (route) => route.kind === "page",
  run(request): StepOutcome {
    const { route, gateway } = request;
    if (route.kind !== "page") return undefined;
    const site = gateway.sites.get(route.site);
    if (site === undefined) return { code: "internal-error", reason: "no-site" };
    request.nonce = drawNonce();
    request.answer(200, "html", ["content-type", "text/html; charset=utf-8"], site.page.join(request.nonce));
    return "answered";
  },
};
