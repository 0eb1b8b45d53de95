import type { SecurityEvent } from "@holdfast/policy";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { type AlertLog, openAlertLog } from "../alerts/alert-log.ts";
import { type EventLog, eventLog } from "../events/event-log.ts";
import { breakable, headInMemory, type PlatformDatabase, platformDatabase } from "../testing/platform-database.ts";
import { incidentResponse, viewIncident } from "./incident-fold.ts";
import { type IncidentLog, openIncidentLog } from "./incident-log.ts";
import { createResponse, type Response } from "./response.ts";
import { startWatch, type Watch } from "./watch.ts";

const START = 1_800_000_000_000;
const TARGET_SECONDS = 3_600;
const ADA = { id: "00000000-0000-4000-8000-000000000001", email: "ada@example.com" };

interface Desk {
  readonly events: EventLog;
  readonly alerts: AlertLog;
  readonly incidents: IncidentLog;
  readonly response: Response;
  readonly watch: Watch;
  close(): Promise<void>;
}

let database: PlatformDatabase;
let network: ReturnType<typeof breakable>;
let desk: Desk;
let now = START;
let heads: Record<"events" | "alerts" | "incidents", ReturnType<typeof headInMemory>>;

async function open(): Promise<Desk> {
  const clock = () => now;
  const events = await eventLog({ database: network, sealedHead: heads.events, now: clock });
  const alerts = await openAlertLog({ database: network, sealedHead: heads.alerts });
  const incidents = await openIncidentLog({ database: network, sealedHead: heads.incidents });
  const parts = {
    database: network,
    alerts,
    incidents,
    emit: events.append,
    now: clock,
    targetSeconds: TARGET_SECONDS,
  };
  const response = createResponse(parts);
  const watch = await startWatch({
    events,
    response,
    through: alerts.state.through,
    monitoring: { failedLogins: { atLeast: 5, windowSeconds: 60 }, apiErrorsAbove: 0.01 },
    now: clock,
  });
  return {
    events,
    alerts,
    incidents,
    response,
    watch,
    async close() {
      await events.flush();
      await watch.stop();
      await events.close();
      await Promise.all([alerts.chain.sealed(), incidents.chain.sealed()]);
    },
  };
}

/** Events one second apart, recorded and judged. */
async function happen(count: number, change: Partial<SecurityEvent> = {}): Promise<void> {
  for (let index = 0; index < count; index += 1) {
    now += 1_000;
    desk.events.append({ name: "signin.failed", at: now, address: "192.0.2.1", subject: "ada", ...change });
  }
  await desk.events.flush();
  await desk.watch.settled();
}

const alertsOf = (from: Desk) => [...from.alerts.state.alerts.values()];
const incidentsOf = (from: Desk) => [...from.incidents.state.values()];
const namesOf = async (from: Desk) => {
  await from.events.flush();
  return (await from.events.query({ limit: 200 })).events.map((event) => event.name);
};

beforeEach(async () => {
  now = START;
  heads = { events: headInMemory(), alerts: headInMemory(), incidents: headInMemory() };
  database = await platformDatabase();
  network = breakable(database.database);
  desk = await open();
});

afterEach(async () => {
  network.isDown = false;
  await desk.close();
  await database.drop();
});

