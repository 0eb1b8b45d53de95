// Who pays for the sign-ins of a run.

/** Sign-ins that one bearer pays for: routes count each subject apart, and a run signs in more often than one may. */
const SIGN_INS_PER_HOST = 20;

/**
 * The bearer that a run's own sign-ins are sent with, so that they are counted apart from the address: the limit of the
 * address stays for whoever really signs in from there. When one is used up, an account of its own takes its place.
 */
export function createHost(
  first: Promise<string | null>,
  next: (bearer: string | null) => Promise<string>,
): () => Promise<string | null> {
  let current = first;
  let used = 0;
  return () => {
    used += 1;
    if (used < SIGN_INS_PER_HOST) return current;
    used = 1;
    const spent = current;
    current = (async () => next(await spent))();
    return current;
  };
}
