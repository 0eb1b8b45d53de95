// Checked by the compiler alone: what an author may write, and what must not compile.
import { aal2, all, any, anyone, column, member, not, owner, role, service, signedIn } from "./build-condition.ts";
import { defineSecurity } from "./define-security.ts";
import type { Policy } from "./policy.ts";

const application = { name: "content", origin: "https://localhost:8443" } as const;
const roles = {
  reader: {},
  editor: { includes: ["reader"] },
  admin: { includes: ["editor"], requires: "aal2" },
} as const;
const notes = { id: "uuid", owner_id: "uuid", team_id: { type: "uuid", nullable: true }, status: "text" } as const;
const ties = {
  id: "uuid",
  team_id: "uuid",
  user_id: "uuid",
  kind: "text",
  until: { type: "timestamptz", nullable: true },
} as const;
const inTeam = member({
  column: "team_id",
  table: "ties",
  group: "team_id",
  subject: "user_id",
  where: { column: "kind", values: ["lead"] },
  until: "until",
});

const policy: Policy = defineSecurity({
  application,
  platform: { administrator: "admin" },
  roles,
  identity: {
    signUp: "open",
    defaultRoles: ["reader"],
    email: { confirm: true, signIn: true, code: "10m" },
    redirects: ["https://app.example/welcome"],
    password: { hash: { memoryKib: 19_456, passes: 2, lanes: 1 } },
    session: { idle: "30m", single: true },
    factors: { totp: true, webauthn: true, phone: false, recoveryCodes: true },
    providers: { google: { clientId: "x" }, work: { kind: "oidc", clientId: "x", issuer: "https://sign-in.example" } },
    oauthServer: { on: true, registration: false },
    hosted: null,
  },
  tables: {
    notes: {
      columns: notes,
      primaryKey: "id",
      select: any(
        owner("owner_id"),
        column("status").is("published"),
        all(role("editor"), aal2()),
        not(signedIn()),
        inTeam,
      ),
      insert: owner("owner_id"),
    },
    ties: { columns: ties },
  },
  services: {
    api: { timeout: "5s", routes: { "GET /api/notes": { allow: any(role("reader"), service()), limit: "300/min" } } },
  },
  sites: { app: { mount: "/", pages: { "/": anyone(), "/in": anyone() }, signIn: "/in", unauthorized: "/in" } },
});
// @ts-expect-error the normal form cannot be written to
policy.application.name = "other";

const base = { application, roles };
const tables = { notes: { columns: notes }, ties: { columns: ties } } as const;

// @ts-expect-error a role that is not declared, in includes
defineSecurity({ application, roles: { a: { includes: ["b"] } } });
// @ts-expect-error a role that is not declared, as default
defineSecurity({ ...base, identity: { defaultRoles: ["redaer"] } });
// @ts-expect-error a role that is not declared, as administrator
defineSecurity({ ...base, platform: { administrator: "root" } });
// @ts-expect-error a role that is not declared, in a table
defineSecurity({ ...base, tables: { notes: { columns: notes, select: any(role("redaer")) } } });
// @ts-expect-error a role that is not declared, in a route
defineSecurity({ ...base, services: { api: { routes: { "GET /x": { allow: all(signedIn(), role("redaer")) } } } } });
// @ts-expect-error a role that is not declared, in a page
defineSecurity({ ...base, sites: { app: { mount: "/", pages: { "/": role("x") }, signIn: "/", unauthorized: "/" } } });
// @ts-expect-error a column that is not declared, deep inside
defineSecurity({ ...base, tables: { notes: { columns: notes, select: any(all(not(owner("owner")))) } } });
// @ts-expect-error a column that is not declared, in a comparison
defineSecurity({ ...base, tables: { notes: { columns: notes, update: column("state").is("a") } } });
// @ts-expect-error a column that is not declared, as primary key
defineSecurity({ ...base, tables: { notes: { columns: notes, primaryKey: "key" } } });
// @ts-expect-error a table that is not declared
defineSecurity({ ...base, tables: { notes: { columns: notes, select: inTeam } } });
const noSuchGroup = member({ column: "team_id", table: "ties", group: "team", subject: "user_id" });
// @ts-expect-error a column that the other table does not declare
defineSecurity({ ...base, tables: { ...tables, notes: { columns: notes, select: noSuchGroup } } });
const foreignColumn = member({ column: "user_id", table: "ties", group: "team_id", subject: "user_id" });
// @ts-expect-error a column of the other table where the row's own is meant
defineSecurity({ ...base, tables: { ...tables, notes: { columns: notes, select: foreignColumn } } });
const textSubject = member({ column: "team_id", table: "ties", group: "team_id", subject: "kind" });
// @ts-expect-error a subject column that is no uuid
defineSecurity({ ...base, tables: { ...tables, notes: { columns: notes, select: textSubject } } });
// @ts-expect-error an owner column that is no uuid
defineSecurity({ ...base, tables: { notes: { columns: notes, select: any(owner("status")) } } });
// @ts-expect-error a time that is no timestamptz
defineSecurity({ ...base, tables: { notes: { columns: notes, select: column("status").isFuture() } } });
// @ts-expect-error a row where there is none
defineSecurity({ ...base, services: { api: { routes: { "GET /x": { allow: owner("owner_id") } } } } });
// @ts-expect-error the service key in a table
defineSecurity({ ...base, tables: { notes: { columns: notes, select: service() } } });
// @ts-expect-error a builder that was not called
defineSecurity({ ...base, tables: { notes: { columns: notes, select: signedIn } } });
// @ts-expect-error a column type that does not exist
defineSecurity({ ...base, tables: { notes: { columns: { id: "uid" } } } });
// @ts-expect-error a key that does not exist
defineSecurity({ ...base, identity: { redirect: ["https://a.example"] } });
// @ts-expect-error a provider without a client
defineSecurity({ ...base, identity: { providers: { google: {} } } });
// @ts-expect-error a secret, which never stands in a policy
defineSecurity({ ...base, identity: { providers: { google: { clientId: "x", clientSecret: "y" } } } });
// @ts-expect-error a kind of provider that does not exist
defineSecurity({ ...base, identity: { providers: { work: { kind: "saml", clientId: "x" } } } });
// @ts-expect-error a route without a method
defineSecurity({ ...base, services: { api: { routes: { "/x": { allow: signedIn() } } } } });
// @ts-expect-error a route that does not say who may call it
defineSecurity({ ...base, services: { api: { routes: { "GET /x": { limit: "1/s" } } } } });
// @ts-expect-error a limit without a window
defineSecurity({ ...base, services: { api: { routes: { "GET /x": { allow: signedIn(), limit: "300" } } } } });
// @ts-expect-error a duration without a unit
defineSecurity({ ...base, identity: { session: { idle: 30 } } });
