import { useAuth } from "@holdfast/react";
import { Button } from "react-aria-components";

export function UnauthorizedPage() {
  const { user, signOut } = useAuth();
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
