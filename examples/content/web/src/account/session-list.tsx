import { type Session, useAuth, useSessions } from "@holdfast/react";
import { type ReactNode, useState } from "react";
import { FailureMessage } from "../ui/failure-message.tsx";
import { Loading } from "../ui/loading.tsx";
import { Moment } from "../ui/moment.tsx";

export function SessionList(): ReactNode {
  const { signOut } = useAuth();
  const sessions = useSessions();
  const [failure, setFailure] = useState<unknown>(null);

  const attempt = async (action: () => Promise<void>) => {
    try {
      await action();
      setFailure(null);
    } catch (error) {
      // Shown above the list.
      setFailure(error);
    }
  };
  const endOthers = () =>
    attempt(async () => {
      await signOut("others");
      await sessions.reload();
    });

  const hasOthers = sessions.list?.some((session) => !session.current) ?? false;
  return (
    <section className="card" aria-labelledby="sessions-title">
      <h2 id="sessions-title">Sessions</h2>
      <FailureMessage error={failure ?? sessions.error} />
      {sessions.list === null ? (
        sessions.error === null && <Loading />
      ) : (
        <ul className="rows">
          {sessions.list.map((session) => (
            <li key={session.id}>
              <Description session={session} />
              {session.current ? (
                <span className="badge published">This session</span>
              ) : (
                <button type="button" onClick={() => void attempt(() => sessions.revoke(session.id))}>
                  End
                </button>
              )}
            </li>
          ))}
        </ul>
      )}
      {hasOthers ? (
        <button type="button" onClick={() => void endOthers()}>
          End all other sessions
        </button>
      ) : null}
    </section>
  );
}

function Description({ session }: { readonly session: Session }): ReactNode {
  return (
    <span>
      <strong>{deviceOf(session.user_agent ?? "")}</strong>
      <br />
      <span className="hint">
        {session.ip === null ? null : `${session.ip}, `}since <Moment at={session.created_at} />
        {session.aal === "aal2" ? ", with a second factor" : ""}
      </span>
    </span>
  );
}

const browsers = ["Firefox", "Edg", "OPR", "Chrome", "Safari"] as const;
const systems = ["Windows", "Android", "iPhone", "iPad", "Mac OS X", "Linux"] as const;

/** A name for people. Who asks chooses what it says, so it is a hint and no proof. */
function deviceOf(userAgent: string): string {
  const browser = browsers.find((name) => userAgent.includes(`${name}/`));
  const system = systems.find((name) => userAgent.includes(name));
  const named = browser === "Edg" ? "Edge" : browser === "OPR" ? "Opera" : (browser ?? "Unknown program");
  return system === undefined ? named : `${named} on ${system === "Mac OS X" ? "macOS" : system}`;
}
