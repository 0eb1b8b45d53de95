import { useAuth } from "@holdfast/react";
import { Link, useSearch } from "@tanstack/react-router";
import { type ReactNode, useEffect, useState } from "react";
import { type ConsentRequest, consentApi } from "../account/consent-api.ts";
import { FailureMessage } from "../ui/failure-message.tsx";
import { Loading } from "../ui/loading.tsx";
import { PageTitle } from "../ui/page-title.tsx";

/** What each scope opens, in words. */
const scopeSentences: Readonly<Record<string, string>> = {
  openid: "know that it is you",
  profile: "see your name and picture",
  email: "see your e-mail address",
  phone: "see your phone number",
  offline_access: "do so while you are away",
};

const leave = (url: string): void => window.location.assign(url);

/** Another application asks to know who somebody is. */
export function ConsentPage(): ReactNode {
  const { authorization_id: id } = useSearch({ from: "/oauth/consent" });
  const auth = useAuth();
  if (auth.status === "loading") return <Loading />;
  if (id === undefined) return <Nothing />;
  if (auth.status !== "signed-in" || auth.secondFactorPending) return <SignInFirst id={id} />;
  return <Question id={id} />;
}

function Nothing(): ReactNode {
  return (
    <div className="narrow">
      <PageTitle lead="No application asks for anything here.">Nothing to decide</PageTitle>
      <Link className="button" to="/">
        To the library
      </Link>
    </div>
  );
}

function SignInFirst({ id }: { readonly id: string }): ReactNode {
  return (
    <div className="narrow">
      <PageTitle lead="Another application wants to know who you are. Sign in to see what it asks for.">
        Sign in first
      </PageTitle>
      <Link className="button filled" to="/sign-in" search={{ from: `/oauth/consent?authorization_id=${id}` }}>
        Sign in
      </Link>
    </div>
  );
}

function Question({ id }: { readonly id: string }): ReactNode {
  const { user } = useAuth();
  const [request, setRequest] = useState<ConsentRequest | null>(null);
  const [error, setError] = useState<unknown>(null);
  const [isBusy, setBusy] = useState(false);

  useEffect(() => {
    let isCurrent = true;
    consentApi.read(id).then(
      (read) => {
        if (!isCurrent) return;
        if ("redirect_url" in read) leave(read.redirect_url);
        else setRequest(read);
      },
      (failure: unknown) => {
        if (isCurrent) setError(failure);
      },
    );
    return () => {
      isCurrent = false;
    };
  }, [id]);

  const answer = (action: "approve" | "deny") => {
    setBusy(true);
    setError(null);
    consentApi.answer(id, action).then(
      ({ redirect_url: url }) => leave(url),
      (failure: unknown) => {
        setError(failure);
        setBusy(false);
      },
    );
  };

  if (request === null && error === null) return <Loading />;
  return (
    <div className="narrow">
      <PageTitle>{request === null ? "Not possible" : `Let ${request.client.name} know you?`}</PageTitle>
      <FailureMessage
        error={error}
        sentences={{ oauth_authorization_not_found: "This request is over. Begin again in the other application." }}
      />
      {request === null ? null : (
        <section className="card" aria-labelledby="consent-title">
          <h2 id="consent-title">{request.client.name} may then</h2>
          <ul>
            {request.scope.split(" ").map((scope) => (
              <li key={scope}>{scopeSentences[scope] ?? scope}</li>
            ))}
          </ul>
          <p>
            You are signed in as <strong>{user?.email}</strong>. Afterwards you are sent to{" "}
            <strong>{hostOf(request.redirect_uri)}</strong>. It can change nothing here.
          </p>
          <div className="actions">
            <button type="button" className="filled" disabled={isBusy} onClick={() => answer("approve")}>
              Allow
            </button>
            <button type="button" className="quiet" disabled={isBusy} onClick={() => answer("deny")}>
              Refuse
            </button>
          </div>
        </section>
      )}
    </div>
  );
}

function hostOf(uri: string): string {
  return URL.parse(uri)?.host ?? uri;
}
