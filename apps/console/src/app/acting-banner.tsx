// Says that this browser acts as somebody else. The console opens nothing in such a session; it can only be ended here.
import { useAuth } from "@holdfast/react";
import { Button } from "react-aria-components";

export function ActingBanner() {
  const { user, signOut } = useAuth();
  if (user?.act === undefined) return null;
  return (
    <section className="acting" aria-label="Acting as somebody else">
      <p>
        This browser acts as <strong>{user.email}</strong> until {new Date(user.act.not_after).toLocaleTimeString()}: “
        {user.act.reason}”. It is recorded.
      </p>
      <Button
        className="plain"
        onPress={() => void signOut("local").then(() => window.location.assign("/console/sign-in"))}
      >
        Stop acting
      </Button>
    </section>
  );
}
