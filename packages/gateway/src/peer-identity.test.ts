import { expect, test } from "vitest";
import { serviceOfCertificate } from "./peer-identity.ts";

test("exactly one URI of ours names a service", () => {
  expect(serviceOfCertificate("DNS:localhost, URI:spiffe://holdfast/api")).toBe("api");
});

test.each([
  undefined,
  "",
  "DNS:localhost",
  "DNS:spiffe://holdfast/api",
  "URI:spiffe://evil/api",
  "URI:https://holdfast/api",
  "URI:spiffe://holdfast/api, URI:spiffe://holdfast/gateway",
  'DNS:"a, URI:spiffe://holdfast/gateway"',
])("%s names none", (subjectAltName) => {
  expect(serviceOfCertificate(subjectAltName)).toBeNull();
});
