// Accounts of runs that were killed before they could clean up. The next run removes them, so that nothing of ours stays.
import type { EdgeClient } from "./edge-client.ts";
import type { Target } from "./target.ts";

/** A run takes less; what is older belongs to none that is still going. */
const RUN_MINUTES_MAX = 10;
const MINUTE_MS = 60_000;
const PAGE_ACCOUNTS = 100;
const PAGES_MAX = 5;
const PROBE_ADDRESS = /^probe-[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}@/u;

interface ListedAccount {
  readonly id?: unknown;
  readonly email?: unknown;
  readonly created_at?: unknown;
}

/** Removes accounts that earlier runs left behind. What cannot be removed is left for the next run: it is no part of this one. */
export async function removeLeftovers(target: Target, client: EdgeClient): Promise<void> {
  const bearer = target.serviceKey;
  for (let page = 1; page <= PAGES_MAX; page++) {
    const path = `/auth/v1/admin/users?page=${page}&per_page=${PAGE_ACCOUNTS}`;
    const { users = [] } = ((await client.ask({ method: "GET", path, bearer })).json ?? {}) as {
      users?: ListedAccount[];
    };
    for (const user of users.filter(isLeftover)) {
      await client.ask({ method: "DELETE", path: `/auth/v1/admin/users/${String(user.id)}`, bearer });
    }
    if (users.length < PAGE_ACCOUNTS) return;
  }
}

function isLeftover({ email, created_at: createdAt }: ListedAccount): boolean {
  const age = Date.now() - Date.parse(String(createdAt));
  return typeof email === "string" && PROBE_ADDRESS.test(email) && age > RUN_MINUTES_MAX * MINUTE_MS;
}
