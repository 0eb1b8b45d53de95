import { useAuth } from "@holdfast/react";
import { useNavigate } from "@tanstack/react-router";
import type { ReactNode } from "react";
import { ConfirmButton } from "../ui/confirm-button.tsx";

export function DeleteAccount(): ReactNode {
  const { deleteAccount } = useAuth();
  const navigate = useNavigate();
  const leave = async () => {
    await deleteAccount();
    await navigate({ to: "/sign-in", replace: true });
  };
  return (
    <section className="card" aria-labelledby="delete-title">
      <h2 id="delete-title">Delete the account</h2>
      <p>
        Every session ends at once, and nobody can sign in as you again. Delete your content first if it should go too.
      </p>
      <ConfirmButton
        label="Delete my account"
        question="Delete your account?"
        consequence="It is gone for good, with your password, your passkeys and your second factors."
        confirm="Delete it"
        onConfirm={leave}
      />
    </section>
  );
}
