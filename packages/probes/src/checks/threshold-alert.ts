import { randomUUID } from "node:crypto";
import type { Check } from "../check.ts";
import { guessPassword } from "../sign-in-attack.ts";

/** From the last failure to the alert. */
const ALERT_DEADLINE_MS = 10_000;
const POLL_MS = 200;

interface Alert {
  readonly id: string;
  readonly rule: string;
  readonly state: string;
  readonly lastEventAt: number;
  readonly raisedAt: number;
  readonly repeats: number;
  readonly incident: string | null;
}

export const thresholdAlert: Check = {
  id: "threshold-alert",
  title: "Failed sign-ins reach the plan's threshold and nobody is told.",
  kind: "attack",
  layers: ["monitoring"],
  asvs: ["V16.3.3", "V6.3.1"],
  wstg: ["WSTG-ATHN-03"],
  events: ["signin.failed"],
  company: "alone",
  sabotage: {
    name: "silent-threshold",
    sentence: "The deployment's threshold is so high that nobody is ever told.",
    hole: {
      kind: "policy",
      change: (policy) => ({
        ...policy,
        monitoring: {
          ...policy.monitoring,
          failedLogins: { ...policy.monitoring.failedLogins, atLeast: Number.MAX_SAFE_INTEGER },
        },
      }),
    },
  },
  run: async (session) => {
    const bearer = session.target.serviceKey;
    const alerts = async (): Promise<readonly Alert[]> => {
      const answer = await session.positive(
        "alerts can be read",
        { method: "GET", path: "/platform/v1/alerts?limit=100", bearer },
        200,
      );
      return ((answer.json as { alerts?: Alert[] } | undefined)?.alerts ?? []).filter(
        ({ rule }) => rule === "failed-logins",
      );
    };
    const before = new Map((await alerts()).map((alert) => [alert.id, alert]));
    const { atLeast, windowSeconds } = session.policy.monitoring.failedLogins;
    const startedAt = Date.now();
    // Other accounts each time, as in credential stuffing: no account is locked, the address and the whole reach the threshold.
    for (let count = 1; count <= atLeast; count++) {
      const answer = await guessPassword(session, `probe-${randomUUID()}@probe.invalid`, "a wrong password");
      session.judge({
        request: `failed sign-in ${count} of ${atLeast}`,
        expected: "refused with 400, event signin.failed",
        got: String(answer.status),
        held: answer.status === 400,
        event: { name: "signin.failed", correlation: answer.correlation },
      });
    }
    let raised: Alert | undefined;
    for (const end = Date.now() + ALERT_DEADLINE_MS; !raised && Date.now() < end; ) {
      // An alert that is still open is not raised twice: it is repeated.
      raised = (await alerts()).find((alert) => tells(alert, before.get(alert.id), startedAt - windowSeconds * 1000));
      if (!raised) await new Promise((resolve) => setTimeout(resolve, POLL_MS));
    }
    session.judge({
      request: `look for an alert after ${atLeast} failed sign-ins`,
      expected: `raised or repeated within ${ALERT_DEADLINE_MS / 1000} s, in an incident`,
      got: raised
        ? `${raised.state}, ${raised.incident ? "in an incident" : "in no incident"}, after ${Math.round((Date.now() - startedAt) / 100) / 10} s`
        : "none",
      held: raised !== undefined && raised.incident !== null,
    });
    return await session.conclude(`${atLeast} failed sign-ins raised an alert and an incident in time.`);
  },
};

/**
 * Raised or reached again by our failures; or raised by others' within the same window and still open, which tells of ours as
 * well: one burst is one alert.
 */
function tells(alert: Alert, known: Alert | undefined, burstSince: number): boolean {
  if (known === undefined || alert.repeats > known.repeats || alert.lastEventAt > known.lastEventAt) return true;
  return alert.state !== "closed" && alert.lastEventAt >= burstSince;
}
