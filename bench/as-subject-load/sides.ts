// Who asks what: one table under row-level security and the same rows in one without, and a pool on each side.
import { asSubject, type DatabasePool, type VerifiedClaims } from "@holdfast/postgres";
import type { TestDatabase } from "@holdfast/postgres/testing";
import pg from "pg";
import { CONNECTIONS, type Request } from "./rounds.ts";

const OWNERS = 100;
export const ROW_ID = "00000000-0000-4000-9000-000000000107";

const subjectId = (number: number): string => `00000000-0000-4000-8000-${String(number).padStart(12, "0")}`;

/** The claims of an ordinary access token. */
export const claims: VerifiedClaims = {
  iss: "https://localhost:8443/auth/v1",
  aud: "authenticated",
  sub: subjectId(7),
  exp: 1_900_000_000,
  iat: 1_800_000_000,
  email: "reader@example.com",
  phone: "",
  role: "authenticated",
  aal: "aal1",
  amr: [{ method: "password", timestamp: 1_800_000_000 }],
  session_id: "22222222-2222-4222-8222-222222222222",
  is_anonymous: false,
  app_metadata: { provider: "email", providers: ["email"], roles: ["reader"] },
  user_metadata: {},
};

/** As many people as there are connections, and one more: hardly ever does one meet the connection that served them last. */
export const people = Array.from({ length: CONNECTIONS + 1 }, (_, index) => ({
  ...claims,
  sub: subjectId(index + 1),
  session_id: `22222222-2222-4222-8222-${String(index + 1).padStart(12, "0")}`,
}));

const columns = "id, owner_id, title, body, status, created_at, updated_at";
export const firstPage = (table: string): string =>
  `select ${columns} from ${table} where owner_id = $1 order by created_at desc limit 20`;
export const byId = (table: string): string => `select ${columns} from ${table} where id = $1`;

/** One table under row-level security, and the same rows in one without. */
export const schema = `
  create table content (id uuid primary key, owner_id uuid not null, title text not null, body text not null,
    status text not null, created_at timestamptz not null, updated_at timestamptz not null);
  insert into content select ('00000000-0000-4000-9000-' || lpad(i::text, 12, '0'))::uuid,
    ('00000000-0000-4000-8000-' || lpad((i % ${OWNERS})::text, 12, '0'))::uuid, 'Title number ' || i, repeat('Some text. ', 20),
    'draft', timestamptz '2026-01-01' + i * interval '1 minute', timestamptz '2026-01-01' + i * interval '1 minute'
    from generate_series(1, 20000) i;
  create index on content (owner_id, created_at);
  create table unprotected (like content including all);
  insert into unprotected select * from content;
  alter table content enable row level security;
  alter table content force row level security;
  create policy own on content for select to authenticated using (owner_id = (select s.id from holdfast.subject s));
  grant select on content to authenticated;
  grant usage on schema public to holdfast_api; -- For the unprotected side only: the API's own role sees nothing otherwise.
  grant select on unprotected to holdfast_api;
  analyze content, unprotected`;

export const BARE = "bare";
export const SUBJECT = "subject";

interface Sides {
  readonly bare: Request;
  readonly subject: Request;
  end(): Promise<void>;
}

export function sides(
  database: TestDatabase,
  settings: pg.ClientConfig,
  connections: number,
  query: (table: string) => string,
  value: string,
): Sides {
  const { bare, pool, end } = pools(database, settings, connections);
  const protectedText = query("content");
  const unprotectedText = query("unprotected");
  return {
    bare: () => bare.query({ name: "unprotected", text: unprotectedText, values: [value] }),
    subject: () => asSubject(pool, claims, { text: protectedText, values: [value] }),
    end,
  };
}

interface Pools {
  readonly bare: pg.Pool;
  readonly pool: DatabasePool;
  end(): Promise<void>;
}

export function pools(database: TestDatabase, settings: pg.ClientConfig, connections: number): Pools {
  const bare = new pg.Pool({ ...settings, application_name: BARE, max: connections });
  bare.on("error", () => undefined); // The cluster is stopped after a failure, which is reported by itself.
  const pool = database.poolAt({ ...settings, application_name: SUBJECT }, { connectionsMax: connections });
  return {
    bare,
    pool,
    end: async () => {
      await Promise.all([bare.end(), pool.end()]);
    },
  };
}
