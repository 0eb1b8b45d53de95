// One control: what it promises, where it is enforced, and the proof – every attack, its sabotage, and a button to attack again.

import { type ControlId, enforcementOf } from "@holdfast/policy";
import type { ControlDetail } from "@holdfast/server/api";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useParams } from "@tanstack/react-router";
import { Button } from "react-aria-components";
import { Answer } from "../../ui/answer.tsx";
import { Failure } from "../../ui/form-parts.tsx";
import { Moment } from "../../ui/moment.tsx";
import { StatusMark } from "../../ui/status-mark.tsx";
import { platform } from "../platform/platform-client.ts";
import { CheckProof } from "./check-proof.tsx";

const RUNNING_POLL_MS = 1_000;
const CALM_POLL_MS = 30_000;

export function ControlPage() {
  const { id } = useParams({ from: "/shell/controls/$id" });
  const query = useQuery({
    queryKey: ["control", id],
    queryFn: ({ signal }) => platform.control(id, signal),
    refetchInterval: ({ state }) => (state.data?.running === true ? RUNNING_POLL_MS : CALM_POLL_MS),
  });
  return (
    <Answer query={query} what={`the control ${id}`}>
      {(control) => (
        <>
          <h1>
            {control.id} <StatusMark status={control.status} />
          </h1>
          <p className="promise">{control.sentence}</p>
          <Reasons control={control} />
          <AttackAgain control={control} />
          <Facts control={control} />
          <h2>Proof</h2>
          {control.checkDetails.length === 0 ? (
            <p>No check is built yet that could prove this control, so it is unproven.</p>
          ) : null}
          {control.checkDetails.map((check) => (
            <CheckProof key={check.id} check={check} />
          ))}
        </>
      )}
    </Answer>
  );
}

function Reasons({ control }: { readonly control: ControlDetail }) {
  if (control.reasons.length === 0) return null;
  return (
    <ul className="reasons">
      {control.reasons.map((reason) => (
        <li key={`${reason.code}-${reason.check}`}>{reason.sentence}</li>
      ))}
    </ul>
  );
}

function AttackAgain({ control }: { readonly control: ControlDetail }) {
  const client = useQueryClient();
  const mutation = useMutation({
    mutationFn: () => platform.prove(control.id),
    onSuccess: () => client.invalidateQueries({ queryKey: ["control", control.id] }),
  });
  if (control.checks.length === 0) return null;
  return (
    <div className="actions-left">
      <Button className="primary" onPress={() => mutation.mutate()} isDisabled={control.running || mutation.isPending}>
        {control.running ? "Attacking …" : "Attack again"}
      </Button>
      <output>{runSentence(control)}</output>
      <Failure error={mutation.error} />
    </div>
  );
}

function runSentence({ run }: ControlDetail): string {
  if (run === null) return "";
  if (run.state === "failed") return `The last run failed: ${run.problem ?? "unknown"}`;
  const progress = `${run.finished.length} of ${run.checks.length} checks`;
  return run.state === "running" ? `${progress} done` : `Last run: ${progress}`;
}

function Facts({ control }: { readonly control: ControlDetail }) {
  const enforcedBy = enforcementOf(control.id as ControlId);
  const maps = Object.entries(control.maps).filter(([, ids]) => ids.length > 0);
  return (
    <dl className="facts">
      <dt>Plan</dt>
      <dd>
        {control.plan.section}: {control.plan.line}
      </dd>
      <dt>Layers</dt>
      <dd>{control.layers.join(", ")}</dd>
      <dt>Enforced by</dt>
      <dd>
        {enforcedBy.length === 0 ? "nothing yet" : null}
        <ul className="places">
          {enforcedBy.map((place) => (
            <li key={place}>
              <code>{place}</code>
            </li>
          ))}
        </ul>
      </dd>
      <dt>Proven</dt>
      <dd>
        <Moment at={control.provenAt} />
      </dd>
      {maps.map(([standard, ids]) => (
        <div key={standard} className="pair">
          <dt>{standard.toUpperCase()}</dt>
          <dd>{ids.join(", ")}</dd>
        </div>
      ))}
    </dl>
  );
}
