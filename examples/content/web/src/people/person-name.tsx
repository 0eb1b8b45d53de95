import { useAuth } from "@holdfast/react";
import type { ReactNode } from "react";

/** "You", or the account's id: addresses of others are nobody's business here. */
export function PersonName({ id }: { readonly id: string }): ReactNode {
  const { user } = useAuth();
  return user?.id === id ? <strong>You</strong> : <code>{id}</code>;
}
