import { aal2, all, any, anyone, column, defineSecurity, owner, type Policy, role, signedIn } from "@holdfast/policy";

/** A small policy with every kind of page: public, signed in, by role, by role and second factor. */
export const policyForTest: Policy = defineSecurity({
  application: { name: "test", origin: "https://app.test" },
  roles: { reader: {}, editor: { includes: ["reader"] }, admin: { includes: ["editor"], requires: "aal2" } },
  tables: {
    content: {
      columns: { id: "uuid", owner_id: "uuid", status: "text" },
      select: any(owner("owner_id"), column("status").is("published")),
      insert: owner("owner_id"),
      update: owner("owner_id"),
      delete: owner("owner_id"),
    },
  },
  services: {
    api: {
      routes: {
        "GET /api/content": { allow: signedIn(), limit: "60/min" },
        "GET /api/admin/users": { allow: all(role("admin"), aal2()), limit: "60/min" },
      },
    },
  },
  sites: {
    app: {
      mount: "/",
      pages: {
        "/": anyone(),
        "/sign-in": anyone(),
        "/unauthorized": anyone(),
        "/account": signedIn(),
        "/editors": role("editor"),
        "/admin": all(role("admin"), aal2()),
      },
      signIn: "/sign-in",
      unauthorized: "/unauthorized",
    },
  },
});
