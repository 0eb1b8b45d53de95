// Sealed columns of every kind: with a key for each subject, with a blind index, and neither.
import { defineSecurity, owner } from "@holdfast/policy";

export const sealedPolicy = defineSecurity({
  application: { name: "sealed", origin: "https://localhost:8443" },
  roles: { reader: {}, admin: { includes: ["reader"], requires: "aal2" } },
  tables: {
    letters: {
      columns: {
        id: "uuid",
        owner_id: "uuid",
        body: { type: "text", sealed: { subject: "owner_id" } },
        address: { type: "text", nullable: true, sealed: { blindIndex: true } },
        details: { type: "jsonb", nullable: true, writable: false, sealed: true },
      },
      select: owner("owner_id"),
      insert: owner("owner_id"),
      update: owner("owner_id"),
      delete: owner("owner_id"),
    },
  },
});
