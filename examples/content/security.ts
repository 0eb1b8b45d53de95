// The whole security of the example in one place: who may do what, on every layer.
import { aal2, all, any, anyone, column, defineSecurity, member, owner, role, signedIn } from "@holdfast/policy";

const contentInput = {
  type: "object",
  properties: {
    title: { type: "string", minLength: 1, maxLength: 200 },
    body: { type: "string", maxLength: 20_000 },
    status: { enum: ["draft", "published"] },
    team_id: { anyOf: [{ type: "string", format: "uuid" }, { type: "null" }] },
    contact: { anyOf: [{ type: "string", format: "email", minLength: 3, maxLength: 254 }, { type: "null" }] },
  },
  required: ["title", "body"],
} as const;

const contentChange = {
  type: "object",
  properties: contentInput.properties,
  minProperties: 1,
} as const;

const teamInput = {
  type: "object",
  properties: { name: { type: "string", minLength: 1, maxLength: 100 } },
  required: ["name"],
} as const;

const membershipInput = {
  type: "object",
  properties: { user_id: { type: "string", format: "uuid" }, role: { enum: ["member", "lead"] } },
  required: ["user_id", "role"],
} as const;

const shareInput = {
  type: "object",
  properties: {
    user_id: { type: "string", format: "uuid" },
    until: { anyOf: [{ type: "string", format: "date-time" }, { type: "null" }] },
  },
  required: ["user_id"],
} as const;

const noteInput = {
  type: "object",
  properties: { body: { type: "string", minLength: 1, maxLength: 2000 } },
  required: ["body"],
} as const;

/** Members of the row's team, while their membership lasts. */
const inTeam = member({
  column: "team_id",
  table: "memberships",
  group: "team_id",
  subject: "user_id",
  until: "until",
});

/** Those who lead the row's team. */
const leadsTeam = member({
  column: "team_id",
  table: "memberships",
  group: "team_id",
  subject: "user_id",
  where: { column: "role", values: ["lead"] },
  until: "until",
});

/** The owner of the row's team, who makes the first memberships. */
const ownsTeam = member({ column: "team_id", table: "teams", group: "id", subject: "owner_id" });

/** The owner of the content that the row belongs to. */
const ownsContent = member({ column: "content_id", table: "content", group: "id", subject: "owner_id" });

/** Somebody with whom the row was shared, until the share ends. */
const sharedWith = member({ column: "id", table: "shares", group: "content_id", subject: "user_id", until: "until" });

const administrator = all(role("admin"), aal2());

