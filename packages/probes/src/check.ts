// A check attacks one thing and says what it saw. Its sabotage is the hole that must turn it red: a check whose sabotage
// has not been caught lately proves nothing.
import type { EventName, Layer, Policy } from "@holdfast/policy";
import type { CheckRun } from "./check-run.ts";
import type { ProbeSession } from "./session.ts";
import type { RunAsSubject, TargetDatabase, TargetOutputs } from "./target.ts";
import type { TwinHole } from "./twin.ts";

export type CheckKind = "attack" | "observe" | "ask";

/** Names of gateway steps that a hole may take away. They are the gateway's own. */
export type GatewayStep =
  | "framing"
  | "host"
  | "path"
  | "limit"
  | "origin"
  | "token"
  | "quota"
  | "decision"
  | "body"
  | "hygiene"
  | "headers";

/** How to break a disposable deployment. Data, so that whoever assembles the twin can group checks by hole. */
export type Hole =
  /** The gateway runs without this step. */
  | { readonly kind: "without-step"; readonly step: GatewayStep }
  /**
   * The gateway runs a careless step in this one's place. `token` by `decoding`: the claims of a bearer token are believed
   * without verification.
   */
  | { readonly kind: "replace-step"; readonly step: "token"; readonly by: "decoding" }
  /** Identity decides one thing carelessly: `by` stands in for the rule of that name in identity's list of rules. */
  | { readonly kind: "identity-rule"; readonly rule: string; readonly by: (...given: readonly never[]) => unknown }
  /** Identity decides several things carelessly, each of which a check of its own must notice. */
  | {
      readonly kind: "identity-rules";
      readonly rules: Readonly<Record<string, (...given: readonly never[]) => unknown>>;
    }
  /** These statements were run on the database by its administrator, after the policy was applied. */
  | { readonly kind: "sql"; readonly statements: (policy: Policy) => readonly string[] }
  /** The application sets a subject's claims carelessly on its pool. */
  | { readonly kind: "pool"; readonly change: (sound: RunAsSubject) => RunAsSubject }
  /** The database is reached carelessly, or stands open: the target's database with that change. */
  | { readonly kind: "database"; readonly change: (sound: TargetDatabase) => TargetDatabase }
  /** The deployment writes carelessly: the target's outputs with that change. */
  | { readonly kind: "outputs"; readonly change: (sound: TargetOutputs) => TargetOutputs }
  /** The deployment runs a changed policy while the check still judges by the true one. */
  | { readonly kind: "policy"; readonly change: (policy: Policy) => Policy }
  /** What lies in the backups' target comes back as this says; undefined: it is gone. */
  | {
      readonly kind: "stored-backups";
      readonly change: (name: string, content: Uint8Array) => Uint8Array | undefined;
    }
  /** A proxy in front undoes one protection, or answers as a vulnerable system would. */
  | ({ readonly kind: "twin" } & TwinHole);

export interface Sabotage {
  /** Kebab-case, unique among all checks' sabotages that differ: the same name means the same hole. */
  readonly name: string;
  readonly sentence: string;
  readonly hole: Hole;
}

/**
 * When a check may run beside others. `together`: anything may run at the same time. `alone`: it fills a limit or moves a
 * clock, so it runs after all others, one at a time.
 */
export type Company = "together" | "alone";

export interface Check {
  /** An id of the attack list such as `JWT-01`, or a word of our own. The file is named after it, in lower case. */
  readonly id: string;
  /** What must not work. */
  readonly title: string;
  readonly kind: CheckKind;
  readonly layers: readonly Layer[];
  /** Requirement ids of OWASP ASVS 5.0.0. */
  readonly asvs: readonly string[];
  /** Test ids of the OWASP Web Security Testing Guide. */
  readonly wstg: readonly string[];
  /** Events that the attack must leave behind. */
  readonly events: readonly EventName[];
  readonly company: Company;
  /**
   * `practice`: what it attacks with is known to a proving ground only, such as a sign-in provider of the prover's own. Wherever the
   * deployment itself runs, it is attacked there: the same code with the same policy, and nothing that holds data trusts the prover.
   */
  readonly needs?: "practice";
  /** Whatever runs beside it would be measured too, so that its twin is tried when no other is. */
  readonly measuresTime?: true;
  readonly sabotage: Sabotage;
  /** Throws when it cannot do its work; the run then reports it `unproven` with the reason. */
  run(session: ProbeSession): Promise<CheckRun>;
}
