// Keeps the decoys of unknown accounts in the proportion of the hashes that accounts have (see decoys.ts).
import type { IdentityContext } from "../identity-context.ts";
import { profileOfText } from "../password/decoys.ts";
import { countHashProfiles } from "./hash-store.ts";

/** At the start, with every sweep, and when a hash of a new kind is brought along. */
export async function weighDecoys(context: IdentityContext): Promise<void> {
  context.hasher.decoys.weigh(await countHashProfiles(context.database));
}

/** After an import: a kind that no decoy has yet would give its accounts away. */
export async function weighImported(context: IdentityContext, passwordHash: string | undefined): Promise<void> {
  const profile = passwordHash === undefined ? null : profileOfText(passwordHash);
  if (profile !== null && !context.hasher.decoys.know(profile)) await weighDecoys(context);
}
