import { aal2, all, any, anyone, column, member, owner, role, signedIn } from "./build-condition.ts";
import { defineSecurity } from "./define-security.ts";

const application = { name: "content", origin: "https://localhost:8443" } as const;
const roles = {
  reader: {},
  editor: { includes: ["reader"] },
  admin: { includes: ["editor"], requires: "aal2" },
} as const;

defineSecurity({
  application,
  roles,
  identity: { signUp: "open", defaultRoles: ["reader"] },
  tables: {
    content: {
      columns: { id: "uuid", owner_id: "uuid", team_id: { type: "uuid", nullable: true }, status: "text" },
      primaryKey: "id",
      select: any(
        owner("owner_id"),
        column("status").is("published"),
        all(role("editor"), aal2()),
        member({
          column: "team_id",
          table: "memberships",
          group: "team_id",
          subject: "user_id",
          where: { column: "role", values: ["lead"] },
          until: "until",
        }),
      ),
      insert: owner("owner_id"),
    },
    memberships: {
      columns: {
        id: "uuid",
        team_id: "uuid",
        user_id: "uuid",
        role: "text",
        until: { type: "timestamptz", nullable: true },
      },
    },
  },
  services: { api: { timeout: "5s", routes: { "GET /api/content": { allow: signedIn(), limit: "300/min" } } } },
  sites: {
    app: {
      mount: "/",
      pages: { "/": anyone(), "/sign-in": anyone(), "/no": anyone() },
      signIn: "/sign-in",
      unauthorized: "/no",
    },
  },
});
// @ts-expect-error an undeclared default role
defineSecurity({ application, roles, identity: { defaultRoles: ["redaer"] } });
// @ts-expect-error an undeclared role in includes
defineSecurity({ application, roles: { a: { includes: ["b"] } } });
// @ts-expect-error an undeclared role in a table
defineSecurity({ application, roles, tables: { t: { columns: { id: "uuid" }, select: any(role("redaer")) } } });
// @ts-expect-error an undeclared column
defineSecurity({ application, roles, tables: { t: { columns: { id: "uuid" }, select: any(all(owner("owner"))) } } });
