import { ProblemError, sanitizeRedirect, useAuth } from "@holdfast/react";
import { useMutation } from "@tanstack/react-query";
import { Navigate, useSearch } from "@tanstack/react-router";
import { type MouseEvent, useState } from "react";
import { Button, FieldError, Form, Input, Label, TextField } from "react-aria-components";
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
      <Form
        onSubmit={(event) => {
          event.preventDefault();
          mutation.mutate();
        }}
      >
        <TextField
          className="field"
          type="email"
          name="email"
          autoComplete="username"
          value={email}
          onChange={setEmail}
          isRequired
        >
          <Label>E-mail address</Label>
          <Input />
          <FieldError />
        </TextField>
        <TextField
          className="field"
          type="password"
          name="password"
          autoComplete="current-password"
          value={password}
          onChange={setPassword}
          isRequired
        >
          <Label>Password</Label>
          <Input />
          <FieldError />
        </TextField>
        <div aria-live="polite">{mutation.isError ? <p className="problem">{explain(mutation.error)}</p> : null}</div>
        <Button className="primary" type="submit" isDisabled={mutation.isPending} onMouseDown={keepFocus}>
          {mutation.isPending ? "Signing in …" : "Sign in"}
        </Button>
      </Form>
    </main>
  );
}

/** A field that loses the focus takes its message away; the button would move from under the pointer, and the click be lost. */
function keepFocus(event: MouseEvent): void {
  event.preventDefault();
}

/** The wish to return, as a path inside the console; anything else leads to the summary. */
function insideConsole(from: string | undefined): string {
  const path = sanitizeRedirect(from ?? null).replace(/^\/console(?=\/|$)/, "");
  return path === "" || path.startsWith("/sign-in") ? "/" : path;
}

function explain(error: Error): string {
  if (error instanceof ProblemError && error.status === 429) {
    const wait = error.retryAfterSeconds;
    return `Too many attempts. ${wait === null ? "Try again later." : `Try again in ${wait} s.`}`;
  }
  return error.message;
}
