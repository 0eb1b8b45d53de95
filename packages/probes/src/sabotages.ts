// Holes that several checks share, under one name each, so that one broken twin serves them all.
import type { Policy, RoutePolicy } from "@holdfast/policy";
import { tableName } from "./canary-rows.ts";
import type { GatewayStep, Sabotage } from "./check.ts";

/** The gateway believes the claims of a token without verifying it. */
export const believesTokens: Sabotage = {
  name: "believes-unverified-tokens",
  sentence: "The gateway decodes access tokens and believes them unverified.",
  hole: { kind: "replace-step", step: "token", by: "decoding" },
};

/** The gateway without one of its steps. */
export function withoutStep(step: GatewayStep, sentence: string): Sabotage {
  return { name: `without-${step}`, sentence, hole: { kind: "without-step", step } };
}

/** Identity decides one thing carelessly. */
export function carelessRule(
  name: string,
  sentence: string,
  rule: string,
  by: (...given: readonly never[]) => unknown,
): Sabotage {
  return { name, sentence, hole: { kind: "identity-rule", rule, by } };
}

/** An authorization server that compares nothing: three checks each find their own of its mistakes. */
export const carelessOAuthServer: Sabotage = {
  name: "careless-authorization-server",
  sentence:
    "Redirect URIs count by their beginning, every verifier belongs to every challenge, and a refresh gets what it asks for.",
  hole: {
    kind: "identity-rules",
    rules: {
      isRegisteredRedirect: (registered: readonly string[], given: string) =>
        registered.some((one) => given.startsWith(one)),
      isVerifierOf: () => true,
      scopeAtRefresh: (granted: string, asked: string | undefined) => asked ?? granted,
    },
  },
};

/** A sign-in by provider that believes what it is told: each check that names it finds its own of these mistakes. */
export const carelessProviderSignIn: Sabotage = {
  name: "careless-provider-sign-in",
  sentence:
    "A state counts in every browser, an address opens the account that has it, nonces are not compared, a linked identity changes hands, keys are fetched from anywhere, and without keys a token is believed as it stands.",
  hole: {
    kind: "identity-rules",
    rules: {
      stateSubject: () => "anybody",
      linking: ({ existing }: { readonly existing: object | null }) => (existing === null ? "create" : "link"),
      nonceHolds: () => true,
      takesLinkedIdentity: () => true,
      mayReach: () => true,
      believesWithoutKeys: () => true,
    },
  },
};
/** What is used once can be used again: codes, links, challenges. */
export const spentTokensRedeem: Sabotage = carelessRule(
  "spent-tokens-redeem",
  "What was redeemed once can be redeemed again.",
  "mayRedeemAgain",
  () => true,
);

/** Mail as careless programs send it: each check that names it finds its own of these mistakes. */
export const carelessMail: Sabotage = {
  name: "careless-mail",
  sentence:
    "Looking at a link spends it, it leads wherever somebody likes, a sign-up keeps the first password, digits may be guessed without end, of an address that normalisation makes two the first is taken, and a link begins where a header says.",
  hole: {
    kind: "identity-rules",
    rules: {
      isSpentByLooking: () => true,
      mayRedirect: () => true,
      keepsFirstAttempt: () => true,
      codeGuessesMax: () => 1_000_000,
      linkIssuer: (issuer: string, { "x-host": host }: Readonly<Record<string, unknown>>) =>
        typeof host === "string" ? `https://${host}/auth/v1` : issuer,
      spelling: (given: string) =>
        given
          .normalize("NFKC")
          .trim()
          .toLowerCase()
          .split(/[,;\s]/u)[0] ?? "",
    },
  },
};

/** How somebody signs in changes for whoever has a session. */
export const carelessCredentials: Sabotage = {
  name: "careless-credentials",
  sentence:
    "Credentials change without the second factor, however long ago the sign-in was, and the keys of a deleted account stay.",
  hole: {
    kind: "identity-rules",
    rules: { mayChangeCredentials: () => true, isRecentlyAuthenticated: () => true, destroysKeys: () => false },
  },
};

/** Sessions go on, whatever becomes of the roles of their account. */
export const sessionsOutliveRoles: Sabotage = {
  name: "sessions-outlive-roles",
  sentence: "Sessions go on when a role is taken away, and when a privileged one is given.",
  hole: {
    kind: "identity-rules",
    rules: { endsSessionsWithRole: () => false, endsSessionsWithGrant: () => false },
  },
};

/** An administrator acts as anybody, in every way. */
export const carelessActing: Sabotage = {
  name: "acts-as-anybody",
  sentence: "Anybody acts as anybody, for no reason, as long as they like, and does everything in their name.",
  hole: {
    kind: "identity-rules",
    rules: {
      actingRefusal: () => null,
      actingSeconds: (asked = 900) => asked,
      mayWhileActing: () => true,
    },
  },
};

/** WebAuthn ceremonies that nobody compares with anything: four checks each find their own of its mistakes. */
export const carelessPasskeys: Sabotage = {
  name: "careless-passkeys",
  sentence:
    "A passkey counts wherever the client says it was used, whoever touched it and whosever it is, and its counter is not compared.",
  hole: {
    kind: "identity-rules",
    rules: {
      relyingParty: (origin: string, claimed: string) => ({
        origins: [origin, claimed],
        ids: [new URL(origin).hostname, "passkeys.invalid"],
      }),
      requiresUserVerification: () => false,
      signCountBound: () => 4_294_967_296,
      ownsCredential: () => true,
    },
  },
};

/** Row-level security is off on every table. */
export const withoutRowSecurity: Sabotage = {
  name: "without-row-security",
  sentence: "Row-level security is switched off on every table.",
  hole: {
    kind: "sql",
    statements: (policy) => eachTable(policy, (table) => `alter table ${table} disable row level security`),
  },
};

/** Columns that the policy seals hold texts as they are. */
export const unsealedColumns: Sabotage = {
  name: "unsealed-columns",
  sentence: "Sealed columns are plain ones, and the application writes into them as it finds them.",
  hole: {
    kind: "sql",
    statements: (policy) =>
      Object.values(policy.tables).flatMap((rule) =>
        Object.entries(rule.columns)
          .filter(([, { sealed }]) => sealed !== undefined)
          .map(
            ([name, { type }]) =>
              `alter table ${tableName(rule)} alter column "${name}" type ${type} using ${type === "jsonb" ? "'null'::jsonb" : "''"}`,
          ),
      ),
  },
};

/** One statement for each table of the policy. */
export function eachTable(policy: Policy, statement: (table: string, key: string) => string): string[] {
  return Object.entries(policy.tables).map(([key, rule]) => statement(tableName(rule), key));
}

/** The policy with every route of every service changed. */
export function changeRoutes(policy: Policy, change: (route: RoutePolicy) => RoutePolicy): Policy {
  return {
    ...policy,
    services: Object.fromEntries(
      Object.entries(policy.services).map(([name, service]) => [
        name,
        {
          ...service,
          routes: Object.fromEntries(Object.entries(service.routes).map(([key, route]) => [key, change(route)])),
        },
      ]),
    ),
  };
}
