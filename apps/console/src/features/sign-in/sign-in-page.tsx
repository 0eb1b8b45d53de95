import { sanitizeRedirect, useAuth } from "@holdfast/react";
import { useMutation } from "@tanstack/react-query";
import { Navigate, useSearch } from "@tanstack/react-router";
import { useState } from "react";
import { Entry, Failure, SubmitButton, SubmitForm } from "../../ui/form-parts.tsx";
import { Loading } from "../../ui/loading.tsx";

export function SignInPage() {
  const auth = useAuth();
  const { from } = useSearch({ from: "/sign-in" });
  const [email, setEmail] = useState("");
  const [password, setPassword] = useState("");
  const mutation = useMutation({ mutationFn: () => auth.signIn(email, password) });

  if (auth.status === "loading") return <Loading what="your session" />;
  if (auth.status === "signed-in") {
    return auth.assurance === "aal2" ? (
      <Navigate to={insideConsole(from)} replace />
    ) : (
      <Navigate to="/second-factor" replace />
    );
  }
  return (
    <main className="lone">
      <h1>Holdfast console</h1>
      <p>Sign in as an administrator. A second factor is asked for next.</p>
      <SubmitForm onSubmit={() => mutation.mutate()}>
        <Entry
          label="E-mail address"
          type="email"
          name="email"
          autoComplete="username"
          value={email}
          onChange={setEmail}
          isRequired
        />
        <Entry
          label="Password"
          type="password"
          name="password"
          autoComplete="current-password"
          value={password}
          onChange={setPassword}
          isRequired
        />
        <Failure error={mutation.error} />
        <SubmitButton isBusy={mutation.isPending}>{mutation.isPending ? "Signing in …" : "Sign in"}</SubmitButton>
      </SubmitForm>
    </main>
  );
}

/** The wish to return, as a path inside the console; anything else leads to the summary. */
function insideConsole(from: string | undefined): string {
  const path = sanitizeRedirect(from ?? null).replace(/^\/console(?=\/|$)/, "");
  return path === "" || path.startsWith("/sign-in") ? "/" : path;
}
