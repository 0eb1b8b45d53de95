// The smallest input that is right, and a way to change one place of it.

export const smallInput = {
  application: { name: "small", origin: "https://localhost:8443" },
  roles: { reader: {}, admin: { includes: ["reader"], requires: "aal2" } },
  tables: {
    notes: {
      columns: {
        id: "uuid",
        owner_id: "uuid",
        team_id: { type: "uuid", nullable: true },
        status: "text",
        level: "integer",
        price: "numeric",
        size: "bigint",
        hidden: "boolean",
        day: "date",
        until: { type: "timestamptz", nullable: true },
        extra: "jsonb",
      },
      select: { kind: "owner", column: "owner_id" },
    },
    ties: { columns: { id: "uuid", team_id: "uuid", user_id: "uuid", kind: "text", until: "timestamptz" } },
  },
  services: {
    api: {
      routes: {
        "GET /api/notes": { allow: { kind: "signedIn" } },
        "POST /api/notes": { allow: { kind: "role", role: "reader" } },
      },
    },
  },
  sites: {
    app: {
      mount: "/",
      pages: { "/": { kind: "anyone" }, "/sign-in": { kind: "anyone" }, "/no": { kind: "anyone" } },
      signIn: "/sign-in",
      unauthorized: "/no",
    },
  },
};

type Json = Record<string, unknown>;

/** A copy of the small input with one place set (or, with undefined, removed). */
export function smallInputWith(place: readonly string[], value: unknown): Json {
  const input = structuredClone(smallInput) as Json;
  let at = input;
  for (const key of place.slice(0, -1)) {
    at[key] ??= {};
    at = at[key] as Json;
  }
  const last = place.at(-1) ?? "";
  if (value === undefined) delete at[last];
  else Object.defineProperty(at, last, { value, enumerable: true, configurable: true, writable: true });
  return input;
}
