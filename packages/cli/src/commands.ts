// Every command, in the order `holdfast help` shows them.
import type { Command } from "./command.ts";
import { accessCommand } from "./commands/access.ts";
import { administratorCommand } from "./commands/administrator.ts";
import { applyCommand } from "./commands/apply.ts";
import { auditCommand } from "./commands/audit.ts";
import { backupCommand } from "./commands/backup.ts";
import { explainCommand } from "./commands/explain.ts";
import { exportCommand } from "./commands/export.ts";
import { failoverCommand } from "./commands/failover.ts";
import { inspectCommand } from "./commands/inspect.ts";
import { keysCommand } from "./commands/keys.ts";
import { performanceCommand } from "./commands/performance.ts";
import { planCommand } from "./commands/plan.ts";
import { proveCommand } from "./commands/prove.ts";
import { restoreCommand } from "./commands/restore.ts";
import { sealCommand } from "./commands/seal.ts";
import { secretsCommand } from "./commands/secrets.ts";
import { statusCommand } from "./commands/status.ts";
import { trustCommand } from "./commands/trust.ts";
import { upCommand } from "./commands/up.ts";

export const commands: readonly Command[] = [
  upCommand,
  proveCommand,
  statusCommand,
  explainCommand,
  planCommand,
  applyCommand,
  inspectCommand,
  performanceCommand,
  exportCommand,
  trustCommand,
  accessCommand,
  administratorCommand,
  keysCommand,
  auditCommand,
  secretsCommand,
  backupCommand,
  restoreCommand,
  sealCommand,
  failoverCommand,
];
