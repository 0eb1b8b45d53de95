// Lists of people and sessions where there are many: 10,000 accounts and 100,000 sessions. What counts is the median of an answer
// over HTTP, for the first page, one in the middle and the last, and for the sessions of one person.
import { startIdentity } from "./identity-load/start-identity.ts";
import type { Figure } from "./main.ts";

export const name = "Lists of people and sessions";

const USERS = 10_000;
const SESSIONS_EACH = 10;
const PAGE = 50;
const REQUESTS = 60;
const MILLISECONDS_MAX = 50;
const EMAIL = "somebody@example.test";
const PASSWORD = "gravel-otter-lantern-47";

const people = `
  insert into auth.users (id, email, encrypted_password, created_at, updated_at)
  select gen_random_uuid(), 'u' || n || '@example.test', '', now() - interval '1 minute' * n, now()
  from generate_series(1, ${USERS}) n;
  insert into auth.identities (id, user_id, provider, provider_id, created_at, updated_at)
  select gen_random_uuid(), id, 'email', id::text, now(), now() from auth.users;
  insert into auth.sessions (id, user_id, refresh_salt, rotated_at, refreshed_at, not_after, created_at, updated_at)
  select gen_random_uuid(), u.id, '\\x00', now(), now(), now() + interval '1 hour', now(), now()
  from auth.users u, generate_series(1, ${SESSIONS_EACH}) n;
  insert into auth.mfa_factors (id, user_id, factor_type, sealed_secret, created_at, updated_at)
  select gen_random_uuid(), id, 'totp', '\\x00', now(), now() from auth.users;
  analyze`;

const median = (values: readonly number[]): number =>
  values.toSorted((one, other) => one - other)[values.length >> 1] ?? Number.NaN;

export async function run(report: (line: string) => void): Promise<readonly Figure[]> {
  const { identity, database, url, stop } = await startIdentity();
  try {
    await (await database.administrator()).query(people);
    await identity.createAccount({ email: EMAIL, password: PASSWORD, roles: ["reader"] });
    const signIn = async (): Promise<string> => {
      const answer = await fetch(`${url}/token?grant_type=password`, {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: JSON.stringify({ email: EMAIL, password: PASSWORD }),
      });
      return ((await answer.json()) as { readonly access_token: string }).access_token;
    };
    let token = "";
    for (let session = 0; session < SESSIONS_EACH; session += 1) token = await signIn();
    const service = await identity.issueServiceKey();
    const pages = Math.ceil((USERS + 1) / PAGE);
    const places: readonly (readonly [string, string, string])[] = [
      ["first page of people", `/admin/users?page=1&per_page=${PAGE}`, service],
      ["middle page of people", `/admin/users?page=${pages >> 1}&per_page=${PAGE}`, service],
      ["last page of people", `/admin/users?page=${pages}&per_page=${PAGE}`, service],
      ["sessions of one person", "/user/sessions", token],
    ];
    const figures: Figure[] = [];
    for (const [what, path, bearer] of places) {
      const took: number[] = [];
      for (let request = 0; request < REQUESTS; request += 1) {
        const startedAt = performance.now();
        const answer = await fetch(`${url}${path}`, { headers: { authorization: `Bearer ${bearer}` } });
        const text = await answer.text();
        if (answer.status !== 200 || text.length < PAGE) throw new Error(`${path} answered ${answer.status}.`);
        took.push(performance.now() - startedAt);
      }
      const value = median(took);
      report(`${what}: ${value.toFixed(1)} ms`);
      figures.push({
        figure: `${what}, ms, ${USERS} accounts and ${USERS * SESSIONS_EACH} sessions`,
        value,
        goal: `<= ${MILLISECONDS_MAX}`,
        met: value <= MILLISECONDS_MAX,
      });
    }
    return figures;
  } finally {
    await stop();
  }
}
