// Guessing at the sign-in: one place, because every guess counts against the address's limit and must be spent with care.
import type { Answer } from "./edge-client.ts";
import type { ProbeSession } from "./session.ts";

interface Disguise {
  readonly headers?: Readonly<Record<string, string>>;
  /** Guess from an address of its own. */
  readonly fromElsewhere?: boolean;
}

/**
 * A password sign-in. The bearer is an account of the run's own and means nothing to a sign-in: it only keeps the guesses out
 * of the route's count for the address, which may be that of people who really sign in from there.
 */
export async function guessPassword(
  session: ProbeSession,
  email: string,
  password: string,
  { headers = {}, fromElsewhere = false }: Disguise = {},
): Promise<Answer> {
  const guesser = await session.people.guesser();
  return await session.ask({
    method: "POST",
    bearer: guesser.accessToken,
    path: "/auth/v1/token?grant_type=password",
    headers: { "x-supabase-api-version": "2024-01-01", ...headers },
    body: { email, password },
    fromElsewhere,
  });
}

/** Status and body without what differs by nature (ids, times), for comparing two answers. */
export function shapeOf(answer: Answer): string {
  const body = answer.json as Record<string, unknown> | undefined;
  const told = Object.entries(body ?? {})
    .map(
      ([name, value]) =>
        `${name}=${typeof value === "string" && !/\d{4}|[0-9a-f-]{36}|@/u.test(value) ? value : typeof value}`,
    )
    .sort();
  return `${answer.status} ${told.join(" ")}`;
}
