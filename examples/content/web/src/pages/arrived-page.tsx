import { sanitizeRedirect, useAuth } from "@holdfast/react";
import { Link, useRouterState, useSearch } from "@tanstack/react-router";
import { type ReactNode, useEffect, useRef, useState } from "react";
import { useGoOn } from "../app/go-on.ts";
import { FailureMessage } from "../ui/failure-message.tsx";
import { Loading } from "../ui/loading.tsx";
import { PageTitle } from "../ui/page-title.tsx";

/**
 * Where the link of a message ends, and where a provider sends the browser back to. A session comes as cookies that no script
 * can read, or as a code that only this browser can exchange. Text of the address is never shown: anybody could write it there.
 */
export function ArrivedPage(): ReactNode {
  const { from, code, error } = useSearch({ from: "/arrived" });
  const fragment = useRouterState({ select: (state) => state.location.hash });
  const told = new URLSearchParams(fragment);
  const [type, refused] = [told.get("type"), error ?? told.get("error_code") ?? told.get("error")];
  const failure = useArrival({ code, type, from });

  if ((type !== null || code !== undefined) && failure === null) return <Loading />;
  const isRefused = refused !== null || failure !== null;
  return (
    <div className="narrow">
      <PageTitle>{isRefused ? "This did not work" : "One step done"}</PageTitle>
      <FailureMessage error={failure} />
      {refused === null ? null : (
        <p className="failure" role="alert">
          {refused === "otp_expired"
            ? "It was used before, or it has run out. Ask for another one."
            : "It could not be used. Begin again."}
        </p>
      )}
      {isRefused ? null : <p>Confirm it from your other address as well: a message is waiting there.</p>}
      <Onward />
    </div>
  );
}

/** Whoever is signed in already need not be sent to sign in; the step that is due, if one is, comes on the way. */
function Onward(): ReactNode {
  const { status, secondFactorPending } = useAuth();
  if (status === "loading") return null;
  if (status !== "signed-in") {
    return (
      <Link className="button" to="/sign-in">
        To sign-in
      </Link>
    );
  }
  return (
    <Link className="button" to={secondFactorPending ? "/sign-in" : "/"}>
      Go to your content
    </Link>
  );
}

interface Arrival {
  readonly code: string | undefined;
  readonly type: string | null;
  readonly from: string | undefined;
}

/** Takes up the session and goes on. What went wrong is kept to be shown. */
function useArrival({ code, type, from }: Arrival): unknown {
  const { resume, exchangeCode } = useAuth();
  const goOn = useGoOn();
  const [failure, setFailure] = useState<unknown>(null);
  // A code is good once.
  const isBegun = useRef(false);

  useEffect(() => {
    if (isBegun.current || (code === undefined && type === null)) return;
    isBegun.current = true;
    const asksPassword = type === "recovery" || type === "invite";
    const next = asksPassword ? "/account/new-password" : sanitizeRedirect(from);
    const begun = code === undefined ? resume() : exchangeCode(code);
    begun.then((state) => goOn(state, next)).catch(setFailure);
  }, [code, type, from, resume, exchangeCode, goOn]);
  return failure;
}
