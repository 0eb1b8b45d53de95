// The console's calls of the platform API. Shapes come from the server as types only.
import { createHoldfast, type Holdfast } from "@holdfast/react";
import type {
  AlertPage,
  ChainReport,
  ControlDetail,
  ControlList,
  EventPage,
  EvidencePage,
  IncidentDetail,
  IncidentPage,
  ProveAccepted,
  Summary,
  VerifyReport,
} from "@holdfast/server/api";
import { consolePolicy } from "./console-policy.ts";

export type { ChainReport };

const BASE = "/platform/v1";

export const holdfast: Holdfast = createHoldfast({ policy: consolePolicy, site: "console" });

export async function read<T>(path: string, signal?: AbortSignal): Promise<T> {
  const response = await holdfast.secureFetch(`${BASE}${path}`, signal === undefined ? {} : { signal });
  return (await response.json()) as T;
}

export async function send<T>(path: string, json?: unknown): Promise<T> {
  const response = await holdfast.secureFetch(
    `${BASE}${path}`,
    json === undefined ? { method: "POST" } : { method: "POST", json },
  );
  return (await response.json()) as T;
}

export async function remove(path: string): Promise<unknown> {
  const response = await holdfast.secureFetch(`${BASE}${path}`, { method: "DELETE" });
  return await response.json();
}

export interface EventFilter {
  readonly name: string;
  readonly correlation: string;
}

function eventQuery(filter: EventFilter, cursor: number | null): string {
  const query = new URLSearchParams({ limit: "50" });
  if (filter.name !== "") query.set("name", filter.name);
  if (filter.correlation !== "") query.set("correlation", filter.correlation);
  if (cursor !== null) query.set("cursor", String(cursor));
  return query.toString();
}

export const platform = {
  summary: (signal?: AbortSignal) => read<Summary>("/summary", signal),
  controls: (signal?: AbortSignal) => read<ControlList>("/controls", signal),
  control: (id: string, signal?: AbortSignal) => read<ControlDetail>(`/controls/${encodeURIComponent(id)}`, signal),
  prove: (id: string) => send<ProveAccepted>(`/controls/${encodeURIComponent(id)}/prove`),
  events: (filter: EventFilter, cursor: number | null, signal?: AbortSignal) =>
    read<EventPage>(`/events?${eventQuery(filter, cursor)}`, signal),
  verify: () => read<VerifyReport>("/events/verify"),
  alerts: (cursor: number | null, signal?: AbortSignal) =>
    read<AlertPage>(`/alerts?limit=50${cursor === null ? "" : `&cursor=${cursor}`}`, signal),
  acknowledgeAlert: (id: string, note: string) =>
    send<unknown>(`/alerts/${encodeURIComponent(id)}/acknowledge`, { note }),
  incidents: (signal?: AbortSignal) => read<IncidentPage>("/incidents?limit=50", signal),
  incident: (id: string, signal?: AbortSignal) => read<IncidentDetail>(`/incidents/${encodeURIComponent(id)}`, signal),
  acknowledgeIncident: (id: string, note: string) =>
    send<unknown>(`/incidents/${encodeURIComponent(id)}/acknowledge`, { note }),
  closeIncident: (id: string, note: string) => send<unknown>(`/incidents/${encodeURIComponent(id)}/close`, { note }),
  evidence: (check: string, cursor: number | null, signal?: AbortSignal) =>
    read<EvidencePage>(
      `/evidence?limit=25${check === "" ? "" : `&check=${encodeURIComponent(check)}`}${cursor === null ? "" : `&cursor=${cursor}`}`,
      signal,
    ),
} as const;
