import { gatewaySteps } from "@holdfast/gateway";
import { identityRules } from "@holdfast/identity";
import { checks } from "@holdfast/probes";
import { expect, test } from "vitest";
import { ChangeableParts, isChangeable } from "./changeable-parts.ts";

test("a rule decides carelessly while its hole is made, and soundly before and after", () => {
  const parts = new ChangeableParts();
  const decide = () => parts.identityRules.mayRedeemAgain();
  expect(decide()).toBe(identityRules.mayRedeemAgain());
  parts.change({ identityRules: { mayRedeemAgain: () => true } });
  expect(decide()).toBe(true);
  expect(parts.identityRules.revealsUnknownAccounts()).toBe(identityRules.revealsUnknownAccounts());
  parts.restore();
  expect(decide()).toBe(false);
});

test("a step that was taken away lets everything pass, and refuses again afterwards", () => {
  const parts = new ChangeableParts();
  const isPassing = (): boolean => {
    const framing = parts.gatewaySteps.find((step) => step.name === "framing");
    const raw = {
      httpVersion: "1.1",
      method: "GET",
      rawHeaders: ["content-length", "1"],
      headers: { "content-length": "1" },
    };
    return framing?.run({ raw } as never) === undefined;
  };
  expect(parts.gatewaySteps.map(({ name, when }) => ({ name, when }))).toEqual(
    gatewaySteps.map(({ name, when }) => ({ name, when })),
  );
  expect(isPassing()).toBe(false);
  parts.change({ gatewaySteps: gatewaySteps.filter((step) => step.name !== "framing") });
  expect(isPassing()).toBe(true);
  parts.restore();
  expect(isPassing()).toBe(false);
});

test("holes in the database, in the policy and in what is decided at boot need a deployment of their own", () => {
  const own = new Set(
    checks.flatMap(({ sabotage: { hole, name } }) => (isChangeable(hole) ? [] : [`${hole.kind} ${name}`])),
  );
  const kinds = new Set([...own].map((text) => text.split(" ")[0]));
  expect(kinds).toEqual(new Set(["outputs", "twin", "pool", "sql", "policy", "database", "without-step"]));
  expect([...own].filter((text) => text.startsWith("without-step"))).toEqual(["without-step without-headers"]);
});
