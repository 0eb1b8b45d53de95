// A small policy for the platform's own tests: one application service, one site.
import { anyone, defineSecurity, type Policy, role, signedIn } from "@holdfast/policy";

export const testPolicy: Policy = defineSecurity({
  application: { name: "tried", origin: "https://localhost:8443" },
  roles: { reader: {}, admin: { includes: ["reader"], requires: "aal2" } },
  identity: {
    signUp: "open",
    defaultRoles: ["reader"],
    email: { confirm: false },
    password: { minLength: 12, breached: "refuse" },
    session: { idle: "30m", absolute: "12h", accessToken: "10m" },
    factors: { totp: true },
    lockout: { attempts: 50, window: "15m" },
  },
  tables: {},
  services: {
    api: {
      timeout: "5s",
      routes: {
        "GET /api/hello": { allow: signedIn(), limit: "300/min" },
        "GET /api/broken": { allow: role("reader"), limit: "300/min" },
      },
    },
  },
  sites: { app: { mount: "/", pages: { "/": anyone() }, signIn: "/", unauthorized: "/" } },
  browser: { features: [], hsts: "730d" },
  monitoring: {
    failedLogins: { atLeast: 5, per: "1m" },
    apiErrors: { above: 0.01 },
    load: 0.8,
    memory: 0.9,
    disk: 0.85,
  },
  targets: { uptime: 0.9999, incidentResponse: "1h", patch: "24h", backups: 1, compliance: 1 },
});
