import type { EventRecord } from "@holdfast/server/api";
import { useInfiniteQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { Refusal } from "../../ui/answer.tsx";
import { Loading } from "../../ui/loading.tsx";
import { Moment } from "../../ui/moment.tsx";
import { ScrollArea } from "../../ui/scroll-area.tsx";
import { ShowMore } from "../../ui/show-more.tsx";
import { people } from "../platform/people-client.ts";

export function SignInsPage() {
  const query = useInfiniteQuery({
    queryKey: ["sign-ins"],
    queryFn: ({ pageParam, signal }) => people.signIns(pageParam, signal),
    initialPageParam: null as number | null,
    getNextPageParam: (page) => page.next,
    refetchInterval: false,
  });
  const events = query.data?.pages.flatMap((page) => page.events) ?? [];
  return (
    <>
      <h1>Sign-ins</h1>
      {query.isError ? <Refusal error={query.error} what="the sign-ins" /> : null}
      {query.isPending ? <Loading what="the sign-ins" /> : <SignInTable events={events} />}
      <ShowMore pages={query} label="Show earlier ones" />
    </>
  );
}

function SignInTable({ events }: { readonly events: readonly EventRecord[] }) {
  if (events.length === 0) return <p>Nobody has signed in yet.</p>;
  return (
    <ScrollArea label="Sign-ins, newest first">
      <table>
        <thead>
          <tr>
            <th scope="col">When</th>
            <th scope="col">What happened</th>
            <th scope="col">How or why</th>
            <th scope="col">Account</th>
            <th scope="col">From</th>
          </tr>
        </thead>
        <tbody>
          {events.map((event) => (
            <tr key={event.seq}>
              <td>
                <Moment at={event.at} />
              </td>
              <td>{event.sentence}</td>
              <td>{event.reason ?? "–"}</td>
              <td>
                {event.subject === null ? (
                  "unknown"
                ) : (
                  <Link to="/people/$id" params={{ id: event.subject }}>
                    {event.subject.slice(0, 8)}
                  </Link>
                )}
              </td>
              <td>{event.address ?? "–"}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </ScrollArea>
  );
}
