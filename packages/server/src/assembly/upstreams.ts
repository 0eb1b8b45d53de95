// The application services of a deployment: each is started with a certificate of its own, and closed with the platform.
import type { Policy } from "@holdfast/policy";
import { ServerError } from "../error.ts";
import type { Closers } from "./closers.ts";
import type { Deployment, UpstreamContext } from "./deployment.ts";

/** Where each service listens, by name. */
export type Upstreams = Readonly<Record<string, string>>;

/** The deployment must bring exactly the services and sites the policy names. @throws ServerError `server/deployment-mismatch` */
export function refuseMismatch(policy: Policy, deployment: Deployment): void {
  const named = Object.entries(policy.services).flatMap(([name, service]) =>
    service.kind === "application" ? [name] : [],
  );
  const problems = [
    ...differences("service", named, Object.keys(deployment.services)),
    ...differences("site", Object.keys(policy.sites), Object.keys(deployment.sites)),
  ];
  if (problems.length === 0) return;
  const hint = "Let deployment.ts and security.ts name the same services and sites.";
  throw new ServerError("server/deployment-mismatch", `${problems.join("; ")}.`, hint);
}

function differences(kind: string, named: readonly string[], brought: readonly string[]): readonly string[] {
  return [
    ...named
      .filter((name) => !brought.includes(name))
      .map((name) => `The policy names the ${kind} "${name}"; the deployment lacks it`),
    ...brought
      .filter((name) => !named.includes(name))
      .map((name) => `The deployment brings the ${kind} "${name}"; the policy does not name it`),
  ];
}

/** Starts every application service. @throws ServerError `server/service-failed` */
export async function startUpstreams(
  deployment: Deployment,
  contextOf: (service: string) => Promise<UpstreamContext>,
  closers: Closers,
): Promise<Upstreams> {
  const upstreams: Record<string, string> = {};
  for (const [name, start] of Object.entries(deployment.services)) {
    const context = await contextOf(name);
    try {
      const running = await start(context);
      closers.add(() => running.close());
      upstreams[name] = running.url;
    } catch (cause) {
      const found = cause instanceof Error ? cause.message : "a failure";
      throw new ServerError(
        "server/service-failed",
        `The service "${name}" did not start: ${found}`,
        "Correct what it says.",
        cause,
      );
    }
  }
  return upstreams;
}
