import type { PersonFactor } from "@holdfast/server/api";

const words: Readonly<Record<string, string>> = {
  totp: "Authenticator application",
  webauthn: "Security key",
  phone: "Code by text message",
  recovery_code: "Recovery codes",
};

/** What kind of second factor it is, and what its owner calls it. */
export function factorName({ type, name }: Pick<PersonFactor, "type" | "name">): string {
  const word = words[type] ?? type;
  return name === "" || word.startsWith(name) ? word : `${word} “${name}”`;
}
