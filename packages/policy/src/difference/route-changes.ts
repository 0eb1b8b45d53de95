import { ownField } from "../own-field.ts";
import type { Limit, Policy, RoutePolicy, ServicePolicy, SitePolicy } from "../policy.ts";
import { below } from "../report.ts";
import { type Change, conditionChange, type Effect, keysOf, namesChange, numberChange, valueChange } from "./change.ts";

type Both = readonly [Policy, Policy];

/** Services, their peers and their routes. */
export function serviceChanges(before: Policy, after: Policy): readonly Change[] {
  return keysOf(before.services, after.services).flatMap((name) => {
    const path = below("services", name);
    const [old, now] = [ownField(before.services, name), ownField(after.services, name)];
    const routes = keysOf(old?.routes ?? {}, now?.routes ?? {}).flatMap((key) =>
      routeChanges(
        [before, after],
        below(below(path, "routes"), key),
        ownField(old?.routes ?? {}, key),
        ownField(now?.routes ?? {}, key),
      ),
    );
    return [...peerChanges(path, old, now), ...routes];
  });
}

function peerChanges(path: string, old: ServicePolicy | undefined, now: ServicePolicy | undefined): readonly Change[] {
  if (old === undefined || now === undefined) {
    return valueChange(path, old?.kind, now?.kind, now === undefined ? "tighter" : "changed");
  }
  return [
    ...numberChange(below(path, "timeoutSeconds"), old.timeoutSeconds, now.timeoutSeconds, "looser"),
    ...namesChange(below(path, "callers"), old.callers, now.callers),
    ...namesChange(below(path, "calls"), old.calls, now.calls),
  ];
}

function routeChanges(
  policies: Both,
  path: string,
  old: RoutePolicy | undefined,
  now: RoutePolicy | undefined,
): readonly Change[] {
  const allow = conditionChange(policies, below(path, "allow"), null, old?.allow, now?.allow);
  if (old === undefined || now === undefined) return allow;
  return [
    ...allow,
    ...valueChange(below(path, "limit"), old.limit, now.limit, limitEffect(old.limit, now.limit)),
    ...valueChange(below(path, "takesBody"), old.takesBody, now.takesBody, now.takesBody ? "looser" : "tighter"),
    // Whether one schema accepts more than another cannot be decided in general.
    ...valueChange(below(path, "body"), old.body, now.body, "changed"),
    ...numberChange(below(path, "bodyBytesMax"), old.bodyBytesMax, now.bodyBytesMax, "looser"),
  ];
}

/** A limit is a burst and a rate; it is looser when neither became smaller. */
function limitEffect(old: Limit, now: Limit): Effect {
  const burst = Math.sign(now.requests - old.requests);
  const rate = Math.sign(now.requests * old.windowSeconds - old.requests * now.windowSeconds);
  if (burst >= 0 && rate >= 0) return "looser";
  return burst <= 0 && rate <= 0 ? "tighter" : "changed";
}

/** Sites and their pages. */
export function siteChanges(before: Policy, after: Policy): readonly Change[] {
  return keysOf(before.sites, after.sites).flatMap((name) => {
    const path = below("sites", name);
    const [old, now] = [ownField(before.sites, name), ownField(after.sites, name)];
    const pages = keysOf(old?.pages ?? {}, now?.pages ?? {}).flatMap((page) =>
      conditionChange(
        [before, after],
        below(below(path, "pages"), page),
        null,
        ownField(old?.pages ?? {}, page),
        ownField(now?.pages ?? {}, page),
      ),
    );
    return [...destinationChanges(path, old, now), ...pages];
  });
}

function destinationChanges(path: string, old: SitePolicy | undefined, now: SitePolicy | undefined): readonly Change[] {
  if (old === undefined || now === undefined) {
    return valueChange(path, old?.mount, now?.mount, now === undefined ? "tighter" : "changed");
  }
  return (["mount", "signIn", "unauthorized"] as const).flatMap((key) =>
    valueChange(below(path, key), old[key], now[key], "changed"),
  );
}
