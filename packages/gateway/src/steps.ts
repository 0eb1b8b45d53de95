import type { Step } from "./step.ts";
import { asset } from "./steps/asset.ts";
import { body } from "./steps/body.ts";
import { decision } from "./steps/decision.ts";
import { forward } from "./steps/forward.ts";
import { framing } from "./steps/framing.ts";
import { headers } from "./steps/headers.ts";
import { host } from "./steps/host.ts";
import { hygiene } from "./steps/hygiene.ts";
import { limit } from "./steps/limit.ts";
import { origin } from "./steps/origin.ts";
import { page } from "./steps/page.ts";
import { path } from "./steps/path.ts";
import { quota } from "./steps/quota.ts";
import { route } from "./steps/route.ts";
import { token } from "./steps/token.ts";

/** Everything the gateway does to a request, in this order. `headers` acts on every answer, whoever gives it. */
export const gatewaySteps: readonly Step[] = Object.freeze([
  framing,
  host,
  path,
  limit,
  route,
  origin,
  token,
  quota,
  decision,
  body,
  hygiene,
  forward,
  page,
  asset,
  headers,
]);
