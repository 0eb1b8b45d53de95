// What the jobs of backups need of a deployment.
import type { EmitEvent, Policy } from "@holdfast/policy";
import type { BackupTarget, GuardedSettings } from "@holdfast/postgres";
import type { KeyWrapper } from "@holdfast/vault";
import type { Database } from "../store/database.ts";
import type { DrillOptions, InspectCopy } from "./drill.ts";
import type { DrillSigner } from "./drill-report.ts";

export interface BackupParts {
  readonly continuity: Policy["continuity"] & { readonly backups: NonNullable<Policy["continuity"]["backups"]> };
  readonly policyHash: string;
  readonly target: BackupTarget;
  readonly keys: KeyWrapper;
  /** As the backup role. */
  readonly backupSettings: GuardedSettings;
  /** The replication slot of this deployment. */
  readonly slot: string;
  /** For recovery point 0: makes commits wait until they are archived, or no longer. */
  readonly waitForArchive?: ((waits: boolean) => Promise<void>) | undefined;
  /** As the administrator, or as a role. */
  readonly settings: DrillOptions["settings"];
  readonly databaseName: string;
  readonly database: Database;
  /** Where copies are restored on trial. */
  readonly dataDirectory: string;
  readonly inspect: InspectCopy;
  /** Called before each backup: plants what `inspect` looks for in its copy. */
  readonly plant: () => Promise<void>;
  readonly signer: DrillSigner;
  readonly emit: EmitEvent;
  readonly now: () => number;
  readonly random: () => number;
  /** Called after each job, before what it did is told. */
  readonly onJobEnd: () => void;
}
