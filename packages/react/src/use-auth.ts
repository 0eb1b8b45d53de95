import { useMemo } from "react";
import type { AuthState } from "./auth-state.ts";
import type { Holdfast } from "./holdfast.ts";
import { useHoldfastState, useProvided } from "./provider.tsx";
import type { SecureFetch } from "./secure-fetch.ts";

export type Auth = Omit<AuthState, "subject"> & {
  /** The plan's own name for `status === "loading"`. */
  readonly loading: boolean;
  /** The account's verified and unverified second factors. */
  readonly factors: NonNullable<NonNullable<AuthState["user"]>["factors"]>;
} & Pick<
    Holdfast,
    | "can"
    | "signIn"
    | "signUp"
    | "signOut"
    | "refresh"
    | "changePassword"
    | "deleteAccount"
    | "enrolTotp"
    | "verifyTotp"
    | "removeFactor"
    | CredentialCalls
    | MessageCalls
  >;

type MessageCalls =
  | "requestSignIn"
  | "requestRecovery"
  | "resendConfirmation"
  | "redeemCode"
  | "resume"
  | "providerAddress"
  | "linkAddress"
  | "exchangeCode"
  | "unlinkIdentity"
  | "choosePassword"
  | "changeEmail";

type CredentialCalls =
  | "hasAuthenticators"
  | "signInWithPasskey"
  | "addPasskey"
  | "renamePasskey"
  | "removePasskey"
  | "enrolPhone"
  | "challengePhone"
  | "verifyPhone"
  | "enrolKey"
  | "verifyKey"
  | "makeRecoveryCodes"
  | "remakeRecoveryCodes"
  | "removeRecoveryCodes"
  | "redeemRecoveryCode";

/** Who is signed in, what they may do, and the calls that change it. Renders again when any of it changes. */
export function useAuth(): Auth {
  const { holdfast, state } = useHoldfastState();
  return useMemo(
    () => ({
      status: state.status,
      loading: state.status === "loading",
      user: state.user,
      roles: state.roles,
      assurance: state.assurance,
      secondFactorPending: state.secondFactorPending,
      factors: state.user?.factors ?? [],
      can: holdfast.can,
      signIn: holdfast.signIn,
      signUp: holdfast.signUp,
      signOut: holdfast.signOut,
      refresh: holdfast.refresh,
      changePassword: holdfast.changePassword,
      deleteAccount: holdfast.deleteAccount,
      enrolTotp: holdfast.enrolTotp,
      verifyTotp: holdfast.verifyTotp,
      removeFactor: holdfast.removeFactor,
      requestSignIn: holdfast.requestSignIn,
      requestRecovery: holdfast.requestRecovery,
      resendConfirmation: holdfast.resendConfirmation,
      redeemCode: holdfast.redeemCode,
      resume: holdfast.resume,
      providerAddress: holdfast.providerAddress,
      linkAddress: holdfast.linkAddress,
      exchangeCode: holdfast.exchangeCode,
      unlinkIdentity: holdfast.unlinkIdentity,
      choosePassword: holdfast.choosePassword,
      changeEmail: holdfast.changeEmail,
      hasAuthenticators: holdfast.hasAuthenticators,
      signInWithPasskey: holdfast.signInWithPasskey,
      addPasskey: holdfast.addPasskey,
      renamePasskey: holdfast.renamePasskey,
      removePasskey: holdfast.removePasskey,
      enrolPhone: holdfast.enrolPhone,
      challengePhone: holdfast.challengePhone,
      verifyPhone: holdfast.verifyPhone,
      enrolKey: holdfast.enrolKey,
      verifyKey: holdfast.verifyKey,
      makeRecoveryCodes: holdfast.makeRecoveryCodes,
      remakeRecoveryCodes: holdfast.remakeRecoveryCodes,
      removeRecoveryCodes: holdfast.removeRecoveryCodes,
      redeemRecoveryCode: holdfast.redeemRecoveryCode,
    }),
    [holdfast, state],
  );
}

/** The session's `secureFetch`. */
export function useSecureFetch(): SecureFetch {
  return useProvided().holdfast.secureFetch;
}
