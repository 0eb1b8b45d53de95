import type { AuditReport } from "../../audit/audit-shapes.ts";
import type { ApiRoute } from "../api-route.ts";

/** Reads and hashes the whole audit log. */
export const auditVerify: ApiRoute = {
  id: "GET /platform/v1/audit/verify",
  handle: ({ audit }): Promise<AuditReport> => audit.verify(),
};
