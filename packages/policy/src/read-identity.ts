// How people sign in: sign-up, addresses, passwords, sessions, factors and what identity offers to other systems.
import { readExactUrl } from "./exact-url.ts";
import { daySeconds, describeSeconds, readDuration, readInteger } from "./measure.ts";
import { readOrigin } from "./origin.ts";
import type { Policy, RolePolicy } from "./policy.ts";
import { readProviders } from "./read-providers.ts";
import {
  addIssue,
  addUndeclared,
  below,
  Found,
  type Report,
  readBoolean,
  readChoice,
  readNames,
  readObject,
  readOptional,
} from "./report.ts";

type Identity = Policy["identity"];

const minuteSeconds = 60;
const hourSeconds = 3_600;

// ASVS 5.0 V6.2.1 asks for at least 8 characters and recommends 15; V6.2.9 that 64 are possible.
const passwordLength = { min: 8, max: 64, otherwise: 12 };
const idle = { minSeconds: minuteSeconds, maxSeconds: 30 * daySeconds, otherwise: 30 * minuteSeconds };
const absolute = { minSeconds: minuteSeconds, maxSeconds: 90 * daySeconds, otherwise: 12 * hourSeconds };
// An access token cannot be called back before it ends, so its life is short.
const accessToken = { minSeconds: 30, maxSeconds: hourSeconds, otherwise: 10 * minuteSeconds };
const lockoutAttempts = { min: 3, max: 100, otherwise: 10 };
const lockoutWindow = { minSeconds: minuteSeconds, maxSeconds: daySeconds, otherwise: 15 * minuteSeconds };
// ASVS 5.0 V6.5.5: what is sent out of band and signs in lives 10 minutes at most.
const code = { minSeconds: minuteSeconds, maxSeconds: 10 * minuteSeconds, otherwise: 10 * minuteSeconds };
// What only confirms an address may wait longer for whoever reads their mail once a day.
const confirmation = { minSeconds: minuteSeconds, maxSeconds: daySeconds, otherwise: hourSeconds };
const redirectsMax = 32;
const prefixesMax = 256;
// ITU-T E.164 §6.2.1: a country code has three digits at most; four more tell apart those that share one.
const prefixPattern = /^[1-9][0-9]{0,6}$/;
const perCountry = { min: 1, max: 1_000_000, otherwise: 200 };

const keys = [
  "signUp",
  "defaultRoles",
  "email",
  "phone",
  "anonymous",
  "redirects",
  "password",
  "session",
  "factors",
  "passkeys",
  "linking",
  "impersonation",
  "providers",
  "oauthServer",
  "lockout",
  "hosted",
];

/** Everything below `identity`. */
export function readIdentity(
  report: Report,
  value: unknown,
  roles: Readonly<Record<string, RolePolicy>>,
  administrator: string,
): Identity {
  const fields = readOptional(report, "identity", value, keys);
  return {
    signUp: readChoice(report, "identity.signUp", fields.signUp, ["open", "closed"], "closed"),
    defaultRoles: readDefaultRoles(report, fields.defaultRoles, roles, administrator),
    email: readEmail(report, fields.email),
    phone: readPhone(report, fields.phone),
    anonymous: readBoolean(report, "identity.anonymous", fields.anonymous, false),
    redirects: readRedirects(report, fields.redirects),
    password: readPassword(report, fields.password),
    session: readSession(report, fields.session),
    factors: readFactors(report, fields.factors),
    passkeys: readBoolean(report, "identity.passkeys", fields.passkeys, true),
    linking: readBoolean(report, "identity.linking", fields.linking, false),
    impersonation: readBoolean(report, "identity.impersonation", fields.impersonation, false),
    providers: readProviders(report, fields.providers),
    oauthServer: readOauthServer(report, fields.oauthServer),
    lockout: readLockout(report, fields.lockout),
    hosted: readHosted(report, fields.hosted),
  };
}

function readDefaultRoles(
  report: Report,
  value: unknown,
  roles: Readonly<Record<string, RolePolicy>>,
  administrator: string,
): readonly string[] {
  const path = "identity.defaultRoles";
  const names = readNames(report, path, value, Object.keys(roles).length + 1);
  names.forEach((name, index) => {
    const place = below(path, index);
    const role = Object.hasOwn(roles, name) ? roles[name] : undefined;
    if (role === undefined) addUndeclared(report, "role/undeclared", place, name, Object.keys(roles));
    else if (
      role.requires === "aal2" ||
      role.approval ||
      name === administrator ||
      role.includes.includes(administrator)
    ) {
      addIssue(report, "role/default-privileged", place, "an unprivileged role", name);
    }
  });
  return names.toSorted();
}

function readEmail(report: Report, value: unknown): Identity["email"] {
  const path = "identity.email";
  const fields = readOptional(report, path, value, ["confirm", "signIn", "code", "confirmation"]);
  return {
    confirm: readBoolean(report, below(path, "confirm"), fields.confirm, true),
    signIn: readBoolean(report, below(path, "signIn"), fields.signIn, true),
    codeSeconds: readDuration(report, below(path, "code"), fields.code, code.otherwise, code),
    confirmationSeconds: readDuration(
      report,
      below(path, "confirmation"),
      fields.confirmation,
      confirmation.otherwise,
      confirmation,
    ),
  };
}

function readPhone(report: Report, value: unknown): Identity["phone"] {
  const path = "identity.phone";
  const fields = readOptional(report, path, value, ["signIn", "prefixes", "perCountry"]);
  const prefixes = readNames(report, below(path, "prefixes"), fields.prefixes, prefixesMax);
  prefixes.forEach((prefix, index) => {
    const place = below(below(path, "prefixes"), index);
    if (!prefixPattern.test(prefix)) addIssue(report, "input/wrong-type", place, '1 to 7 digits such as "41"', prefix);
  });
  const { min, max, otherwise } = perCountry;
  return {
    signIn: readBoolean(report, below(path, "signIn"), fields.signIn, false),
    prefixes: prefixes.toSorted(),
    perCountry: readInteger(report, below(path, "perCountry"), fields.perCountry, otherwise, min, max),
  };
}

