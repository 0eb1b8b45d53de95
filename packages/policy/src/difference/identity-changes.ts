// What changed below `identity`: a switch that lets somebody in, or in more easily, is looser when it is on.
import { canonicalJson } from "../canonical-json.ts";
import { ownField } from "../own-field.ts";
import type { Policy, ProviderPolicy } from "../policy.ts";
import { type Change, type Effect, keysOf, namesChange, numberChange, valueChange } from "./change.ts";

type Identity = Policy["identity"];

/** The changes in the order in which the settings stand. */
export function identityChanges(old: Identity, now: Identity): readonly Change[] {
  return [
    ...valueChange("identity.signUp", old.signUp, now.signUp, now.signUp === "open" ? "looser" : "tighter"),
    ...namesChange("identity.defaultRoles", old.defaultRoles, now.defaultRoles),
    ...switchChange("identity.email.confirm", old.email.confirm, now.email.confirm, "tighter"),
    ...switchChange("identity.email.signIn", old.email.signIn, now.email.signIn, "looser"),
    ...numberChange("identity.email.codeSeconds", old.email.codeSeconds, now.email.codeSeconds, "looser"),
    ...numberChange(
      "identity.email.confirmationSeconds",
      old.email.confirmationSeconds,
      now.email.confirmationSeconds,
      "looser",
    ),
    ...phoneChanges(old.phone, now.phone),
    ...switchChange("identity.anonymous", old.anonymous, now.anonymous, "looser"),
    ...namesChange("identity.redirects", old.redirects, now.redirects),
    ...passwordChanges(old.password, now.password),
    ...sessionChanges(old.session, now.session),
    ...factorChanges(old.factors, now.factors),
    ...switchChange("identity.passkeys", old.passkeys, now.passkeys, "looser"),
    ...switchChange("identity.linking", old.linking, now.linking, "looser"),
    ...switchChange("identity.impersonation", old.impersonation, now.impersonation, "looser"),
    ...providerChanges(old.providers, now.providers),
    ...switchChange("identity.oauthServer.on", old.oauthServer.on, now.oauthServer.on, "looser"),
    ...switchChange(
      "identity.oauthServer.registration",
      old.oauthServer.registration,
      now.oauthServer.registration,
      "looser",
    ),
    ...numberChange("identity.lockout.attempts", old.lockout.attempts, now.lockout.attempts, "looser"),
    // A longer window counts more failures together.
    ...numberChange("identity.lockout.windowSeconds", old.lockout.windowSeconds, now.lockout.windowSeconds, "tighter"),
    ...valueChange("identity.hosted", old.hosted, now.hosted, "changed"),
  ];
}

function switchChange(path: string, old: boolean, now: boolean, on: "looser" | "tighter"): readonly Change[] {
  return numberChange(path, Number(old), Number(now), on).map((change) => ({
    ...change,
    before: String(old),
    after: String(now),
  }));
}

/** No prefix means every number, so that the first one shuts out and each further one lets in. */
function phoneChanges(old: Identity["phone"], now: Identity["phone"]): readonly Change[] {
  const isLimited = old.prefixes.length > 0 && now.prefixes.length > 0;
  const limit: Effect = now.prefixes.length === 0 ? "looser" : "tighter";
  return [
    ...switchChange("identity.phone.signIn", old.signIn, now.signIn, "looser"),
    ...(isLimited
      ? namesChange("identity.phone.prefixes", old.prefixes, now.prefixes)
      : valueChange("identity.phone.prefixes", old.prefixes, now.prefixes, limit)),
    ...numberChange("identity.phone.perCountry", old.perCountry, now.perCountry, "looser"),
  ];
}

function passwordChanges(old: Identity["password"], now: Identity["password"]): readonly Change[] {
  const breached: Effect = now.breached === "allow" ? "looser" : "tighter";
  const range: Effect = now.breachRange === null ? "looser" : old.breachRange === null ? "tighter" : "changed";
  return [
    ...numberChange("identity.password.minLength", old.minLength, now.minLength, "tighter"),
    ...valueChange("identity.password.breached", old.breached, now.breached, breached),
    ...valueChange("identity.password.breachRange", old.breachRange, now.breachRange, range),
    ...numberChange("identity.password.hash.memoryKib", old.hash.memoryKib, now.hash.memoryKib, "tighter"),
    ...numberChange("identity.password.hash.passes", old.hash.passes, now.hash.passes, "tighter"),
    // More lanes spread the same work: neither cheaper nor dearer to attack.
    ...valueChange("identity.password.hash.lanes", old.hash.lanes, now.hash.lanes, "changed"),
  ];
}

function sessionChanges(old: Identity["session"], now: Identity["session"]): readonly Change[] {
  const times = ["idleSeconds", "absoluteSeconds", "accessTokenSeconds"] as const;
  return [
    ...times.flatMap((key) => numberChange(`identity.session.${key}`, old[key], now[key], "looser")),
    ...switchChange("identity.session.single", old.single, now.single, "tighter"),
  ];
}

/** TOTP and WebAuthn protect whoever has them; a telephone and recovery codes are weaker ways past the same gate. */
function factorChanges(old: Identity["factors"], now: Identity["factors"]): readonly Change[] {
  return [
    ...valueChange("identity.factors.totp", old.totp, now.totp, "changed"),
    ...valueChange("identity.factors.webauthn", old.webauthn, now.webauthn, "changed"),
    ...switchChange("identity.factors.phone", old.phone, now.phone, "looser"),
    ...switchChange("identity.factors.recoveryCodes", old.recoveryCodes, now.recoveryCodes, "looser"),
  ];
}

function providerChanges(old: Identity["providers"], now: Identity["providers"]): readonly Change[] {
  return keysOf(old, now).flatMap((name) => {
    const [before, after] = [ownField(old, name), ownField(now, name)];
    const effect = before === undefined ? "looser" : after === undefined ? "tighter" : providerEffect(before, after);
    return valueChange(`identity.providers.${name}`, before, after, effect);
  });
}

/** Where nothing but whose word counts has changed, it can be said which way. */
function providerEffect(before: ProviderPolicy, after: ProviderPolicy): Effect {
  if (before.trustEmail === after.trustEmail) return "changed";
  const isAllElseEqual = canonicalJson({ ...before, trustEmail: after.trustEmail }) === canonicalJson(after);
  if (!isAllElseEqual) return "changed";
  return after.trustEmail ? "looser" : "tighter";
}