describe("from events to incidents", () => {
  test("four failed sign-ins raise nothing; the fifth raises one alert per scope and opens one incident", async () => {
    await happen(4);
    expect(alertsOf(desk)).toEqual([]);
    await happen(1);
    expect(alertsOf(desk).map((alert) => [alert.scope, alert.state])).toEqual([
      ["overall", "open"],
      ["address", "open"],
      ["account", "open"],
    ]);
    const [incident, ...others] = incidentsOf(desk);
    expect(others).toEqual([]);
    expect(incident).toMatchObject({
      state: "open",
      firstEventAt: START + 1_000,
      dueAt: START + 1_000 + TARGET_SECONDS * 1000,
    });
    expect(incident?.alerts).toEqual(alertsOf(desk).map((alert) => alert.id));
    const names = await namesOf(desk);
    expect(names.filter((name) => name === "alert.raised")).toHaveLength(3);
    expect(names.filter((name) => name === "incident.opened")).toHaveLength(1);
  });

  test("an attack that goes on repeats its alert once per minute instead of raising another", async () => {
    await happen(130, { address: null as never, subject: null as never });
    const [alert, ...others] = alertsOf(desk);
    expect(others).toEqual([]);
    expect(alert?.repeats).toBe(2);
  });

  test("failures spread over more than a minute raise nothing", async () => {
    for (let index = 0; index < 10; index += 1) {
      now += 15_000;
      await happen(1);
    }
    expect(alertsOf(desk)).toEqual([]);
  });

  test("a check that breaks raises an alert at once", async () => {
    await happen(1, { name: "check.broken", detail: { check: "JWT-01" } });
    expect(alertsOf(desk)).toMatchObject([{ rule: "check-broken", scope: "check", group: "JWT-01", severityId: 5 }]);
  });

  test("an error rate above the threshold raises an alert that cites the errors", async () => {
    await happen(3, { name: "api.error" });
    await desk.watch.sample({ requests: 100, errors: 3 });
    expect(alertsOf(desk)).toMatchObject([{ rule: "api-errors", scope: "overall", evidence: [1, 2, 3] }]);
  });

  test("alerts of one rule within an hour share an incident; later ones open another", async () => {
    await happen(1, { name: "check.broken", detail: { check: "JWT-01" } });
    await happen(1, { name: "check.broken", detail: { check: "JWT-02" } });
    expect(incidentsOf(desk)).toHaveLength(1);
    now += 2 * 3_600_000;
    await happen(1, { name: "check.broken", detail: { check: "JWT-03" } });
    expect(incidentsOf(desk).map((incident) => incident.alerts.length)).toEqual([2, 1]);
  });
});

describe("people answer", () => {
  test("the response time runs from the first evidence to the acknowledgement by a person", async () => {
    await happen(5);
    const [incident] = incidentsOf(desk);
    now = START + 1_000 + 600_000;
    const result = await desk.response.acknowledgeIncident(incident?.id ?? "", ADA, "Looking into it.");
    expect(result).toMatchObject({
      done: true,
      subject: {
        state: "acknowledged",
        responseSeconds: 600,
        late: false,
        acknowledgement: { by: ADA.id, email: ADA.email },
      },
    });
    expect(alertsOf(desk).every((alert) => alert.state === "acknowledged")).toBe(true);
    expect(incidentResponse(desk.incidents.state, TARGET_SECONDS, now)).toMatchObject({
      worstSeconds: 600,
      waiting: 0,
    });
    expect(await namesOf(desk)).toContain("incident.acknowledged");
  });

  test("an incident that nobody answers is late, and counts with the time waited so far", async () => {
    await happen(5);
    now = START + 1_000 + 2 * TARGET_SECONDS * 1000;
    const [incident] = incidentsOf(desk).map((each) => viewIncident(each, now));
    expect(incident).toMatchObject({ late: true, responseSeconds: null });
    const response = incidentResponse(desk.incidents.state, TARGET_SECONDS, now);
    expect(response).toEqual({ targetSeconds: TARGET_SECONDS, worstSeconds: 7_200, acknowledged: 0, waiting: 1 });
  });

  test("nobody acknowledges twice, closes twice, or answers for what does not exist", async () => {
    await happen(5);
    const id = incidentsOf(desk)[0]?.id ?? "";
    const refusal = async (action: Promise<{ readonly done: boolean; readonly refusal?: string }>) =>
      (await action).refusal;
    const { response } = desk;
    expect(await refusal(response.acknowledgeIncident(id, ADA, "a"))).toBeUndefined();
    expect(await refusal(response.acknowledgeIncident(id, ADA, "b"))).toBe("already-acknowledged");
    expect(await refusal(response.closeIncident(id, ADA, "c"))).toBeUndefined();
    expect(await refusal(response.closeIncident(id, ADA, "d"))).toBe("already-closed");
    expect(await refusal(response.acknowledgeAlert("alert-0", ADA, "e"))).toBe("unknown");
  });

  test("two people who answer at the same moment: one of them does", async () => {
    await happen(5);
    const id = incidentsOf(desk)[0]?.id ?? "";
    const results = await Promise.all([1, 2, 3].map(() => desk.response.acknowledgeIncident(id, ADA, "Mine.")));
    expect(results.filter((result) => result.done)).toHaveLength(1);
  });

  test("a closed incident takes its alerts along; what happens afterwards raises new ones", async () => {
    await happen(5);
    await desk.response.closeIncident(incidentsOf(desk)[0]?.id ?? "", ADA, "Blocked the address.");
    expect(alertsOf(desk).every((alert) => alert.state === "closed")).toBe(true);
    now += 120_000;
    await happen(5);
    expect(alertsOf(desk).filter((alert) => alert.state === "open")).toHaveLength(3);
    expect(incidentsOf(desk).map((incident) => incident.state)).toEqual(["closed", "open"]);
  });
});

