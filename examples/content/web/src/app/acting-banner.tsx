// Says that somebody else acts here: an administrator who sees what this person sees, with a reason, for minutes.
import { useAuth } from "@holdfast/react";
import type { ReactNode } from "react";

export function ActingBanner(): ReactNode {
  const { user, signOut } = useAuth();
  if (user?.act === undefined) return null;
  const until = new Date(user.act.not_after).toLocaleTimeString([], { hour: "2-digit", minute: "2-digit" });
  return (
    <section className="acting" aria-label="Acting as somebody else">
      <p>
        You act as <strong>{user.email}</strong> until {until}: “{user.act.reason}”. It is recorded.
      </p>
      <button
        type="button"
        onClick={() => void signOut("local").then(() => window.location.assign("/console/sign-in"))}
      >
        Stop acting
      </button>
    </section>
  );
}
