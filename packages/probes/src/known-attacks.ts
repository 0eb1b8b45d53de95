// Attacks that identity services are known to have fallen to, each with the checks that try it here. Where nothing live can be
// attacked the reason stands instead, with the test that holds what the attack would break.

export interface KnownAttack {
  /** An advisory, or the repository and number of an issue where there is none; "design" for what has neither. */
  readonly id: string;
  readonly attack: string;
  /** Checks, or the file of a test where no live attack is possible; `why` says so then. */
  readonly by: readonly string[];
  readonly why?: string;
}

export const knownAttacks: readonly KnownAttack[] = [
  { id: "CVE-2026-31813", attack: "An ID token chooses the issuer that it is verified by.", by: ["OAU-07", "OAU-06"] },
  { id: "GHSA-3529-5m8x-rpv3", attack: "A header chooses the host of a mailed link.", by: ["poisoned-link"] },
  { id: "CVE-2025-48370", attack: "An id in a path is a path.", by: ["path-ids"] },
  { id: "CVE-2025-61928", attack: "A user id in a body is believed.", by: ["body-ids"] },
  { id: "GHSA-xg6x-h9c9-2m83", attack: "A session counts before its second factor.", by: ["MFA-04", "MFA-08"] },
  {
    id: "GHSA-g38m-r43w-p2q7",
    attack: "An account that an attacker prepared is opened by a provider's word.",
    by: ["OAU-06", "sign-up-attempt"],
  },
  {
    id: "GHSA-qq9h-g4jm-xgf3",
    attack: "An account that an attacker prepared is opened by a link or a code.",
    by: ["sign-up-attempt"],
  },
  {
    id: "better-auth#11023",
    attack: "A code belongs to an address instead of an attempt.",
    by: ["sign-up-attempt", "mailed-code"],
  },
  {
    id: "CVE-2026-45364",
    attack: "Each of the many addresses of one IPv6 network has a limit of its own.",
    by: ["packages/identity/src/limit/address-key.test.ts", "MFA-01"],
    why: "a prover has one IPv6 address on loopback; that an account is locked from everywhere is attacked",
  },
  { id: "GHSA-392p…", attack: "Refreshes at the same moment make two families.", by: ["parallel-refresh", "SES-05"] },
  {
    id: "GHSA-pw9m…",
    attack: "An authorization code is redeemed twice at the same moment.",
    by: ["OAU-03", "flow-code"],
  },
  {
    id: "GHSA-7w99…",
    attack: "What is used once is looked at and spent in two steps.",
    by: ["OAU-03", "recovery-code", "passkey-replay", "MFA-05"],
  },
  { id: "GHSA-5rr4-8452-hf4v", attack: "A provider's addresses lead inside the network.", by: ["NET-01"] },
  { id: "GHSA-7rqj-j65f-68wh", attack: "An address is looked at before it is normalised.", by: ["address-spelling"] },
  {
    id: "GHSA-x445-f3h2-j279",
    attack: "A state is not bound to provider and browser.",
    by: ["OAU-02", "OAU-06", "provider-link"],
  },
  {
    id: "GHSA-8fpg-xm3f-6cx3",
    attack: "A provider that cannot be configured lets everybody in.",
    by: ["provider-unavailable"],
  },
  {
    id: "CVE-2026-9798",
    attack: "One way to sign in does not know that another one has locked.",
    by: ["MFA-01", "MFA-06"],
  },
  {
    id: "CVE-2026-9087",
    attack: "The proof of a link is not bound to the identity at the provider.",
    by: ["provider-link"],
  },
  { id: "CVE-2026-3429", attack: "A half-authenticated session removes the second factor.", by: ["MFA-08"] },
  {
    id: "GHSA-wc43-73w7-x2f5",
    attack: "What a session is worth is stored instead of computed.",
    by: ["removed-factor", "MFA-04"],
  },
  {
    id: "design: a flow's state",
    attack: "The state of a flow, or its code, is used again.",
    by: ["OAU-02", "flow-code"],
  },
  { id: "design: replay of an OAuth code", attack: "A code is replayed in a race.", by: ["OAU-03"] },
  {
    id: "design: a passkey at aal1",
    attack: "A passkey is added at aal1, or long after the sign-in.",
    by: ["MFA-08", "stale-sign-in"],
  },
  {
    id: "design: aal after a factor is gone",
    attack: "A session stays aal2 when its factor is removed.",
    by: ["removed-factor"],
  },
  { id: "design: links of a former address", attack: "A link outlives the address it went to.", by: ["outdated-link"] },
  { id: "design: tokens of the banned", attack: "A banned person's token is accepted.", by: ["SES-03"] },
  {
    id: "design: an administrator's token",
    attack: "A token works after a logout, or after the role is gone.",
    by: ["SES-02", "role-removed", "AZ-07"],
  },
  {
    id: "supabase#29347",
    attack: "Whoever signs up first with another's address keeps the password.",
    by: ["sign-up-attempt"],
  },
  {
    id: "design: time of a sign-in",
    attack: "An unknown address is refused faster than a known one.",
    by: ["sign-in-timing", "MFA-02"],
  },
  { id: "RFC 6238 §5.2", attack: "A one-time code works again through another challenge.", by: ["MFA-05"] },
  {
    id: "design: guessing",
    attack: "Codes and passwords can be guessed without end from many addresses.",
    by: ["MFA-01", "MFA-06", "mailed-code", "RL-01"],
  },
  {
    id: "design: codes at rest",
    attack: "Six digits are stored without a key and found by trying all of them.",
    by: ["secrets-at-rest"],
  },
  {
    id: "design: plain and implicit",
    attack: "PKCE with the method plain, or without a challenge.",
    by: ["OAU-04", "OAU-05", "flow-code"],
  },
  {
    id: "design: hashes that stay",
    attack: "A hash of low cost, or one that reads 72 bytes, stays for ever.",
    by: ["CRY-04", "MFA-03"],
  },
  {
    id: "design: refresh tokens at rest",
    attack: "Refresh tokens stand in the tables as they are.",
    by: ["secrets-at-rest"],
  },
  {
    id: "design: failures nobody sees",
    attack: "A failed sign-in, factor or limit leaves no event, or one without an address.",
    by: ["LOG-02", "MFA-01", "MFA-06"],
  },
  { id: "design: mail scanners", attack: "Looking at a link spends it, or signs the looker in.", by: ["mail-scanner"] },
  {
    id: "design: challenges bound to an address",
    attack: "A challenge counts only for the address it was given to, and shuts out whoever moves.",
    by: ["packages/identity/src/factor/factor.test.ts"],
    why: "it lets nobody in: it is the attack on availability that our challenges, bound to account and factor, do not have",
  },
  {
    id: "supabase#21391",
    attack: "Row-level security reads metadata that the person writes.",
    by: ["AZ-04", "claims-forged"],
  },
];
