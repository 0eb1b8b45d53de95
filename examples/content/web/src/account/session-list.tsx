import { type Session, useAuth, useSessions } from "@holdfast/react";
import { useNavigate } from "@tanstack/react-router";
import { type ReactNode, useState } from "react";
import { ConfirmButton } from "../ui/confirm-button.tsx";
import { FailureMessage } from "../ui/failure-message.tsx";
import { Loading } from "../ui/loading.tsx";
import { Moment } from "../ui/moment.tsx";

export function SessionList(): ReactNode {
  const { signOut } = useAuth();
  const sessions = useSessions();
  const navigate = useNavigate();
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
  const endAll = async () => {
    await signOut("global");
    await navigate({ to: "/sign-in" });
  };

  const hasOthers = sessions.list?.some((session) => !session.current) ?? false;
  return (
    <section className="card" aria-labelledby="sessions-title">
      <h2 id="sessions-title">Signed in</h2>
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
                <button
                  type="button"
                  aria-label={`End ${session.device}, ${session.ip ?? "unknown place"}`}
                  onClick={() => void attempt(() => sessions.revoke(session.id))}
                >
                  End
                </button>
              )}
            </li>
          ))}
        </ul>
      )}
      <div className="actions">
        {hasOthers ? (
          <button type="button" onClick={() => void endOthers()}>
            End all other sessions
          </button>
        ) : null}
        <ConfirmButton
          label="Sign out everywhere"
          question="Sign out everywhere?"
          consequence="Every session ends at once, this one too. Then you sign in again."
          confirm="Sign out everywhere"
          onConfirm={endAll}
        />
      </div>
    </section>
  );
}

/** What the device calls itself is a hint and no proof: whoever asks chooses what it says. */
function Description({ session }: { readonly session: Session }): ReactNode {
  return (
    <span>
      <strong>{session.device}</strong>
      <br />
      <span className="hint">
        {session.ip === null ? "From an unknown place" : `From ${session.ip}`}, since <Moment at={session.created_at} />
        {session.refreshed_at === null ? null : (
          <>
            , last used <Moment at={session.refreshed_at} />
          </>
        )}
        {session.aal === "aal2" ? ", with a second factor" : ""}. Ends by <Moment at={session.ends_at} />.
      </span>
      {session.user_agent === null || session.user_agent === "" ? null : (
        <details className="hint">
          <summary>What the device calls itself</summary>
          <code>{session.user_agent}</code>
        </details>
      )}
    </span>
  );
}
