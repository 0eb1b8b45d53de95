// Other places to sign in at.
import { useSettings } from "./settings.ts";

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

/** The names of the providers; none until they are known, or where identity does not say. */
export function useProviders(): readonly string[] {
  const { external = {} } = useSettings() ?? {};
  return Object.keys(external).filter((name) => external[name] === true && !NO_PROVIDERS.includes(name));
}
