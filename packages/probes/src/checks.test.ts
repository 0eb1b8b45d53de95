import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { controls, eventKinds, type Policy } from "@holdfast/policy";
import { describe, expect, test } from "vitest";
import { attackList } from "./attack-list.ts";
import { checkById, checks } from "./checks.ts";
import { toyPolicy } from "./testing/toy-edge.ts";
import { checkFile, checkVersion } from "./version.ts";

const OWN_WORDS = [
  "data-keys",
  "secrets-at-rest",
  "address-spelling",
  "secret-canary",
  "breached-password",
  "provider-unavailable",
  "provider-link",
  "acting-changes",
  "acting-too-long",
  "acting-without-reason",
  "role-old-session",
  "flow-code",
  "poisoned-link",
  "outdated-link",
  "mailed-code",
  "message-limits",
  "account-removal",
  "deleted-account-keys",
  "stale-sign-in",
  "address-change",
  "anonymous-person",
  "backup-recovery-point",
  "backup-restore",
  "backup-share",
  "body-ids",
  "acting-as-others",
  "claims-forged",
  "database-impostor",
  "database-performance",
  "database-transport",
  "mail-scanner",
  "redirect-not-named",
  "sign-up-attempt",
  "foreign-key",
  "matrix-pages",
  "passkey-counter",
  "passkey-person",
  "passkey-place",
  "passkey-replay",
  "path-ids",
  "pool-overload",
  "recovery-code",
  "replica-reads",
  "removed-factor",
  "ended-session-rows",
  "masked-columns",
  "audit-log",
  "parallel-refresh",
  "revoked-key",
  "role-approved-alone",
  "role-approved-twice",
  "role-removed",
  "role-without-approval",
  "sign-in-timing",
  "threshold-alert",
];
const list = readFileSync(new URL("./testdata/attack-list/attacks.tsv", import.meta.url), "utf8")
  .trim()
  .split("\n")
  .map((line) => line.split("\t"));

describe("the list of checks", () => {
  test("every check is of the attack list or one of our own words, with the list's own references", () => {
    for (const check of checks) {
      const row = list.find(([id]) => id === check.id);
      if (OWN_WORDS.includes(check.id)) expect(row).toBeUndefined();
      else expect([check.id, check.asvs.join(","), check.wstg.join(",")]).toEqual(row);
      expect(
        check.asvs.every((id) => /^V\d+\.\d+\.\d+$/u.test(id)) &&
          check.wstg.every((id) => /^WSTG-[A-Z]+-\d\d$/u.test(id)),
        check.id,
      ).toBe(true);
    }
  });

  test("the attack list in the source is the one we were given", () => {
    expect(Object.entries(attackList).map(([id, { asvs, wstg }]) => [id, asvs.join(","), wstg.join(",")])).toEqual(
      list,
    );
  });

  test("at least 40 attacks of the list are checks, from every group that exists so far", () => {
    const ids = checks.map((check) => check.id).filter((id) => !OWN_WORDS.includes(id));
    expect(ids.length).toBeGreaterThanOrEqual(40);
    const groups = new Set(ids.map((id) => id.split("-")[0]));
    expect([...groups].sort()).toEqual([
      "AZ",
      "BRW",
      "CRY",
      "DOS",
      "INJ",
      "JWT",
      "LOG",
      "MFA",
      "NET",
      "OAU",
      "RL",
      "RLS",
      "SEC",
      "SES",
      "XSS",
    ]);
  });

  test("every id is unique, every file of the folder is listed and every listed check has its file", () => {
    expect(new Set(checks.map((check) => check.id)).size).toBe(checks.length);
    const files = readdirSync(new URL("./checks/", import.meta.url)).sort();
    expect(files).toEqual(checks.map((check) => `${check.id.toLowerCase()}.ts`).sort());
  });

  test("a control asks for exactly the checks that exist", () => {
    const asked = new Set(controls.flatMap((control) => control.checks));
    expect([...asked].sort()).toEqual(checks.map((check) => check.id).sort());
  });

  test("every sabotage has a name and a sentence, and one name is one hole", () => {
    const holes = new Map<string, unknown>();
    for (const { id, sabotage } of checks) {
      expect(sabotage.name, id).toMatch(/^[a-z0-9]+(-[a-z0-9]+)+$/u);
      expect(sabotage.sentence, id).toMatch(/\.$/u);
      const text = JSON.stringify(sabotage.hole, (_, value: unknown) =>
        typeof value === "function" ? String(value) : value,
      );
      expect(holes.get(sabotage.name) ?? text, `${id}: ${sabotage.name}`).toBe(text);
      holes.set(sabotage.name, text);
    }
  });

  test("a hole made of SQL has a statement, one made of a policy changes it", () => {
    const { notes } = toyPolicy.tables;
    const body = {
      type: "text",
      nullable: false,
      writable: true,
      sealed: { blindIndex: false, subject: null },
    } as const;
    const contact = {
      type: "text",
      nullable: true,
      writable: true,
      masked: { mask: "email", unmaskedFor: { kind: "nobody" } },
    } as const;
    const columns = { ...notes?.columns, body, contact };
    const sealed = { ...toyPolicy, tables: { notes: { ...notes, columns, audited: true } } } as Policy;
    for (const { id, sabotage } of checks) {
      const { hole } = sabotage;
      if (hole.kind === "sql") expect(hole.statements(sealed).length, id).toBeGreaterThan(0);
      if (hole.kind === "policy") expect(hole.change(toyPolicy), id).not.toEqual(toyPolicy);
    }
  });

  test("every promised event is in the vocabulary", () => {
    for (const check of checks)
      for (const event of check.events) expect(event in eventKinds, `${check.id}: ${event}`).toBe(true);
  });

  test("a title says what must not work, in one sentence", () => {
    for (const check of checks) expect(check.title, check.id).toMatch(/^[A-Z].*\.$/u);
  });

  test("a check that moves the clock comes last", () => {
    expect(checks.at(-1)?.id).toBe("JWT-06");
    expect(checkById("JWT-06")?.company).toBe("alone");
    expect(checkById("JWT-99")).toBeUndefined();
  });
});

describe("the version of a check", () => {
  test("is the hash of its own file's text, and so different for each", () => {
    const versions = checks.map((check) => checkVersion(check.id));
    expect(new Set(versions).size).toBe(checks.length);
    expect(versions[0]).toBe(
      createHash("sha256")
        .update(readFileSync(checkFile(checks[0]?.id ?? "")))
        .digest("hex"),
    );
  });
});
