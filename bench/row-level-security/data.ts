// A million rows: 10,000 persons, 1,000 teams, 30,000 memberships, 100,000 shares. Sizes are those of the research this goal comes from.
import type { ClientBase } from "pg";

export const ROWS = 1_000_000;
export const PERSONS = 10_000;
export const TEAMS = 1_000;
const MEMBERSHIPS_EACH = 3;
const SHARES_EACH = 10;

/** Ids that are the same in every run. */
const person = (number: string): string => `('00000000-0000-4000-8000-' || lpad((${number})::text, 12, '0'))::uuid`;
const team = (number: string): string => `('00000000-0000-4000-9000-' || lpad((${number})::text, 12, '0'))::uuid`;
const row = (number: string): string => `('00000000-0000-4000-a000-' || lpad((${number})::text, 12, '0'))::uuid`;

export const personId = (number: number): string => `00000000-0000-4000-8000-${String(number).padStart(12, "0")}`;

export async function makeData(client: ClientBase): Promise<void> {
  await client.query(`
    CREATE TABLE content (
      id uuid NOT NULL, owner_id uuid NOT NULL, team_id uuid, status text NOT NULL, title text NOT NULL, created_at timestamptz NOT NULL
    );
    CREATE TABLE memberships (id uuid PRIMARY KEY, team_id uuid NOT NULL, user_id uuid NOT NULL, role text NOT NULL, until timestamptz);
    CREATE TABLE shares (id uuid PRIMARY KEY, content_id uuid NOT NULL, user_id uuid NOT NULL, until timestamptz);
    INSERT INTO content
      SELECT ${row("n")}, ${person(`n::bigint * 7919 % ${PERSONS}`)}, ${team(`n::bigint * 104729 % ${TEAMS}`)},
        CASE WHEN n % 4 = 0 THEN 'published' ELSE 'draft' END, 'Title ' || n, timestamptz '2026-01-01' + n * interval '1 second'
      FROM generate_series(1, ${ROWS}) n;
    ALTER TABLE content ADD PRIMARY KEY (id);
    INSERT INTO memberships
      SELECT ${row(`p * ${MEMBERSHIPS_EACH} + k`)}, ${team(`(p + k * 331) % ${TEAMS}`)}, ${person("p")}, 'member',
        CASE WHEN p % 10 = 9 THEN timestamptz '2001-01-01' END
      FROM generate_series(0, ${PERSONS - 1}) p, generate_series(0, ${MEMBERSHIPS_EACH - 1}) k;
    INSERT INTO shares
      SELECT ${row(`p * ${SHARES_EACH} + k`)}, ${row(`1 + (p::bigint * 1013 + k * 77003) % ${ROWS}`)}, ${person("p")},
        CASE WHEN k % 2 = 0 THEN timestamptz '2199-01-01' WHEN k % 3 = 0 THEN timestamptz '2001-01-01' END
      FROM generate_series(0, ${PERSONS - 1}) p, generate_series(0, ${SHARES_EACH - 1}) k;
    CREATE INDEX content_by_time ON content (created_at);
  `);
}
