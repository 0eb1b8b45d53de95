// Whether one kind of request is answered faster than another, told on a machine that may be busy with other things. Load adds
// hundreds of milliseconds to any answer, so no time and no mean says anything; but of two answers asked right after one another
// in a drawn order, either is as likely to be the slower one wherever both kinds do the same. That is counted, pair by pair, until
// it is certain (sequential probability ratio test, Wald 1945).

/** Milliseconds of an answer of each kind, one asked right after the other in an order that was drawn. */
export interface PairedTimes {
  readonly known: number;
  readonly unknown: number;
}

/** Which kind is answered slower, neither, or that more pairs are needed. */
export type TimesVerdict = "alike" | "known" | "unknown" | "undecided";

/** An answer is the slower one of its pair when it took at least this much longer: a quarter. Less is nobody's hash. */
const SLOWER = 1.25;
/** Where both kinds do the same, in at most half of the pairs one kind is the slower one. */
const SHARE_ALIKE = 0.5;
/** Where one kind leaves out a hash, the other is slower in more pairs than this: in all on a quiet machine, in 88 % at a load of 22 on two processors. */
const SHARE_APART = 0.8;
/** However many pairs are looked at, this often at most a kind is called slower though both do the same; twice that for either. */
const FALSE_ALARMS = 1e-5;
/** And so often at most one that is slower in `SHARE_APART` of the pairs is passed. */
const MISSES = 1e-3;

export function judgeTimes(pairs: readonly PairedTimes[]): TimesVerdict {
  const known = evidence(pairs.filter((pair) => pair.known >= pair.unknown * SLOWER).length, pairs.length);
  const unknown = evidence(pairs.filter((pair) => pair.unknown >= pair.known * SLOWER).length, pairs.length);
  if (known >= -Math.log(FALSE_ALARMS)) return "known";
  if (unknown >= -Math.log(FALSE_ALARMS)) return "unknown";
  return Math.max(known, unknown) <= Math.log(MISSES) ? "alike" : "undecided";
}

/** The logarithm of how much likelier so many of these pairs are where the kinds are apart. */
function evidence(slower: number, pairs: number): number {
  const others = pairs - slower;
  return slower * Math.log(SHARE_APART / SHARE_ALIKE) + others * Math.log((1 - SHARE_APART) / (1 - SHARE_ALIKE));
}