function readRedirects(report: Report, value: unknown): readonly string[] {
  const path = "identity.redirects";
  const urls = readNames(report, path, value, redirectsMax);
  urls.forEach((url, index) => readExactUrl(report, below(path, index), url, "query"));
  return urls.toSorted();
}

function readPassword(report: Report, value: unknown): Identity["password"] {
  const path = "identity.password";
  const fields = readOptional(report, path, value, ["minLength", "breached", "breachRange", "hash"]);
  const { min, max, otherwise } = passwordLength;
  return {
    minLength: readInteger(report, below(path, "minLength"), fields.minLength, otherwise, min, max),
    breached: readChoice(report, below(path, "breached"), fields.breached, ["refuse", "allow"], "refuse"),
    breachRange: readBreachRange(report, below(path, "breachRange"), fields.breachRange),
    hash: readHash(report, below(path, "hash"), fields.hash),
  };
}

/** The first characters of a hash are put behind it. */
function readBreachRange(report: Report, path: string, value: unknown): string | null {
  return value === undefined || value === null ? null : readExactUrl(report, path, value, "no query");
}

// The OWASP Password Storage Cheat Sheet's configurations of argon2id: as much memory with as many passes, or more of both.
const hashFloors = [
  { memoryKib: 47_104, passes: 1 },
  { memoryKib: 19_456, passes: 2 },
  { memoryKib: 12_288, passes: 3 },
  { memoryKib: 9_216, passes: 4 },
  { memoryKib: 7_168, passes: 5 },
];
const memory = { min: 7_168, max: 1_048_576, otherwise: 19_456 };
const passes = { min: 1, max: 32, otherwise: 2 };
const lanes = { min: 1, max: 16, otherwise: 1 };

function readHash(report: Report, path: string, value: unknown): Identity["password"]["hash"] {
  const fields = readOptional(report, path, value, ["memoryKib", "passes", "lanes"]);
  const read = (key: string, range: { min: number; max: number; otherwise: number }): number =>
    readInteger(report, below(path, key), fields[key], range.otherwise, range.min, range.max);
  const hash = { memoryKib: read("memoryKib", memory), passes: read("passes", passes), lanes: read("lanes", lanes) };
  if (!hashFloors.some((floor) => hash.memoryKib >= floor.memoryKib && hash.passes >= floor.passes)) {
    const found = new Found(`${hash.memoryKib} KiB, ${hash.passes} passes`);
    addIssue(report, "identity/hash-weak", path, "at least 19456 KiB with 2 passes, or an equal of it", found);
  }
  return hash;
}

function readSession(report: Report, value: unknown): Identity["session"] {
  const path = "identity.session";
  const fields = readOptional(report, path, value, ["idle", "absolute", "accessToken", "single"]);
  const session = {
    idleSeconds: readDuration(report, below(path, "idle"), fields.idle, idle.otherwise, idle),
    absoluteSeconds: readDuration(report, below(path, "absolute"), fields.absolute, absolute.otherwise, absolute),
    accessTokenSeconds: readDuration(
      report,
      below(path, "accessToken"),
      fields.accessToken,
      accessToken.otherwise,
      accessToken,
    ),
    single: readBoolean(report, below(path, "single"), fields.single, false),
  };
  if (session.accessTokenSeconds > session.idleSeconds || session.idleSeconds > session.absoluteSeconds) {
    const found = [session.accessTokenSeconds, session.idleSeconds, session.absoluteSeconds]
      .map(describeSeconds)
      .join(", ");
    addIssue(report, "identity/session-order", path, "accessToken ≤ idle ≤ absolute", new Found(found));
  }
  return session;
}

function readFactors(report: Report, value: unknown): Identity["factors"] {
  const path = "identity.factors";
  const fields = readOptional(report, path, value, ["totp", "webauthn", "phone", "recoveryCodes"]);
  return {
    totp: readBoolean(report, below(path, "totp"), fields.totp, true),
    webauthn: readBoolean(report, below(path, "webauthn"), fields.webauthn, true),
    // NIST SP 800-63B §3.1.3 restricts codes over the telephone network.
    phone: readBoolean(report, below(path, "phone"), fields.phone, false),
    recoveryCodes: readBoolean(report, below(path, "recoveryCodes"), fields.recoveryCodes, true),
  };
}

function readOauthServer(report: Report, value: unknown): Identity["oauthServer"] {
  const path = "identity.oauthServer";
  const fields = readOptional(report, path, value, ["on", "registration"]);
  return {
    on: readBoolean(report, below(path, "on"), fields.on, false),
    registration: readBoolean(report, below(path, "registration"), fields.registration, false),
  };
}

function readLockout(report: Report, value: unknown): Identity["lockout"] {
  const path = "identity.lockout";
  const fields = readOptional(report, path, value, ["attempts", "window"]);
  const { min, max, otherwise } = lockoutAttempts;
  return {
    attempts: readInteger(report, below(path, "attempts"), fields.attempts, otherwise, min, max),
    windowSeconds: readDuration(report, below(path, "window"), fields.window, lockoutWindow.otherwise, lockoutWindow),
  };
}

function readHosted(report: Report, value: unknown): Identity["hosted"] {
  if (value === undefined || value === null) return null;
  const fields = readObject(report, "identity.hosted", value, ["url"]) ?? {};
  return { url: readOrigin(report, "identity.hosted.url", fields.url, ["https"]) };
}
