import type { OpenSession } from "@holdfast/server/api";
import { useInfiniteQuery, useMutation, useQueryClient } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useState } from "react";
import { Button } from "react-aria-components";
import { Refusal } from "../../ui/answer.tsx";
import { AskButton } from "../../ui/ask-button.tsx";
import { Device } from "../../ui/device.tsx";
import { Failure } from "../../ui/form-parts.tsx";
import { Loading } from "../../ui/loading.tsx";
import { Moment } from "../../ui/moment.tsx";
import { ScrollArea } from "../../ui/scroll-area.tsx";
import { ShowMore } from "../../ui/show-more.tsx";
import { nameOf } from "../people/name-of.ts";
import { people } from "../platform/people-client.ts";

/** Everybody's sessions that are alive. */
export function SessionsPage() {
  const [search, setSearch] = useState("");
  const query = useInfiniteQuery({
    queryKey: ["sessions", search],
    queryFn: ({ pageParam, signal }) => people.sessions(search, pageParam, signal),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.next,
    refetchInterval: false,
  });
  const sessions = query.data?.pages.flatMap((page) => page.sessions) ?? [];
  return (
    <>
      <h1>Sessions</h1>
      <p className="under">Everybody who is signed in now. What ends here is refused from its next request on.</p>
      <div className="filters">
        <label>
          Address begins with{" "}
          <input type="search" value={search} onChange={(event) => setSearch(event.target.value.trim())} />
        </label>
      </div>
      {query.isError ? <Refusal error={query.error} what="the sessions" /> : null}
      {query.isPending ? <Loading what="the sessions" /> : <SessionTable sessions={sessions} />}
      <ShowMore pages={query} />
    </>
  );
}

function SessionTable({ sessions }: { readonly sessions: readonly OpenSession[] }) {
  const client = useQueryClient();
  const reload = () => client.invalidateQueries({ queryKey: ["sessions"] });
  const end = useMutation({
    mutationFn: ({ person, id }: OpenSession) => people.endSessions(person.id, id),
    onSettled: reload,
  });
  if (sessions.length === 0) return <p>Nobody who matches is signed in.</p>;
  return (
    <>
      <Failure error={end.error} />
      <ScrollArea label="Sessions, newest first">
        <table>
          <thead>
            <tr>
              <th scope="col">Person</th>
              <th scope="col">Device</th>
              <th scope="col">From</th>
              <th scope="col">Second factor</th>
              <th scope="col">Began</th>
              <th scope="col">Last used</th>
              <th scope="col">End</th>
            </tr>
          </thead>
          <tbody>
            {sessions.map((session) => (
              <tr key={session.id}>
                <th scope="row">
                  <Link to="/people/$id" params={{ id: session.person.id }}>
                    {nameOf(session.person)}
                  </Link>
                </th>
                <td>
                  <Device name={session.device} userAgent={session.userAgent} />
                  <Peculiar session={session} />
                </td>
                <td>
                  {session.address === "" ? "unknown" : session.address}
                  {session.network === "" ? null : <div className="under">network {session.network}</div>}
                </td>
                <td>{session.assurance === "aal2" ? "given" : "not given"}</td>
                <td>
                  <Moment at={session.createdAt} />
                </td>
                <td>
                  <Moment at={session.refreshedAt} />
                </td>
                <td>
                  <div className="actions-cell">
                    <Button
                      className="plain"
                      aria-label={`End the session of ${nameOf(session.person)}, ${session.device}`}
                      onPress={() => end.mutate(session)}
                      isDisabled={end.isPending}
                    >
                      End
                    </Button>
                    <AskButton
                      action="End all"
                      about={nameOf(session.person)}
                      question={`Every session of ${nameOf(session.person)} ends now, on all devices.`}
                      run={() => people.endSessions(session.person.id)}
                      onDone={() => void reload()}
                    />
                  </div>
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </ScrollArea>
    </>
  );
}

/** A session that is not simply the person's own. */
function Peculiar({ session: { actor, client } }: { readonly session: OpenSession }) {
  if (actor !== null) return <div className="under">an administrator acts here: “{actor.reason}”</div>;
  return client === null ? null : <div className="under">an application that the person let in</div>;
}
