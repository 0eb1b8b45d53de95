// Backups: whether they are made in time, which moments can be restored, and what each restore drill found.
import type { BackupStatus } from "@holdfast/server/api";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Button } from "react-aria-components";
import { Answer } from "../../ui/answer.tsx";
import { bytesText } from "../../ui/bytes-text.ts";
import { Failure } from "../../ui/form-parts.tsx";
import { duration, Moment } from "../../ui/moment.tsx";
import { data } from "../platform/data-client.ts";
import { BackupTable } from "./backup-table.tsx";
import { DrillList } from "./drill-list.tsx";
import { Timeline } from "./timeline.tsx";

const RUNNING_LOOK_MS = 1_500;
const LOOK_MS = 15_000;

export function BackupsPage() {
  const query = useQuery({
    queryKey: ["backups"],
    queryFn: ({ signal }) => data.backups(signal),
    refetchInterval: ({ state }) => (state.data?.running ? RUNNING_LOOK_MS : LOOK_MS),
  });
  return (
    <>
      <h1>Backups</h1>
      <Answer query={query} what="the backups">
        {(status) => (status.on ? <Running status={status} /> : <None refusal={status.refusal} />)}
      </Answer>
    </>
  );
}

function None({ refusal }: { readonly refusal: string | null }) {
  if (refusal !== null) return <p className="problem">The policy asks for backups, but none can be made. {refusal}</p>;
  return (
    <p>
      No backups are made: the policy asks for none (<code>continuity.backups</code>), or this deployment has no place
      for them.
    </p>
  );
}

function Running({ status }: { readonly status: BackupStatus }) {
  const { lateSince, archive } = status;
  return (
    <>
      {lateSince === null ? null : (
        <p className="problem" role="alert">
          Late since <Moment at={lateSince} />: a backup is overdue, or the archive is too far behind.
        </p>
      )}
      {archive.problem === null ? null : <p className="problem">The archive met a problem: {archive.problem}</p>}
      <Facts status={status} />
      <Actions status={status} />
      <Timeline status={status} />
      <BackupTable backups={status.backups} />
      <DrillList status={status} />
    </>
  );
}

function Facts({ status }: { readonly status: BackupStatus }) {
  const { backups, jobs, archive, dueAt, everySeconds, keepSeconds, target } = status;
  const [newest] = backups;
  return (
    <dl className="facts">
      <div className="pair">
        <dt>Newest backup</dt>
        <dd>
          {newest === undefined ? (
            "none yet"
          ) : (
            <>
              <Moment at={newest.endedAt} />, {newest.state}
            </>
          )}
        </dd>
      </div>
      <div className="pair">
        <dt>Next one due</dt>
        <dd>{dueAt === null ? "not planned" : exact(dueAt)}</dd>
      </div>
      <div className="pair">
        <dt>Archived up to</dt>
        <dd>
          {archive.reachesTo === null ? "nothing yet" : <Moment at={archive.reachesTo} />}
          {archive.running ? "" : " (the archive does not run)"}
        </dd>
      </div>
      <div className="pair">
        <dt>Jobs that ended with a passed drill</dt>
        <dd>
          {jobs.proven} of {jobs.ended}
        </dd>
      </div>
      <div className="pair">
        <dt>The policy asks for</dt>
        <dd>
          {everySeconds === null ? "" : `one every ${duration(everySeconds)}, `}
          {keepSeconds === null ? "" : `kept for ${duration(keepSeconds)}, `}
          at most {duration(status.recoveryPointSeconds)} lost, back within {duration(status.recoveryTimeSeconds)}
        </dd>
      </div>
      <div className="pair">
        <dt>Kept in</dt>
        <dd>
          <code>{target}</code>
        </dd>
      </div>
    </dl>
  );
}

const exact = (at: number): string => new Date(at).toLocaleString([], { hour12: false });

function Actions({ status: { running, backups } }: { readonly status: BackupStatus }) {
  const client = useQueryClient();
  const mutation = useMutation({
    mutationFn: (kind: "backup" | "drill") => (kind === "backup" ? data.backUp() : data.drill()),
    onSettled: () => void client.invalidateQueries({ queryKey: ["backups"] }),
  });
  const isBusy = running !== null || mutation.isPending;
  return (
    <>
      <div className="actions-left">
        <Button className="primary" isDisabled={isBusy} onPress={() => mutation.mutate("backup")}>
          Back up now
        </Button>
        <Button className="plain" isDisabled={isBusy || backups.length === 0} onPress={() => mutation.mutate("drill")}>
          Restore the newest on trial
        </Button>
        <output>{running === null ? "" : runWords(running)}</output>
      </div>
      <Failure error={mutation.error} />
    </>
  );
}

function runWords({ kind, step, bytes }: NonNullable<BackupStatus["running"]>): string {
  const what = kind === "backup" ? "A backup is made" : "A backup is restored on trial";
  return step === "copying" ? `${what}: copying, ${bytesText(bytes)} so far` : `${what}: ${step}`;
}
