// Was a password seen in a leak? Asked by k-anonymity (the range protocol of Have I Been Pwned): the first five characters of its
// SHA-1 go out, every known rest for them comes back, padded so that the answer's length tells nothing, and the comparison is made
// here. Neither the password nor its hash leaves. Without a full and well-formed answer in time there is none.
import { createHash } from "node:crypto";

/** How often the password was seen, or that nobody could say. */
export type BreachAnswer = number | "unavailable";

export interface BreachRange {
  /** @param password in its normal form. Never throws. */
  timesSeen(password: string): Promise<BreachAnswer>;
}

const prefixCharacters = 5;
const timeoutMs = 3_000;
/** A padded answer has about 1,000 lines of 40 bytes. */
const answerBytesMax = 524_288;
/** Questions that wait for an answer at the same time; the next one gets none. */
const askedMax = 32;
// One line: 35 characters of SHA-1, a colon, how often. Padding is a line that was seen 0 times.
const linePattern = /^([0-9A-F]{35}):(\d{1,10})$/;

/** Asks the service at `url`, for example `https://api.pwnedpasswords.com/range`. */
export function createBreachRange(url: string): BreachRange {
  let asked = 0;
  return {
    timesSeen: async (password) => {
      if (asked >= askedMax) return "unavailable";
      asked += 1;
      try {
        const digest = createHash("sha1").update(password, "utf8").digest("hex").toUpperCase();
        const text = await fetchRange(`${url}/${digest.slice(0, prefixCharacters)}`);
        return text === null ? "unavailable" : countIn(text, digest.slice(prefixCharacters));
      } catch {
        // Unreachable, too slow, redirected or cut off: each of them is no answer, and what follows is decided by the rules.
        return "unavailable";
      } finally {
        asked -= 1;
      }
    },
  };
}

async function fetchRange(url: string): Promise<string | null> {
  const response = await fetch(url, {
    headers: { "add-padding": "true", "user-agent": "holdfast-identity" },
    redirect: "error",
    signal: AbortSignal.timeout(timeoutMs),
  });
  if (response.status !== 200 || response.body === null) {
    await response.body?.cancel();
    return null;
  }
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of response.body) {
    bytes += chunk.byteLength;
    if (bytes > answerBytesMax) return null;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString("latin1");
}

/** Null-safe reading of the whole answer: one line that is none makes it no answer. */
function countIn(text: string, rest: string): BreachAnswer {
  let seen = 0;
  for (const line of text.replace(/\r?\n$/, "").split(/\r?\n/)) {
    const match = linePattern.exec(line);
    if (match === null) return "unavailable";
    if (match[1] === rest) seen = Number(match[2]);
  }
  return seen;
}
