// A policy with every condition that tables know: roles with and without a second factor, ownership, teams, shares that end.
import { aal2, all, any, anyone, column, defineSecurity, member, not, owner, role, signedIn } from "@holdfast/policy";

const inTeam = member({
  column: "team_id",
  table: "memberships",
  group: "team_id",
  subject: "user_id",
  until: "until",
});
const leadsTeam = member({
  column: "team_id",
  table: "memberships",
  group: "team_id",
  subject: "user_id",
  where: { column: "role", values: ["lead"] },
  until: "until",
});
const shared = member({ column: "id", table: "shares", group: "content_id", subject: "user_id", until: "until" });

export const contentPolicy = defineSecurity({
  application: { name: "content", origin: "https://localhost:8443" },
  roles: {
    reader: {},
    editor: { includes: ["reader"] },
    admin: { includes: ["editor"], requires: "aal2" },
  },
  tables: {
    content: {
      columns: {
        id: { type: "uuid", writable: false },
        owner_id: "uuid",
        team_id: { type: "uuid", nullable: true },
        title: "text",
        body: "text",
        status: "text",
        created_at: { type: "timestamptz", writable: false },
        updated_at: "timestamptz",
      },
      select: any(owner("owner_id"), column("status").is("published"), inTeam, shared, role("editor")),
      insert: all(owner("owner_id"), role("reader"), any(column("team_id").isNull(), inTeam)),
      update: any(owner("owner_id"), leadsTeam),
      delete: any(owner("owner_id"), all(role("admin"), aal2())),
    },
    teams: {
      columns: { id: { type: "uuid", writable: false }, name: "text", owner_id: "uuid" },
      select: any(
        owner("owner_id"),
        member({ column: "id", table: "memberships", group: "team_id", subject: "user_id", until: "until" }),
      ),
      insert: owner("owner_id"),
      update: owner("owner_id"),
    },
    memberships: {
      columns: {
        id: { type: "uuid", writable: false },
        team_id: "uuid",
        user_id: "uuid",
        role: "text",
        until: { type: "timestamptz", nullable: true },
      },
      select: any(owner("user_id"), leadsTeam),
      insert: leadsTeam,
      delete: leadsTeam,
    },
    shares: {
      columns: {
        id: { type: "uuid", writable: false },
        content_id: "uuid",
        user_id: "uuid",
        until: { type: "timestamptz", nullable: true },
      },
      select: owner("user_id"),
    },
    announcements: {
      columns: { id: { type: "uuid", writable: false }, text: "text", from: "timestamptz", hidden: "boolean" },
      select: any(all(column("from").isPast(), not(column("hidden").is(true))), role("admin")),
      insert: all(signedIn(), role("admin"), column("text").isMoreThan("")),
    },
    plans: { columns: { id: { type: "integer", writable: false }, price: "numeric" }, select: anyone() },
  },
});
