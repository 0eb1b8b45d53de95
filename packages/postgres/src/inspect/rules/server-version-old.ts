import { type CatalogRule, text } from "../rule/rule.ts";
import { securityFixesAfter } from "../version/known-fixes.ts";

export const serverVersionOld: CatalogRule = {
  kind: "catalog",
  id: "server-version-old",
  severity: "error",
  title: "The server lacks published security fixes",
  why: "What they mend is described in public, often with the statement that exploits it.",
  query: `SELECT 'PostgreSQL ' || split_part(current_setting('server_version'), ' ', 1) AS object, current_setting('server_version_num')::int AS version`,
  found(row) {
    const lacking = securityFixesAfter(Number(row["version"]));
    if (lacking === undefined) return undefined;
    return {
      object: text(row, "object"),
      severity: lacking.fixes.some(({ isDataAtRisk }) => isDataAtRisk) || lacking.isEnded ? "error" : "warning",
      found: lacking.isEnded
        ? "Its major version gets no fixes any longer."
        : `Mended since: ${lacking.fixes.map(({ cve }) => cve).join(", ")}.`,
      fix: [`-- Install ${lacking.target} or later: a minor version needs only a restart.`],
    };
  },
};
