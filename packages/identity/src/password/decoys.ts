// What the password of an unknown account is compared with. Where accounts were brought along from elsewhere their hashes take
// another time than ours, and the time alone would tell that somebody has the address. So an unknown address costs what some
// account's costs: schemes are drawn in the proportion in which accounts have them, always the same for the same address.
import { createHmac, randomBytes } from "node:crypto";
import { decoyOf, type HashCost, profileOf, readStoredHash, type StoredHash } from "./stored-hash.ts";

/** How many accounts have hashes of a profile (see `profileOf`). */
export interface ProfileCount {
  readonly profile: string;
  readonly accounts: number;
}

export interface Decoys {
  /** The hash that stands in for the one that nobody has at this address. */
  for(address: string): StoredHash;
  /** Is the profile among those that are drawn? */
  know(profile: string): boolean;
  /** The proportions as they are now. */
  weigh(counts: readonly ProfileCount[]): void;
}

/** More schemes than anybody brings along; the rarest are left out. */
const profilesMax = 32;
const secretBytes = 32;
const fractionBits = 2 ** 32;

const usualDecoy = ({ memoryKib, passes, lanes }: HashCost): StoredHash => {
  const decoy = decoyOf(`$argon2id$v=19$m=${memoryKib},t=${passes},p=${lanes}`);
  if (decoy === null) throw new Error("The policy's own cost of a hash is no cost of a stored hash.");
  return decoy;
};

/** At first every decoy is of the cost that new passwords get. `secret` decides which address gets which scheme. */
export function createDecoys(cost: HashCost, secret: Buffer = randomBytes(secretBytes)): Decoys {
  const usual = usualDecoy(cost);
  let weighed: readonly { readonly decoy: StoredHash; readonly upTo: number }[] = [{ decoy: usual, upTo: 1 }];
  return {
    for: (address) => {
      if (weighed.length === 1) return weighed[0]?.decoy ?? usual;
      const fraction = createHmac("sha256", secret).update(address).digest().readUInt32BE() / fractionBits;
      return weighed.find(({ upTo }) => fraction < upTo)?.decoy ?? usual;
    },
    know: (profile) => weighed.some(({ decoy }) => profileOf(decoy) === profile),
    weigh: (counts) => {
      const known = counts
        .toSorted((a, b) => b.accounts - a.accounts || (a.profile < b.profile ? -1 : 1))
        .slice(0, profilesMax)
        .map(({ profile, accounts }) => ({ decoy: decoyOf(profile), accounts }))
        .filter(
          (entry): entry is { decoy: StoredHash; accounts: number } => entry.decoy !== null && entry.accounts > 0,
        );
      const total = known.reduce((sum, { accounts }) => sum + accounts, 0);
      let sum = 0;
      weighed =
        total === 0
          ? [{ decoy: usual, upTo: 1 }]
          : known.map(({ decoy, accounts }) => {
              sum += accounts;
              return { decoy, upTo: sum / total };
            });
    },
  };
}

/** The profile of a hash that is being brought along, to be weighed with the others. */
export function profileOfText(text: string): string | null {
  const hash = readStoredHash(text);
  return hash === null ? null : profileOf(hash);
}
