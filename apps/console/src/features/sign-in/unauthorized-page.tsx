import { useAuth } from "@holdfast/react";
import { Navigate, useSearch } from "@tanstack/react-router";
import { Button } from "react-aria-components";

export function UnauthorizedPage() {
  const { user, signOut } = useAuth();
  const { reason } = useSearch({ from: "/unauthorized" });
  // The gateway says why it sent the visitor here; a missing second factor can be mended.
  if (reason === "second-factor-required") return <Navigate to="/second-factor" replace />;
  return (
    <main className="lone">
      <h1>Not for this account</h1>
      <p>{user === null ? "The console is for administrators." : `${user.email} is not an administrator.`}</p>
      <p>
        <a href="/">To the application</a>
      </p>
      {user === null ? (
        <p>
          <a href="/console/sign-in">Sign in</a>
        </p>
      ) : (
        <Button className="plain" onPress={() => void signOut("local")}>
          Sign out
        </Button>
      )}
    </main>
  );
}
