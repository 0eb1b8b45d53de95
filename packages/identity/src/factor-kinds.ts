// The kinds of second factors that /factors knows, each with its three steps. Recovery codes have endpoints of their own.
import type { Factor, FactorType } from "./account/account.ts";
import { IdentityError } from "./error/identity-error.ts";
import { enrolFactor } from "./factor/enrol-factor.ts";
import { challengeFactor, verifyFactor } from "./factor/verify-factor.ts";
import { challengeKey, type KeyResponse, verifyKey } from "./factor/verify-webauthn.ts";
import type { IdentityContext } from "./identity-context.ts";
import { challengePhone, enrolPhone, verifyPhoneFactor } from "./phone/phone-factor.ts";
import type { Authenticated } from "./request/authenticate.ts";
import type { Caller } from "./request/caller.ts";
import type { SessionAnswer } from "./session/session-answer.ts";

export interface Enrolment {
  readonly friendlyName: string;
  readonly issuer: string;
  readonly phone: string;
}

/** What a body of /factors/:id/verify may prove with. */
export interface GivenProof {
  readonly challengeId: string;
  readonly code?: string | undefined;
  readonly key?: KeyResponse | undefined;
}

interface FactorKind {
  /** auth-js's answer to an enrolment. */
  enrol(
    context: IdentityContext,
    caller: Caller,
    who: Authenticated,
    given: Enrolment,
  ): Promise<Record<string, unknown>>;
  /** auth-js's answer to a challenge. */
  challenge(
    context: IdentityContext,
    caller: Caller,
    who: Authenticated,
    factor: Factor,
  ): Promise<Record<string, unknown>>;
  prove(
    context: IdentityContext,
    caller: Caller,
    who: Authenticated,
    factor: Factor,
    given: GivenProof,
  ): Promise<SessionAnswer>;
}

const kinds: Readonly<Record<Exclude<FactorType, "recovery_code">, FactorKind>> = {
  totp: {
    enrol: (context, caller, who, given) => enrolFactor(context, caller, who, { ...given, type: "totp" }),
    challenge: (context, _caller, _who, factor) => challengeFactor(context, factor),
    prove: async (context, caller, who, factor, { challengeId, code }) =>
      await verifyFactor(context, caller, who, { factor, challengeId, code: required(code, "code") }),
  },
  webauthn: {
    enrol: (context, caller, who, given) => enrolFactor(context, caller, who, { ...given, type: "webauthn" }),
    challenge: (context, _caller, who, factor) => challengeKey(context, who, factor),
    prove: async (context, caller, who, factor, { challengeId, key }) =>
      await verifyKey(context, caller, who, factor, { challengeId, key: required(key, "webauthn") }),
  },
  phone: {
    enrol: enrolPhone,
    challenge: challengePhone,
    prove: async (context, caller, who, factor, { challengeId, code }) =>
      await verifyPhoneFactor(context, caller, who, { factor, challengeId, code: required(code, "code") }),
  },
};

function required<T>(value: T | undefined, name: string): T {
  if (value === undefined) throw new IdentityError("validation_failed", { message: `${name} is required` });
  return value;
}

/** Undefined for recovery codes, and for whatever a client may have made up. */
export const factorKind = (type: string): FactorKind | undefined =>
  Object.hasOwn(kinds, type) ? kinds[type as keyof typeof kinds] : undefined;
