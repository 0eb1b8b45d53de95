// One spelling for one address: normalise first, validate after (a check before normalisation can be dodged by it).
import { createHash } from "node:crypto";

const emailCharactersMax = 254;
const localCharactersMax = 64;
/** The HTML Standard's pattern, ASCII only: look-alike letters of other scripts are another address, and none we accept. */
const emailPattern =
  /^[a-z0-9.!#$%&'*+/=?^_`{|}~-]+@[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?)*$/;
const labelCharacters = 16;

export const normaliseEmail = (text: string): string => text.normalize("NFKC").trim().toLowerCase();

/** For a normalised address. */
export function isEmailAddress(text: string): boolean {
  if (text.length > emailCharactersMax || text.indexOf("@") > localCharactersMax) return false;
  return emailPattern.test(text);
}

/** Counts attempts at an address without keeping the address. */
export const emailHash = (normalised: string): string => createHash("sha256").update(normalised).digest("hex");

/** A short name for an address in events: the same for the same address, whether or not an account has it. */
export const accountLabel = (normalised: string): string => emailHash(normalised).slice(0, labelCharacters);
