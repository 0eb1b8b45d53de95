// The tables of identity, as a set of migrations.
import { fileURLToPath } from "node:url";
import type { MigrationSet } from "@holdfast/postgres";

/** Applied after the base schema. The tables belong to the administrator; identity may only use them. */
export const identityMigrations: MigrationSet = {
  name: "identity",
  directory: fileURLToPath(new URL("../migrations", import.meta.url)),
  role: "administrator",
};
