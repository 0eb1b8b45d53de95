// Replicas: which follow the primary, how far behind, and where reads went. Below them the pools of database connections.
import type { PoolList, ReplicaEntry, ReplicaState, ReplicaStatus } from "@holdfast/server/api";
import { useQuery } from "@tanstack/react-query";
import { Answer } from "../../ui/answer.tsx";
import { bytesText } from "../../ui/bytes-text.ts";
import { ScrollArea } from "../../ui/scroll-area.tsx";
import { data } from "../platform/data-client.ts";

const LOOK_MS = 5_000;
const SECOND_MS = 1_000;
const PERCENT = 100;

export function ReplicasPage() {
  const replicas = useQuery({
    queryKey: ["replicas"],
    queryFn: ({ signal }) => data.replicas(signal),
    refetchInterval: LOOK_MS,
  });
  const pools = useQuery({
    queryKey: ["pools"],
    queryFn: ({ signal }) => data.pools(signal),
    refetchInterval: LOOK_MS,
  });
  return (
    <>
      <h1>Replicas</h1>
      <Answer query={replicas} what="the replicas">
        {(status) => <Replicas status={status} />}
      </Answer>
      <h2>Pools of connections</h2>
      <Answer query={pools} what="the pools">
        {(list) => <Pools list={list} />}
      </Answer>
    </>
  );
}

function Replicas({ status: { wanted, replicas, reads, lagMsMax } }: { readonly status: ReplicaStatus }) {
  if (wanted === 0 && replicas.length === 0) {
    return (
      <p>
        There are no replicas: the policy asks for none (<code>continuity.replicas</code>). Every read goes to the
        primary.
      </p>
    );
  }
  return (
    <>
      <p>
        The policy asks for {wanted}. Reads go to those that follow and are at most {seconds(lagMsMax)} behind.
      </p>
      <ReplicaTable replicas={replicas} />
      {reads === null ? null : (
        <dl className="facts">
          <Fact name="Reads answered by a replica" value={reads.replica} />
          <Fact name="Reads answered by the primary" value={reads.primary} />
          <Fact name="Waited for what their subject had written" value={reads.waited} />
          <Fact name="Gave up waiting and asked the primary" value={reads.gaveUp} />
        </dl>
      )}
    </>
  );
}

function Fact({ name, value }: { readonly name: string; readonly value: number }) {
  return (
    <div className="pair">
      <dt>{name}</dt>
      <dd>{value.toLocaleString()}</dd>
    </div>
  );
}

const states: Readonly<Record<ReplicaState, readonly [shape: string, word: string, className: string]>> = {
  following: ["●", "follows", "status-held"],
  late: ["◐", "too far behind", "status-excepted"],
  astray: ["✕", "follows another server, or none", "status-broken"],
  away: ["✕", "does not answer", "status-broken"],
};

function ReplicaTable({ replicas }: { readonly replicas: readonly ReplicaEntry[] }) {
  if (replicas.length === 0) return <p className="problem">None runs.</p>;
  return (
    <ScrollArea label="Replicas">
      <table>
        <thead>
          <tr>
            <th scope="col">Replica</th>
            <th scope="col">State</th>
            <th scope="col">Behind</th>
            <th scope="col">Log not replayed</th>
            <th scope="col">Log kept for it</th>
            <th scope="col">Timeline</th>
          </tr>
        </thead>
        <tbody>
          {replicas.map(({ name, state, lagMs, lagBytes, keptBytes, slot, timeline }) => {
            const [shape, word, className] = states[state];
            return (
              <tr key={name}>
                <th scope="row">
                  <code>{name}</code>
                </th>
                <td>
                  <span className={`status ${className}`}>
                    <span aria-hidden="true">{shape}</span> {word}
                  </span>
                </td>
                <td>{lagMs === null ? "unknown" : seconds(lagMs)}</td>
                <td>{lagBytes === null ? "unknown" : bytesText(lagBytes)}</td>
                <td>
                  {keptBytes === null ? "no slot" : `${bytesText(keptBytes)}${slot === null ? "" : ` (${slot})`}`}
                </td>
                <td>{timeline ?? "unknown"}</td>
              </tr>
            );
          })}
        </tbody>
      </table>
    </ScrollArea>
  );
}

function Pools({ list: { pools } }: { readonly list: PoolList }) {
  return (
    <ScrollArea label="Pools of connections">
      <table>
        <thead>
          <tr>
            <th scope="col">Pool</th>
            <th scope="col">Connections</th>
            <th scope="col">Idle</th>
            <th scope="col">In use</th>
            <th scope="col">Waiting</th>
            <th scope="col">Waited on average</th>
            <th scope="col">Refused</th>
          </tr>
        </thead>
        <tbody>
          {pools.map((pool) => (
            <tr key={pool.name}>
              <th scope="row">
                <code>{pool.name}</code>
              </th>
              <td>
                {pool.connections} of {pool.connectionsMax}
              </td>
              <td>{pool.idle}</td>
              <td>{Math.round(pool.saturation * PERCENT)} %</td>
              <td>{pool.waiting}</td>
              <td>
                {pool.waitTimes.count === 0 ? "–" : `${(pool.waitTimes.sumMs / pool.waitTimes.count).toFixed(1)} ms`}
              </td>
              <td>{pool.refused}</td>
            </tr>
          ))}
        </tbody>
      </table>
      <p className="under">Waiting times and refusals are counted since the start.</p>
    </ScrollArea>
  );
}

const seconds = (ms: number): string => `${(ms / SECOND_MS).toFixed(1)} s`;
