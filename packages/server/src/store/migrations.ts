import { fileURLToPath } from "node:url";
import type { MigrationSet } from "@holdfast/postgres";

/** The schema `platform`: append-only logs that the role `holdfast_platform` may read and add to. */
export const platformMigrations: MigrationSet = {
  name: "platform",
  directory: fileURLToPath(new URL("../../migrations", import.meta.url)),
  role: "administrator",
};
