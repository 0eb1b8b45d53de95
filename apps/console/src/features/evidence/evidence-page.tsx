import { useInfiniteQuery } from "@tanstack/react-query";
import { useState } from "react";
import { Refusal } from "../../ui/answer.tsx";
import { Loading } from "../../ui/loading.tsx";
import { Moment } from "../../ui/moment.tsx";
import { ScrollArea } from "../../ui/scroll-area.tsx";
import { ShowMore } from "../../ui/show-more.tsx";
import { StatusMark } from "../../ui/status-mark.tsx";
import { platform } from "../platform/platform-client.ts";

export function EvidencePage() {
  const [check, setCheck] = useState("");
  const query = useInfiniteQuery({
    queryKey: ["evidence", check],
    queryFn: ({ pageParam, signal }) => platform.evidence(check, pageParam, signal),
    initialPageParam: null as number | null,
    getNextPageParam: (page) => page.next,
  });
  const rows = query.data?.pages.flatMap((page) => page.evidence) ?? [];
  return (
    <>
      <h1>Evidence</h1>
      <p className="under">Append-only and hash-chained; the only source of a control's status.</p>
      <div className="filters">
        <label>
          Check{" "}
          <input
            type="search"
            value={check}
            placeholder="JWT-01"
            onChange={(event) => setCheck(event.target.value.trim())}
          />
        </label>
      </div>
      {query.isError ? <Refusal error={query.error} what="the evidence" /> : null}
      {query.isPending ? <Loading what="the evidence" /> : null}
      {rows.length === 0 && query.isSuccess ? <p>No evidence yet. Run the checks: holdfast prove.</p> : null}
      {rows.length === 0 ? null : (
        <ScrollArea label="Evidence, newest first">
          <table>
            <thead>
              <tr>
                <th scope="col">Number</th>
                <th scope="col">Check</th>
                <th scope="col">Result</th>
                <th scope="col">Seen</th>
                <th scope="col">When</th>
                <th scope="col">Hash</th>
              </tr>
            </thead>
            <tbody>
              {rows.map((row) => (
                <tr key={row.seq}>
                  <td>{row.seq}</td>
                  <td>
                    <code>{row.check}</code>
                  </td>
                  <td>
                    {row.sabotage === undefined ? (
                      <StatusMark status={row.result} />
                    ) : (
                      `sabotage ${row.sabotage.result}`
                    )}
                  </td>
                  <td>{row.seen}</td>
                  <td>
                    <Moment at={row.finishedAt} />
                  </td>
                  <td>
                    <code>{row.hash.slice(0, 12)}</code>
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </ScrollArea>
      )}
      <ShowMore pages={query} label="Older evidence" />
    </>
  );
}
