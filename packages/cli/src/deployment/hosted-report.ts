// Where accounts live in a hosted project: what its settings say against what the policy says.
import { type HostedDifference, hostedDifferences, readHostedSettings, unseenSettings } from "@holdfast/identity";
import type { Policy } from "@holdfast/policy";
import type { Terminal } from "../terminal.ts";

export interface HostedReport {
  readonly url: string;
  readonly differences: readonly HostedDifference[];
  /** Why the settings could not be read; null when they were. */
  readonly failure: string | null;
  /** What a project shows to nobody. */
  readonly unseen: readonly string[];
}

/** Null where accounts live here. A project's edge asks for its publishable key: HOLDFAST_HOSTED_API_KEY. */
export async function hostedReport(
  policy: Policy,
  environment: Readonly<Record<string, string | undefined>>,
): Promise<HostedReport | null> {
  const { hosted } = policy.identity;
  if (hosted === null) return null;
  const report = { url: hosted.url, unseen: unseenSettings };
  try {
    const settings = await readHostedSettings(hosted.url, environment["HOLDFAST_HOSTED_API_KEY"]);
    return { ...report, differences: hostedDifferences(policy, settings), failure: null };
  } catch (error) {
    // A project that cannot be asked is part of the report; the database's plan does not depend on it.
    return { ...report, differences: [], failure: error instanceof Error ? error.message : "it did not answer" };
  }
}

/** Says it; true when the project is what the policy says, as far as it shows. */
export function tellHosted(report: HostedReport, terminal: Terminal): boolean {
  const { url, differences, failure, unseen } = report;
  if (failure !== null) {
    terminal.warn(
      `The settings of the hosted project at ${url} could not be read: ${failure}. HOLDFAST_HOSTED_API_KEY is its publishable key.`,
    );
    return false;
  }
  for (const { path, policy, project, effect } of differences) {
    const meaning = effect === "looser" ? "allows what the policy does not" : "allows less than the policy";
    terminal.line(`~ ${path}: ${policy} in the policy, ${project} at ${url}, which ${meaning}`);
  }
  terminal.line(`  Not shown by a project, to be compared by its administrator: ${unseen.join(", ")}.`);
  return differences.length === 0;
}
