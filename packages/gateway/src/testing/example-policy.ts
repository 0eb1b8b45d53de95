// A small policy with one of everything, for tests and the benchmark.
import type { Policy } from "@holdfast/policy";
import { aal2, all, anyone, defineSecurity, nobody, role, service, signedIn } from "@holdfast/policy";

export const ORIGIN = "https://localhost:8443";
export const HOST = "localhost:8443";
export const ISSUER = `${ORIGIN}/auth/v1`;

export const noteSchema = {
  type: "object",
  properties: {
    title: { type: "string", minLength: 1, maxLength: 100 },
    count: { type: "integer" },
    tags: { type: "array", maxItems: 5, items: { type: "string", maxLength: 20 } },
    place: { type: "object", properties: { city: { type: "string" } } },
  },
  required: ["title"],
} as const;

export const examplePolicy = (): Policy =>
  defineSecurity({
    application: { name: "test", origin: ORIGIN },
    roles: { reader: {}, editor: { includes: ["reader"] }, admin: { includes: ["editor"], requires: "aal2" } },
    services: {
      api: {
        timeout: "1s",
        routes: {
          "GET /api/open": { allow: anyone(), limit: "10000/min" },
          "GET /api/notes": { allow: signedIn(), limit: "10000/min" },
          "GET /api/notes/:id": { allow: role("reader"), limit: "10000/min" },
          "POST /api/notes": { allow: role("reader"), limit: "10000/min", body: noteSchema, bodyBytesMax: "2KiB" },
          "POST /api/open": { allow: anyone(), limit: "10000/min", body: noteSchema, bodyBytesMax: "2KiB" },
          "PUT /api/notes/:id": { allow: role("editor"), limit: "10000/min", body: noteSchema },
          "DELETE /api/notes/:id": { allow: role("editor"), limit: "10000/min" },
          "GET /api/admin/users": { allow: all(role("admin"), aal2()), limit: "10000/min" },
          "GET /api/operator": { allow: service(), limit: "10000/min" },
          "GET /api/nobody": { allow: nobody(), limit: "10000/min" },
          "GET /api/scarce": { allow: anyone(), limit: "3/min" },
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
          "/content/:id": signedIn(),
        },
        signIn: "/sign-in",
        unauthorized: "/unauthorized",
      },
    },
  });
