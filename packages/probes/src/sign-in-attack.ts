// Guessing at the sign-in: one place, because every guess counts against the address's limit and must be spent with care.
import type { Answer } from "./edge-client.ts";
import type { ProbeSession } from "./session.ts";

/**
 * A password sign-in. The bearer is an account of the run's own and means nothing to a sign-in: it only keeps the guesses out
 * of the route's count for the address, which belongs to the people who really sign in from there.
 */
export async function guessPassword(
  session: ProbeSession,
  email: string,
  password: string,
  headers: Readonly<Record<string, string>> = {},
): Promise<Answer> {
  const guesser = await session.people.guesser();
  return await session.ask({
    method: "POST",
    bearer: guesser.accessToken,
    path: "/auth/v1/token?grant_type=password",
    headers: { "x-supabase-api-version": "2024-01-01", ...headers },
    body: { email, password },
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