describe("everything after the logs can be rebuilt", () => {
  test("alerts and incidents replayed from their logs equal the live ones", async () => {
    await happen(7);
    await happen(1, { name: "check.broken", detail: { check: "JWT-01" } });
    const [first, second] = incidentsOf(desk);
    await desk.response.acknowledgeIncident(first?.id ?? "", ADA, "Mine.");
    await desk.response.closeIncident(second?.id ?? "", ADA, "Fixed.");
    const again = await openAlertLog({ database: network, sealedHead: headInMemory() });
    const incidents = await openIncidentLog({ database: network, sealedHead: headInMemory() });
    expect(alertsOf({ ...desk, alerts: again })).toEqual(alertsOf(desk));
    expect(incidentsOf({ ...desk, incidents })).toEqual(incidentsOf(desk));
    expect((await again.chain.verify()).fault?.kind).toBe("head-unreadable");
    expect((await desk.alerts.chain.verify()).intact).toBe(true);
    expect((await desk.incidents.chain.verify()).intact).toBe(true);
  });

  test("a restart between the fourth and the fifth failure still raises the alert, once", async () => {
    await happen(4);
    await desk.close();
    desk = await open();
    await happen(1);
    expect(alertsOf(desk)).toHaveLength(3);
    const before = alertsOf(desk);
    await desk.close();
    desk = await open();
    await desk.watch.settled();
    expect(alertsOf(desk)).toEqual(before);
  });

  test("a process that was killed before it wrote the alert raises it after the next start", async () => {
    await happen(4);
    const other = await eventLog({ database: database.another(), sealedHead: heads.events, now: () => now });
    other.append({ name: "signin.failed", at: now + 1, address: "192.0.2.1", subject: "ada" });
    await other.close();
    expect(alertsOf(desk)).toEqual([]);
    await desk.close();
    desk = await open();
    expect(alertsOf(desk)).toHaveLength(3);
  });

  test("a database that goes away while alerts are written loses and doubles nothing", async () => {
    await happen(4);
    const transaction = network.transaction;
    let writes = 0;
    // The event itself is written; then the network is gone.
    network.transaction = async (work) => {
      writes += 1;
      if (writes === 2) network.isDown = true;
      return transaction(work);
    };
    await happen(1);
    expect(alertsOf(desk)).toEqual([]);
    network.transaction = transaction;
    network.isDown = false;
    await desk.watch.settled();
    expect(alertsOf(desk)).toHaveLength(3);
    expect(incidentsOf(desk)).toHaveLength(1);
  });
});
