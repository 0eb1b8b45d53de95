// Events as they happen on top, the record below; and whether the record is whole.

import { eventKinds } from "@holdfast/policy";
import type { EventRecord } from "@holdfast/server/api";
import { useInfiniteQuery, useMutation } from "@tanstack/react-query";
import { useState } from "react";
import { Button } from "react-aria-components";
import { Refusal } from "../../ui/answer.tsx";
import { Failure } from "../../ui/form-parts.tsx";
import { Loading } from "../../ui/loading.tsx";
import { Clock } from "../../ui/moment.tsx";
import { ScrollArea } from "../../ui/scroll-area.tsx";
import { ShowMore } from "../../ui/show-more.tsx";
import { Severity } from "../../ui/status-mark.tsx";
import { useLive } from "../platform/live.ts";
import { type EventFilter, platform } from "../platform/platform-client.ts";

export function EventsPage() {
  const [filter, setFilter] = useState<EventFilter>({ name: "", correlation: "" });
  const live = useLive();
  const asked = isEventName(filter.name) ? filter : { ...filter, name: "" };
  const query = useInfiniteQuery({
    queryKey: ["events", asked],
    queryFn: ({ pageParam, signal }) => platform.events(asked, pageParam, signal),
    initialPageParam: null as number | null,
    getNextPageParam: (page) => page.next,
    refetchInterval: false,
  });
  const stored = query.data?.pages.flatMap((page) => page.events) ?? [];
  const shown = stored.filter((event) => matches(event, filter));
  const newest = stored[0]?.seq ?? 0;
  const arriving = live.events.filter((event) => event.seq > newest && matches(event, filter));
  return (
    <>
      <h1>Events</h1>
      <div className="filters">
        <label>
          Name{" "}
          <input
            type="search"
            value={filter.name}
            placeholder="signin.failed"
            onChange={(event) => setFilter({ ...filter, name: event.target.value.trim() })}
          />
        </label>
        <label>
          Correlation{" "}
          <input
            type="search"
            value={filter.correlation}
            onChange={(event) => setFilter({ ...filter, correlation: event.target.value.trim() })}
          />
        </label>
        <VerifyButton />
      </div>
      {query.isError ? <Refusal error={query.error} what="the events" /> : null}
      {query.isPending ? (
        <Loading what="the events" />
      ) : (
        <EventTable events={[...arriving, ...shown]} arriving={arriving.length} />
      )}
      <ShowMore pages={query} label="Older events" />
    </>
  );
}

function isEventName(name: string): boolean {
  return Object.hasOwn(eventKinds, name);
}

/** What has been loaded is narrowed by part of a name; a whole name is asked of the server. */
function matches(event: EventRecord, filter: EventFilter): boolean {
  return event.name.includes(filter.name) && (filter.correlation === "" || event.correlation === filter.correlation);
}

function VerifyButton() {
  const mutation = useMutation({ mutationFn: platform.verify });
  return (
    <>
      <Button className="plain" onPress={() => mutation.mutate()} isDisabled={mutation.isPending}>
        Verify the chain
      </Button>
      <output>
        {mutation.data === undefined
          ? ""
          : mutation.data.intact
            ? `Intact: ${mutation.data.events.verified} events and ${mutation.data.evidence.verified} pieces of evidence hash to the sealed head.`
            : `Not intact: ${(mutation.data.events.fault ?? mutation.data.evidence.fault)?.sentence ?? "unknown"}`}
      </output>
      <Failure error={mutation.error} />
    </>
  );
}

function EventTable({ events, arriving }: { readonly events: readonly EventRecord[]; readonly arriving: number }) {
  if (events.length === 0) return <p>No event matches.</p>;
  return (
    <ScrollArea label="Events, newest first">
      <table className="events">
        <thead>
          <tr>
            <th scope="col">Time</th>
            <th scope="col">Event</th>
            <th scope="col">Severity</th>
            <th scope="col">Why</th>
            <th scope="col">Route</th>
            <th scope="col">Address</th>
            <th scope="col">Number</th>
          </tr>
        </thead>
        <tbody>
          {events.map((event, index) => (
            <tr key={event.seq} className={index < arriving ? "arriving" : ""}>
              <td>
                <Clock at={event.at} />
              </td>
              <td title={event.sentence}>
                <code>{event.name}</code>
              </td>
              <td>
                <Severity id={event.severityId} />
              </td>
              <td>{event.reason ?? "–"}</td>
              <td>{event.route === null ? "–" : <code>{event.route}</code>}</td>
              <td>{event.address ?? "–"}</td>
              <td>{event.seq}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </ScrollArea>
  );
}
