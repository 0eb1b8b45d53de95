// An audited table with a sealed column and a blind index, of which the audit log must know nothing.
import { defineSecurity, owner } from "@holdfast/policy";

export const auditedPolicy = defineSecurity({
  application: { name: "audited", origin: "https://localhost:8443" },
  roles: { reader: {}, admin: { includes: ["reader"], requires: "aal2" } },
  tables: {
    letters: {
      audited: true,
      columns: {
        id: "uuid",
        owner_id: "uuid",
        status: "text",
        address: { type: "text", nullable: true, sealed: { blindIndex: true } },
      },
      select: owner("owner_id"),
      insert: owner("owner_id"),
      update: owner("owner_id"),
      delete: owner("owner_id"),
    },
  },
});
