import { Outlet } from "@tanstack/react-router";
import { ActingBanner } from "./acting-banner.tsx";

/** What every page has, also those outside the shell. */
export function RootPage() {
  return (
    <>
      <ActingBanner />
      <Outlet />
    </>
  );
}
