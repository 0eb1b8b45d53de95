import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { checkSecurity } from "./define-security.ts";
import { smallInputWith } from "./testing/small-input.ts";

const readme = readFileSync(new URL("../README.md", import.meta.url), "utf8");

/** Every place where an author writes an object with fixed keys, and how the README calls it. */
const places: readonly (readonly [readonly string[], string])[] = [
  [["application"], "application"],
  [["platform"], "platform"],
  [["roles", "reader"], "roles.<role>"],
  [["identity"], "identity"],
  [["identity", "password"], "identity.password"],
  [["identity", "session"], "identity.session"],
  [["identity", "factors"], "identity.factors"],
  [["identity", "email"], "identity.email"],
  [["identity", "phone"], "identity.phone"],
  [["identity", "password", "hash"], "identity.password.hash"],
  [["identity", "providers", "google"], "identity.providers.<provider>"],
  [["identity", "oauthServer"], "identity.oauthServer"],
  [["identity", "hosted"], "identity.hosted"],
  [["identity", "lockout"], "identity.lockout"],
  [["tables", "notes"], "tables.<table>"],
  [["tables", "notes", "columns", "until"], "tables.<table>.columns.<column>"],
  [["tables", "notes", "columns", "until", "sealed"], "tables.<table>.columns.<column>.sealed"],
  [["services", "api"], "services.<service>"],
  [["services", "api", "routes", "GET /api/notes"], "services.<service>.routes.<route>"],
  [["sites", "app"], "sites.<site>"],
  [["browser"], "browser"],
  [["monitoring"], "monitoring"],
  [["monitoring", "failedLogins"], "monitoring.failedLogins"],
  [["monitoring", "apiErrors"], "monitoring.apiErrors"],
  [["targets"], "targets"],
  [["continuity"], "continuity"],
  [["continuity", "backups"], "continuity.backups"],
  [["secrets", "stripeKey"], "secrets.<secret>"],
];

/** The keys that are accepted at a place, as the refusal of an unknown one tells them. */
function keysAt(place: readonly string[]): readonly string[] {
  const checked = checkSecurity(smallInputWith([...place, "unheard_of"], 1));
  const issue = "issues" in checked ? checked.issues.find(({ code }) => code === "input/unknown-key") : undefined;
  return issue?.expected.replace("one of ", "").split(", ") ?? [];
}

test("the README's table of keys is exactly the keys there are", () => {
  const groups = new Set(places.map(([, name]) => name));
  const accepted = places
    .flatMap(([place, name]) => keysAt(place).map((key) => `${name}.${key}`))
    .filter((key) => !groups.has(key));
  const documented = [
    ...readme.matchAll(
      /^\| `((?:application|platform|roles|identity|tables|services|sites|browser|monitoring|targets|continuity|secrets)\.[^`]+)` +\|/gm,
    ),
  ].map(([, key]) => key);
  expect(new Set(documented)).toEqual(new Set(accepted));
  expect(documented).toHaveLength(new Set(documented).size);
  expect(keysAt([])).toEqual(
    [...new Set(places.map(([[first]]) => first))].toSorted(
      (left, right) => keysAt([]).indexOf(left ?? "") - keysAt([]).indexOf(right ?? ""),
    ),
  );
});
