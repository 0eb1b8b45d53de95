import { useAuth } from "@holdfast/react";
import { useMutation } from "@tanstack/react-query";
import { Navigate } from "@tanstack/react-router";
import { useState } from "react";
import { Button, Form, Input, Label, Text, TextField } from "react-aria-components";
import { Loading } from "../../ui/loading.tsx";
import { QrCode } from "./qr-code.tsx";

export function SecondFactorPage() {
  const auth = useAuth();
  if (auth.status === "loading") return <Loading what="your session" />;
  if (auth.status !== "signed-in") return <Navigate to="/sign-in" replace />;
  if (auth.assurance === "aal2") return <Navigate to="/" replace />;
  const verified = auth.user?.factors?.find((factor) => factor.status === "verified" && factor.factor_type === "totp");
  return (
    <main className="lone">
      <h1>Second factor</h1>
      {verified === undefined ? <Enrolment /> : <CodeForm factorId={verified.id} button="Verify" />}
      <p>
        <Button className="plain" onPress={() => void auth.signOut("local")}>
          Sign out
        </Button>
      </p>
    </main>
  );
}

function Enrolment() {
  const { enrolTotp } = useAuth();
  const mutation = useMutation({ mutationFn: () => enrolTotp(`Authenticator ${new Date().toISOString()}`) });
  if (mutation.data === undefined) {
    return (
      <>
        <p>Administrators need a second factor. You need an authenticator application, for example on your phone.</p>
        <div aria-live="polite">{mutation.isError ? <p className="problem">{mutation.error.message}</p> : null}</div>
        <Button className="primary" onPress={() => mutation.mutate()} isDisabled={mutation.isPending}>
          Set up a second factor
        </Button>
      </>
    );
  }
  const { uri, secret, factorId } = mutation.data;
  return (
    <>
      <p>Scan this with your authenticator application, then enter the code it shows.</p>
      <QrCode text={uri} label="QR code for your authenticator application" />
      <p>
        Or type this in: <code className="secret">{secret.match(/.{1,4}/g)?.join(" ")}</code>
      </p>
      <CodeForm factorId={factorId} button="Finish set-up" />
    </>
  );
}

function CodeForm({ factorId, button }: { readonly factorId: string; readonly button: string }) {
  const { verifyTotp } = useAuth();
  const [code, setCode] = useState("");
  const mutation = useMutation({
    mutationFn: () => verifyTotp(factorId, code.replaceAll(" ", "")),
    onError: () => setCode(""),
  });
  return (
    <Form
      onSubmit={(event) => {
        event.preventDefault();
        mutation.mutate();
      }}
    >
      <TextField
        className="field"
        name="code"
        inputMode="numeric"
        autoComplete="one-time-code"
        value={code}
        onChange={setCode}
        isRequired
      >
        <Label>Code</Label>
        <Input />
        <Text slot="description">Six digits. Each code works once.</Text>
      </TextField>
      <div aria-live="polite">{mutation.isError ? <p className="problem">{mutation.error.message}</p> : null}</div>
      <Button className="primary" type="submit" isDisabled={mutation.isPending}>
        {button}
      </Button>
    </Form>
  );
}
