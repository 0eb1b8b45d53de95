// Reading what identity answered: Supabase Auth's shapes, or ReactError `react/bad-answer`.
import type { User } from "./auth-state.ts";
import { ReactError } from "./react-error.ts";

/** A session as identity answers it: who, and for how many seconds the access token is good. */
export interface SessionAnswer {
  readonly user: User;
  readonly expires_in: number;
}

export async function readSession(response: Response): Promise<SessionAnswer> {
  const answer = await readJson(response);
  const expiresIn = answer["expires_in"];
  if (typeof expiresIn !== "number") throw badAnswer();
  return { user: userOf(answer["user"]), expires_in: expiresIn };
}

export async function readUser(response: Response): Promise<User> {
  return userOf(await readJson(response));
}

function userOf(value: unknown): User {
  const user = value as Partial<User> | null | undefined;
  if (typeof user?.id !== "string" || typeof user.email !== "string") throw badAnswer();
  return {
    ...user,
    id: user.id,
    email: user.email,
    app_metadata: user.app_metadata ?? {},
    user_metadata: user.user_metadata ?? {},
  };
}

export async function readJson(response: Response): Promise<Record<string, unknown>> {
  const answer: unknown = await response.json();
  if (typeof answer !== "object" || answer === null) throw badAnswer();
  return answer as Record<string, unknown>;
}

export function text(value: unknown): string {
  if (typeof value !== "string" || value === "") throw badAnswer();
  return value;
}

export function badAnswer(): ReactError {
  return new ReactError(
    "react/bad-answer",
    "The identity service answered in a shape that is not Supabase Auth's.",
    "Check that /auth/v1 leads to Holdfast's identity service, and that both have the same version.",
  );
}
