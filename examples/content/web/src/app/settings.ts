// What identity says it offers, which is what the deployment's policy names.
import { useEffect, useState } from "react";
import { holdfast } from "./session.ts";

export interface Settings {
  /** Ways in, by Supabase Auth's names: `phone`, `github`, … */
  readonly external: Readonly<Record<string, boolean>>;
  /** Kinds of second factors. */
  readonly factors: Readonly<Record<string, boolean>>;
}

let asked: Promise<Settings> | null = null;

async function ask(): Promise<Settings> {
  const answer: unknown = await (await holdfast.secureFetch("/auth/v1/settings")).json();
  const { external = {}, factors = {} } = answer as Partial<Settings>;
  return { external, factors };
}

/** Null until it is known, or where identity does not say. */
export function useSettings(): Settings | null {
  const [settings, setSettings] = useState<Settings | null>(null);
  useEffect(() => {
    asked ??= ask();
    asked.then(setSettings, () => {
      // Asked again by the next page; signing in with a password needs none of it.
      asked = null;
    });
  }, []);
  return settings;
}
