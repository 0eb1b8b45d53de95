// Controls as the API shows them: the catalogue, with the status computed at this moment.
import type { Control } from "@holdfast/policy";
import { checkStatus } from "../controls/check-status.ts";
import { statusOfControl } from "../controls/status.ts";
import type { EvidenceRow } from "../evidence/evidence-row.ts";
import type { ApiContext } from "./api-route.ts";
import type { CheckDetail, ControlDetail, ControlSummary } from "./shapes.ts";

/** Rows of history a check shows. */
const HISTORY_ROWS = 20;

type Context = Pick<ApiContext, "controls" | "evidence" | "now" | "policyHash" | "proofs">;

export function controlSummaries(context: Context): readonly ControlSummary[] {
  return context.controls.map((control) => controlSummary(context, control));
}

function controlSummary(context: Context, control: Control): ControlSummary {
  const { evidence, now, policyHash, proofs } = context;
  const { id, kind, sentence, plan, layers, checks } = control;
  const { status, reasons } = statusOfControl(control, { now: now(), policyHash, evidence: evidence.newest });
  const finished = checks.flatMap((check) => evidence.newest.get(check)?.run?.finishedAt ?? []);
  return {
    id,
    kind,
    sentence,
    plan,
    layers,
    status,
    reasons,
    checks,
    provenAt: finished.length === 0 ? null : Math.max(...finished),
    running: proofs.running?.control === id,
  };
}

export async function controlDetail(context: Context, control: Control): Promise<ControlDetail> {
  const { maps, intervalSeconds } = control;
  const checkDetails: CheckDetail[] = [];
  for (const check of control.checks) checkDetails.push(await checkDetail(context, control, check));
  const run = context.proofs.latest(control.id);
  return { ...controlSummary(context, control), maps, intervalSeconds, checkDetails, run };
}

async function checkDetail(context: Context, control: Control, check: string): Promise<CheckDetail> {
  const { evidence, now, policyHash } = context;
  const known = evidence.newest.get(check);
  const { status, reasons } = checkStatus(check, known, control.intervalSeconds, { now: now(), policyHash });
  const newest: EvidenceRow | null = known?.run ?? null;
  const sabotage: EvidenceRow | null = known?.sabotage ?? null;
  const shown = new Set([newest?.seq, sabotage?.seq]);
  const page = known === undefined ? [] : (await evidence.query({ check, limit: HISTORY_ROWS + shown.size })).evidence;
  const history = page.filter((row) => !shown.has(row.seq)).slice(0, HISTORY_ROWS);
  return { id: check, status, reasons, newest, sabotage, history };
}
