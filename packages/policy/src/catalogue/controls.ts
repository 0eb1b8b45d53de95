// Every control there is, in the order of the plan: 51 measures, 15 tasks, 5 indicators and 5 thresholds.
import { deepFreeze } from "../deep-freeze.ts";
import { authentication } from "./authentication.ts";
import { backend } from "./backend.ts";
import type { Control } from "./control.ts";
import { dailyTasks } from "./daily-tasks.ts";
import { dataProtection } from "./data-protection.ts";
import { database } from "./database.ts";
import { finalization } from "./finalization.ts";
import { frontend } from "./frontend.ts";
import { indicators } from "./indicators.ts";
import { infrastructure } from "./infrastructure.ts";
import { monitoring } from "./monitoring.ts";
import { monthlyTasks } from "./monthly-tasks.ts";
import { serviceMesh } from "./service-mesh.ts";
import { testing } from "./testing.ts";
import { thresholds } from "./thresholds.ts";
import { weeklyTasks } from "./weekly-tasks.ts";

const inOrder = [
  ...infrastructure,
  ...authentication,
  ...dataProtection,
  ...frontend,
  ...backend,
  ...serviceMesh,
  ...database,
  ...monitoring,
  ...testing,
  ...finalization,
  ...dailyTasks,
  ...weeklyTasks,
  ...monthlyTasks,
  ...indicators,
  ...thresholds,
] as const;

/** Id of a control, for example `row-level-security`. */
export type ControlId = (typeof inOrder)[number]["id"];

/** The catalogue. */
export const controls: readonly Control<ControlId>[] = deepFreeze([...inOrder]);

const byId: ReadonlyMap<string, Control<ControlId>> = new Map(controls.map((control) => [control.id, control]));

/** The control of that id, or undefined. */
export function controlById(id: string): Control<ControlId> | undefined {
  return byId.get(id);
}
