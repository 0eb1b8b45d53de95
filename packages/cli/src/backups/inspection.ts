// What looking at a restored copy needs of the deployment it is a copy of.
import type { Policy } from "@holdfast/policy";
import type { PreparedDatabase } from "@holdfast/postgres";
import type { Vault } from "@holdfast/vault";

export interface Inspection {
  readonly policy: Policy;
  readonly vault: Vault;
  readonly database: PreparedDatabase;
  readonly secret: (name: string) => Promise<string>;
}
