// The frame around every page that needs an administrator: lets in, shows where one is, keeps the live stream open.
import { useAuth } from "@holdfast/react";
import { useQueryClient } from "@tanstack/react-query";
import { Navigate, Outlet, useLocation } from "@tanstack/react-router";
import { useEffect, useRef } from "react";
import { Button } from "react-aria-components";
import { useLive, useLiveStream } from "../features/platform/live.ts";
import { Loading } from "../ui/loading.tsx";
import { Menu, placeName } from "./menu.tsx";

export function Shell() {
  const { status, assurance } = useAuth();
  const { pathname } = useLocation();
  switch (status) {
    case "loading":
      return <Loading what="your session" />;
    case "unreachable":
      return (
        <main className="lone">
          <h1>Identity does not answer</h1>
          <p role="alert">Nobody is taken for signed in until it does. Load the page again in a moment.</p>
        </main>
      );
    case "signed-out":
      return <Navigate to="/sign-in" search={{ from: pathname }} replace />;
    case "signed-in":
      return assurance === "aal2" ? <Frame /> : <Navigate to="/second-factor" replace />;
  }
}

function Frame() {
  const { user, signOut } = useAuth();
  useLiveStream(useQueryClient());
  const live = useLive();
  return (
    <div className="shell">
      <a className="skip" href="#content">
        Skip to the content
      </a>
      <header className="bar">
        <span className="brand">Holdfast</span>
        <span className={`live live-${live.state}`}>
          {live.state === "live" ? "Live" : live.state === "connecting" ? "Connecting …" : "Stream ended"}
        </span>
        <span className="who">{user?.email}</span>
        <Button className="plain" onPress={() => void signOut("local")}>
          Sign out
        </Button>
      </header>
      <Menu />
      <PageArea />
    </div>
  );
}

/** After a change of page the focus goes to its heading, so that a screen reader says where one is. */
function PageArea() {
  const { pathname } = useLocation();
  const main = useRef<HTMLElement>(null);
  const shown = useRef(pathname);
  useEffect(() => {
    if (shown.current !== pathname) main.current?.focus();
    shown.current = pathname;
    document.title = `${placeName(pathname)} – Holdfast console`;
  }, [pathname]);
  return (
    <main id="content" ref={main} tabIndex={-1}>
      <Outlet />
    </main>
  );
}
