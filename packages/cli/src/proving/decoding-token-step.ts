// A careless token step, for a twin: it reads the claims of whatever token is presented and believes them.
import type { Step } from "@holdfast/gateway";
import { subjectFromClaims } from "@holdfast/policy";

export const decodingTokenStep: Step["run"] = (request) => {
  const presented =
    /^Bearer (.+)$/i.exec(request.raw.headers.authorization ?? "")?.[1] ?? cookieToken(request.raw.headers.cookie);
  if (presented === undefined) return undefined;
  const payload = presented.split(".")[1] ?? "";
  try {
    const claims = JSON.parse(Buffer.from(payload, "base64url").toString("utf8")) as Record<string, unknown>;
    request.credential = request.raw.headers.authorization === undefined ? "cookie" : "bearer";
    request.subject = subjectFromClaims(claims);
    request.token = presented;
  } catch {
    // Not even JSON: the careless step takes the sender for nobody.
  }
  return undefined;
};

function cookieToken(cookie: string | undefined): string | undefined {
  return /(?:^|;\s*)__Host-access=([^;]+)/.exec(cookie ?? "")?.[1];
}
