// What was signed and when: each checkpoint names so many changes by one hash.
import { useInfiniteQuery } from "@tanstack/react-query";
import { Refusal } from "../../ui/answer.tsx";
import { Loading } from "../../ui/loading.tsx";
import { Moment } from "../../ui/moment.tsx";
import { ScrollArea } from "../../ui/scroll-area.tsx";
import { ShowMore } from "../../ui/show-more.tsx";
import { data } from "../platform/data-client.ts";

export function CheckpointList() {
  const query = useInfiniteQuery({
    queryKey: ["audit-checkpoints"],
    queryFn: ({ pageParam, signal }) => data.auditCheckpoints(pageParam, signal),
    initialPageParam: null as number | null,
    getNextPageParam: (page) => page.next,
  });
  if (query.isPending) return <Loading what="the checkpoints" />;
  if (query.isError) return <Refusal error={query.error} what="the checkpoints" />;
  const checkpoints = query.data.pages.flatMap((page) => page.checkpoints);
  if (checkpoints.length === 0) return <p>Nothing was signed yet.</p>;
  return (
    <>
      <ScrollArea label="Checkpoints, newest first">
        <table>
          <thead>
            <tr>
              <th scope="col">Changes</th>
              <th scope="col">Signed</th>
              <th scope="col">Root</th>
            </tr>
          </thead>
          <tbody>
            {checkpoints.map(({ size, at, note }) => (
              <tr key={size}>
                <th scope="row">{size}</th>
                <td>
                  <Moment at={at} />
                </td>
                <td>
                  <code>{note.split("\n")[2]}</code>
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </ScrollArea>
      <ShowMore pages={query} label="Older checkpoints" />
    </>
  );
}
