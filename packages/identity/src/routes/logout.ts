import type { FastifyRequest } from "fastify";
import { IdentityError } from "../error/identity-error.ts";
import type { IdentityContext } from "../identity-context.ts";
import { authenticate } from "../request/authenticate.ts";
import { callerOf } from "../request/caller.ts";
import { endAccountSessions } from "../session/end-sessions.ts";
import { sessionOfRefreshToken } from "../session/refresh-session.ts";
import { clearSessionCookies, isCookieMode, refreshTokenFromCookie } from "../session/session-cookies.ts";
import type { Session } from "../session/session-row.ts";
import type { SessionChoice } from "../session/session-store.ts";
import { readRefreshToken } from "../token/refresh-token.ts";
import type { AddRoute } from "./route.ts";

const noContent = 204;

function choiceOf(scope: unknown, session: Session): SessionChoice {
  switch (scope) {
    case undefined:
    case "":
    case "global":
      return { kind: "all" };
    case "local":
      return { kind: "one", id: session.id };
    case "others":
      return { kind: "others", except: session.id };
    default:
      throw new IdentityError("validation_failed", { message: "Unsupported logout scope" });
  }
}

/** A browser whose access cookie has run out is known by its refresh cookie: giving up a session must always work. */
async function sessionToEnd(context: IdentityContext, request: FastifyRequest): Promise<Session> {
  const { authorization } = request.headers;
  const token = isCookieMode(request) && authorization === undefined ? refreshTokenFromCookie(request) : undefined;
  if (token === undefined) return (await authenticate(context, callerOf(request), authorization)).session;
  const claim = readRefreshToken(token);
  if (claim === null) throw new IdentityError("no_authorization");
  const { session } = await sessionOfRefreshToken(context, claim);
  if (claim.counter !== session.refreshCounter) throw new IdentityError("no_authorization");
  return session;
}

/** POST /logout?scope=global|local|others → 204. In browser mode the cookies go, whatever the answer. */
export const logout: AddRoute = (app, context) => {
  app.post<{ Querystring: { scope?: unknown } }>("/logout", async (request, reply) => {
    if (isCookieMode(request) && request.query.scope !== "others") clearSessionCookies(reply);
    const session = await sessionToEnd(context, request);
    const caller = callerOf(request);
    // Whoever acts as somebody else stops acting; the person's own sessions are none of theirs.
    const own = session.actor === null ? request.query.scope : "local";
    await endAccountSessions(context, caller, session.userId, choiceOf(own, session), "signed-out");
    return reply.code(noContent).send();
  });
};
