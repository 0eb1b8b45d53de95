// Every set of migrations a project's database needs, in the order they run.
import { identityMigrations } from "@holdfast/identity";
import type { MigrationSet } from "@holdfast/postgres";
import { platformMigrations } from "@holdfast/server";
import type { Project } from "../project.ts";

export function migrationSetsOf(project: Project): readonly MigrationSet[] {
  return [identityMigrations, platformMigrations, { name: "application", directory: project.deployment.migrations }];
}
