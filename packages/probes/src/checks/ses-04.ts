import type { Account } from "../accounts.ts";
import { fromAttackList } from "../attack-list.ts";
import type { Check } from "../check.ts";
import { carelessRule } from "../sabotages.ts";
import type { ProbeSession } from "../session.ts";
import { refresh } from "../token-attack.ts";

const MARGIN_MS = 60_000;
/** Of the idle time, how much passes between two refreshes of a session that is kept in use. */
const IN_USE = 0.75;
/** A policy whose sessions would have to be refreshed more often than this until their end is judged by the end they are given. */
const REFRESHES_MAX = 60;

export const ses04: Check = {
  ...fromAttackList("SES-04"),
  title: "A session goes on after its idle or its absolute time.",
  kind: "attack",
  layers: ["identity"],
  events: ["session.refresh-refused"],
  // With a clock it moves time: after those that do not.
  company: "alone",
  sabotage: carelessRule("sessions-without-end", "No session ends by itself.", "sessionEnd", () => null),
  run: async (session) => {
    await judgeEnd(session, await session.victim());
    if (session.target.clock) {
      await leaveIdle(session, await session.victim());
      await keepInUse(session, await session.victim());
    }
    return await session.conclude(
      session.target.clock
        ? "Sessions ended when nobody used them, and at the latest when the policy says."
        : "Every session is given the end the policy says. (That it ends is tried on a deployment whose clock can be moved.)",
    );
  },
};

/** The end that a new session is given. */
async function judgeEnd(session: ProbeSession, victim: Account): Promise<void> {
  const answer = await session.positive(
    "a person reads their own sessions",
    { method: "GET", path: "/auth/v1/user/sessions", bearer: victim.accessToken },
    200,
  );
  const { sessions } = answer.json as { readonly sessions?: readonly Readonly<Record<string, unknown>>[] };
  session.require((sessions?.length ?? 0) > 0, "a session that was just begun is listed");
  const longest = session.policy.identity.session.absoluteSeconds;
  for (const { created_at, not_after } of sessions ?? []) {
    const lifetime = (Date.parse(String(not_after)) - Date.parse(String(created_at))) / 1000;
    session.judge({
      request: "read created_at and not_after of a new session",
      expected: `at most ${longest} s between them`,
      got: Number.isFinite(lifetime) ? `${lifetime} s` : "no end",
      held: Number.isFinite(lifetime) && lifetime > 0 && lifetime <= longest,
    });
  }
}

async function leaveIdle(session: ProbeSession, victim: Account): Promise<void> {
  await advance(session, session.policy.identity.session.idleSeconds * 1000 + MARGIN_MS);
  await expectEnded(session, victim.refreshToken, "refresh a session that nobody used for longer than its idle time");
}

async function keepInUse(session: ProbeSession, victim: Account): Promise<void> {
  const { idleSeconds, absoluteSeconds } = session.policy.identity.session;
  // The last one well before the end.
  const refreshes = Math.ceil(absoluteSeconds / (idleSeconds * IN_USE)) - 1;
  if (refreshes > REFRESHES_MAX) return;
  let { refreshToken } = victim;
  for (let done = 0; done < refreshes; done += 1) {
    await advance(session, idleSeconds * IN_USE * 1000);
    const answer = await refresh(session, refreshToken);
    const renewed = answer.json as { readonly refresh_token?: unknown } | undefined;
    session.require(typeof renewed?.refresh_token === "string", "a session in use can be refreshed before its end");
    refreshToken = String(renewed?.refresh_token);
    session.redaction.hide(refreshToken, "refresh-token");
  }
  await advance(session, (absoluteSeconds - refreshes * idleSeconds * IN_USE) * 1000 + MARGIN_MS);
  await expectEnded(session, refreshToken, "refresh a session in use after its absolute time");
}

/** Moves the target's time until the check ends. */
async function advance(session: ProbeSession, milliseconds: number): Promise<void> {
  await session.target.clock?.advance(milliseconds);
  session.afterwards(async () => session.target.clock?.advance(-milliseconds));
}

async function expectEnded(session: ProbeSession, refreshToken: string, what: string): Promise<void> {
  await session.expectRefused(
    {
      method: "POST",
      path: "/auth/v1/token?grant_type=refresh_token",
      body: { refresh_token: refreshToken },
    },
    { status: 400, code: "session_expired", event: "session.refresh-refused" },
    what,
  );
}