export default defineSecurity({
  application: { name: "content", origin: "https://localhost:8443" },

  roles: {
    reader: {},
    editor: { includes: ["reader"] },
    admin: { includes: ["editor"], requires: "aal2" },
  },

  identity: {
    signUp: "open",
    defaultRoles: ["reader"],
    email: { confirm: true, signIn: true, code: "10m" },
    password: { minLength: 12, breached: "refuse" },
    session: { idle: "30m", absolute: "12h", accessToken: "10m" },
    factors: { totp: true, webauthn: true, recoveryCodes: true },
    passkeys: true,
    linking: true,
    // For support: an administrator sees what somebody sees, with a reason, for minutes. The person sees it in their sessions.
    impersonation: true,
    // Other applications may sign people in here; an administrator makes their clients.
    oauthServer: { on: true },
    lockout: { attempts: 10, window: "15m" },
  },

  tables: {
    content: {
      audited: true,
      columns: {
        id: { type: "uuid", writable: false },
        owner_id: "uuid",
        team_id: { type: "uuid", nullable: true },
        title: "text",
        body: "text",
        status: "text",
        // Everybody who reads the text sees that there is an address, and its owner and editors which.
        contact: {
          type: "text",
          nullable: true,
          masked: "email",
          unmaskedFor: any(owner("owner_id"), role("editor")),
        },
        created_at: { type: "timestamptz", writable: false },
        updated_at: { type: "timestamptz", writable: false },
      },
      select: any(owner("owner_id"), column("status").is("published"), role("editor"), inTeam, sharedWith),
      insert: all(role("reader"), owner("owner_id"), any(column("team_id").isNull(), inTeam)),
      update: all(role("reader"), owner("owner_id"), any(column("team_id").isNull(), inTeam)),
      delete: any(owner("owner_id"), leadsTeam, administrator),
    },
    teams: {
      columns: { id: { type: "uuid", writable: false }, name: "text", owner_id: "uuid" },
      select: any(
        owner("owner_id"),
        member({ column: "id", table: "memberships", group: "team_id", subject: "user_id", until: "until" }),
      ),
      insert: all(role("reader"), owner("owner_id")),
      update: owner("owner_id"),
      delete: owner("owner_id"),
    },
    memberships: {
      columns: {
        id: { type: "uuid", writable: false },
        team_id: "uuid",
        user_id: "uuid",
        role: "text",
        until: { type: "timestamptz", nullable: true },
      },
      select: any(owner("user_id"), ownsTeam, inTeam),
      insert: any(ownsTeam, leadsTeam),
      update: any(ownsTeam, leadsTeam),
      delete: any(owner("user_id"), ownsTeam, leadsTeam),
    },
    shares: {
      columns: {
        id: { type: "uuid", writable: false },
        content_id: "uuid",
        user_id: "uuid",
        until: { type: "timestamptz", nullable: true },
      },
      select: any(owner("user_id"), ownsContent),
      insert: ownsContent,
      update: ownsContent,
      delete: any(owner("user_id"), ownsContent),
    },
    // What authors note for nobody else: sealed before it reaches the database, under a key of each author's own.
    notes: {
      columns: {
        id: "uuid",
        content_id: "uuid",
        owner_id: "uuid",
        body: { type: "text", sealed: { subject: "owner_id" } },
        created_at: { type: "timestamptz", writable: false },
      },
      select: owner("owner_id"),
      insert: all(role("reader"), owner("owner_id"), ownsContent),
      delete: owner("owner_id"),
    },
  },

  services: {
    api: {
      timeout: "5s",
      routes: {
        "GET /api/content": { allow: signedIn(), limit: "300/min" },
        "POST /api/content": { allow: role("reader"), limit: "30/min", body: contentInput },
        "GET /api/content/:id": { allow: signedIn(), limit: "300/min" },
        "PUT /api/content/:id": { allow: role("reader"), limit: "30/min", body: contentChange },
        "DELETE /api/content/:id": { allow: signedIn(), limit: "30/min" },
        "GET /api/editors/queue": { allow: role("editor"), limit: "120/min" },
        "GET /api/admin/users": { allow: administrator, limit: "60/min" },
        "GET /api/teams": { allow: signedIn(), limit: "120/min" },
        "POST /api/teams": { allow: role("reader"), limit: "10/min", body: teamInput },
        "DELETE /api/teams/:id": { allow: signedIn(), limit: "10/min" },
        "GET /api/teams/:id/memberships": { allow: signedIn(), limit: "120/min" },
        "POST /api/teams/:id/memberships": { allow: role("reader"), limit: "30/min", body: membershipInput },
        "DELETE /api/teams/:id/memberships/:membership": { allow: signedIn(), limit: "30/min" },
        "GET /api/content/:id/shares": { allow: signedIn(), limit: "120/min" },
        "POST /api/content/:id/shares": { allow: role("reader"), limit: "30/min", body: shareInput },
        "DELETE /api/content/:id/shares/:share": { allow: signedIn(), limit: "30/min" },
        "GET /api/content/:id/notes": { allow: signedIn(), limit: "120/min" },
        "POST /api/content/:id/notes": { allow: role("reader"), limit: "30/min", body: noteInput },
        "DELETE /api/content/:id/notes/:note": { allow: signedIn(), limit: "30/min" },
      },
    },
  },

  sites: {
    app: {
      mount: "/",
      pages: {
        "/": anyone(),
        "/sign-in": anyone(),
        "/sign-in/mail": anyone(),
        "/forgotten": anyone(),
        "/arrived": anyone(),
        "/sign-up": anyone(),
        "/unauthorized": anyone(),
        // Whoever comes here from another site has no session cookie yet: the page itself asks for one.
        "/oauth/consent": anyone(),
        "/account": signedIn(),
        "/account/security": signedIn(),
        "/account/new-password": signedIn(),
        "/account/sessions": signedIn(),
        "/teams": signedIn(),
        "/teams/:id": signedIn(),
        "/content/new": role("reader"),
        "/content/:id": signedIn(),
        "/content/:id/edit": role("reader"),
        "/editors": role("editor"),
      },
      signIn: "/sign-in",
      unauthorized: "/unauthorized",
    },
  },

  browser: { features: [], hsts: "730d" },

  monitoring: {
    failedLogins: { atLeast: 5, per: "1m" },
    apiErrors: { above: 0.01 },
    load: 0.8,
    memory: 0.9,
    disk: 0.85,
  },

  targets: { uptime: 0.9999, incidentResponse: "1h", patch: "24h", backups: 1, compliance: 1 },

  continuity: { backups: { every: "1h", keep: "30d" }, recoveryPoint: "5m", recoveryTime: "15m" },
});
