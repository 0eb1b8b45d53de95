// No method of the client goes untested: what auth-js offers against what the contract tests name.
import { globSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { offeredMethods } from "../testing/contract.ts";

const folder = fileURLToPath(new URL("..", import.meta.url));
const tested = globSync("**/*.test.ts", { cwd: folder })
  .map((file) => readFileSync(`${folder}/${file}`, "utf8"))
  .flatMap((text) => [...text.matchAll(/\bcontract\(\s*"([A-Za-z0-9.]+)"/g)].map(([, name]) => name));

/** Offered by the client, and not yet by identity. */
const stillToCome: readonly string[] = [
  "signInWithPasskey",
  "registerPasskey",
  "mfa.webauthn.enroll",
  "mfa.webauthn.challenge",
  "mfa.webauthn.verify",
  "mfa.webauthn.authenticate",
  "mfa.webauthn.register",
  "mfa.recoveryCodes.getStatus",
  "mfa.recoveryCodes.generate",
  "mfa.recoveryCodes.verify",
  "mfa.recoveryCodes.regenerate",
  "mfa.recoveryCodes.unenroll",
  "passkey.startRegistration",
  "passkey.verifyRegistration",
  "passkey.startAuthentication",
  "passkey.verifyAuthentication",
  "passkey.list",
  "passkey.update",
  "passkey.delete",
  "admin.passkey.listPasskeys",
  "admin.passkey.deletePasskey",
];

test("every method of the client has a contract test, or is named as still to come", () => {
  const offered = offeredMethods();
  expect(offered.length).toBeGreaterThan(70);
  expect(new Set([...tested, ...stillToCome])).toEqual(new Set(offered));
});

test("what has a contract test is no longer named as still to come", () => {
  expect(stillToCome.filter((name) => tested.includes(name))).toEqual([]);
});
