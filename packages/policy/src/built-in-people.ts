// The platform's routes about other people's accounts: whoever reads the platform may look, only a person who administers it may
// change something.
import { type BuiltInRoute, routeOf } from "./built-in-route.ts";
import type { Condition } from "./condition.ts";
import type { Limit } from "./policy.ts";

const readLimit: Limit = { requests: 300, windowSeconds: 60 };
const writeLimit: Limit = { requests: 60, windowSeconds: 60 };

const text = (maxLength: number) => ({ type: "string", minLength: 1, maxLength }) as const;
const roleName = text(63);
const reason = text(200);
/** Milliseconds since 1970. */
const moment = { type: "integer", minimum: 0, maximum: 8_640_000_000_000_000 } as const;
const momentOrNull = { type: ["integer", "null"], minimum: 0, maximum: 8_640_000_000_000_000 } as const;

const body = (properties: Readonly<Record<string, unknown>>, required: readonly string[]) => ({
  body: { type: "object", properties, required: [...required], additionalProperties: false },
});

const roles = { type: "array", items: roleName, maxItems: 64 } as const;

export function peopleRoutes(reader: Condition, administrator: Condition): readonly BuiltInRoute[] {
  const read = (key: string) => routeOf(key, reader, readLimit);
  const write = (key: string, extra = {}) => routeOf(key, administrator, writeLimit, extra);
  return [
    read("GET /platform/v1/people"),
    write("POST /platform/v1/people", body({ email: text(320), roles, invite: { type: "boolean" } }, ["email"])),
    read("GET /platform/v1/people/:id"),
    write("DELETE /platform/v1/people/:id"),
    write("POST /platform/v1/people/:id/ban", body({ until: momentOrNull }, ["until"])),
    write("DELETE /platform/v1/people/:id/sessions"),
    write("DELETE /platform/v1/people/:id/sessions/:session"),
    write("POST /platform/v1/people/:id/factors/:factor/remove", body({ reason }, ["reason"])),
    write("POST /platform/v1/people/:id/roles", body({ role: roleName, reason, until: moment }, ["role", "reason"])),
    write("POST /platform/v1/people/:id/roles/withdraw", body({ role: roleName, reason }, ["role", "reason"])),
    read("GET /platform/v1/sessions"),
    read("GET /platform/v1/roles"),
    read("GET /platform/v1/role-requests"),
    write(
      "POST /platform/v1/role-requests/:id/decide",
      body({ decision: { enum: ["approved", "refused", "withdrawn"] }, note: { type: "string", maxLength: 200 } }, [
        "decision",
      ]),
    ),
    read("GET /platform/v1/providers"),
    read("GET /platform/v1/sign-ins"),
    read("GET /platform/v1/access"),
    write("POST /platform/v1/access/reviews", body({ note: reason }, ["note"])),
  ];
}
