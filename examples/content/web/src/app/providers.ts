// Other places to sign in at: what identity says it offers, which is what the deployment's policy names.
import { useEffect, useState } from "react";
import { holdfast } from "./session.ts";

/** Ways in that Supabase Auth's settings list beside providers. */
const NO_PROVIDERS: readonly string[] = ["anonymous_users", "email", "phone"];

const titles: Readonly<Record<string, string>> = {
  email: "E-mail and password",
  google: "Google",
  github: "GitHub",
  apple: "Apple",
  azure: "Microsoft",
};

/** What people call it; a provider of one's own is called as the policy calls it. */
export const providerTitle = (name: string): string => titles[name] ?? name.replace(/^custom:/, "");

let asked: Promise<readonly string[]> | null = null;

async function ask(): Promise<readonly string[]> {
  const settings: unknown = await (await holdfast.secureFetch("/auth/v1/settings")).json();
  const external = (settings as { external?: Readonly<Record<string, unknown>> }).external ?? {};
  return Object.keys(external).filter((name) => external[name] === true && !NO_PROVIDERS.includes(name));
}

/** The names of the providers; none until they are known, or where identity does not say. */
export function useProviders(): readonly string[] {
  const [names, setNames] = useState<readonly string[]>([]);
  useEffect(() => {
    asked ??= ask();
    asked.then(setNames, () => {
      // Asked again by the next page; signing in with a password needs none of them.
      asked = null;
    });
  }, []);
  return names;
}
