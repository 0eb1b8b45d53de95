import { ProtectedRoute, SecurityErrorBoundary, Show, useAuth } from "@holdfast/react";
import { Link, Outlet, useMatches, useNavigate, useRouterState } from "@tanstack/react-router";
import { type ReactNode, useEffect, useRef, useState } from "react";
import { FailureMessage } from "../ui/failure-message.tsx";
import { Loading } from "../ui/loading.tsx";
import { ActingBanner } from "./acting-banner.tsx";

/** What every page has around it. Moves the focus to a new page's heading, so that it is read out. */
export function Layout(): ReactNode {
  const main = useFocusOnNewPage();
  return (
    <>
      <a className="skip-link" href="#main">
        Skip to content
      </a>
      <ActingBanner />
      <Header />
      <main id="main" ref={main} tabIndex={-1}>
        <SecurityErrorBoundary>
          <Guarded />
        </SecurityErrorBoundary>
      </main>
      <footer>
        <p>
          Protected by Holdfast. <a href="/console">Open the console</a>
        </p>
      </footer>
    </>
  );
}

/** A page that was allowed when it was opened is hidden again as soon as it no longer is, for example after signing out. */
function Guarded(): ReactNode {
  const page = useMatches().at(-1)?.staticData.page;
  if (page === undefined) return <Outlet />;
  return (
    <ProtectedRoute page={page} loading={<Loading />}>
      <Outlet />
    </ProtectedRoute>
  );
}

function Header(): ReactNode {
  return (
    <header className="top">
      <div className="top-row">
        <Link to="/" className="brand">
          <svg viewBox="0 0 32 32" aria-hidden="true">
            <rect width="32" height="32" rx="8" />
            <path d="M9 9h14v3H9zm0 5.500h14v3H9zM9 20h9v3H9z" />
          </svg>
          Content
        </Link>
        <nav aria-label="Main">
          <Show when="signed-in" fallback={<SignedOutLinks />}>
            <Link to="/">Library</Link>
            <Show when={{ kind: "page", site: "app", page: "/editors" }}>
              <Link to="/editors">Editors</Link>
            </Show>
            <Link to="/teams">Teams</Link>
            <Link to="/account">Account</Link>
            <SignOut />
          </Show>
        </nav>
      </div>
    </header>
  );
}

function SignedOutLinks(): ReactNode {
  return (
    <>
      <Link to="/sign-in">Sign in</Link>
      <Link to="/sign-up">Sign up</Link>
    </>
  );
}

function SignOut(): ReactNode {
  const { signOut } = useAuth();
  const navigate = useNavigate();
  const [error, setError] = useState<unknown>(null);

  const leave = async () => {
    try {
      await signOut();
      await navigate({ to: "/sign-in" });
    } catch (failure) {
      // Shown: the session still lives, and whoever shares this computer must know.
      setError(failure);
    }
  };

  return (
    <>
      <button type="button" className="quiet" onClick={leave}>
        Sign out
      </button>
      <FailureMessage error={error} />
    </>
  );
}

function useFocusOnNewPage() {
  const main = useRef<HTMLElement>(null);
  const path = useRouterState({ select: (state) => state.resolvedLocation?.pathname });
  const seen = useRef<string | undefined>(undefined);
  useEffect(() => {
    const isFirst = seen.current === undefined;
    if (path === undefined || path === seen.current) return;
    seen.current = path;
    if (isFirst) return;
    const heading = main.current?.querySelector<HTMLElement>("h1");
    (heading ?? main.current)?.focus();
  }, [path]);
  return main;
}
