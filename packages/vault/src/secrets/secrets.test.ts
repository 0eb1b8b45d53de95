// Secrets that somebody gives: leases, changes, outages and age, with sources that really are there.
import { mkdir, mkdtemp, rename, rm, symlink, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { openVault } from "../vault.ts";
import { signAwsRequest } from "./aws-signature.ts";
import { awsSource } from "./aws-source.ts";
import { environmentSource } from "./environment-source.ts";
import { fileSource } from "./file-source.ts";
import { forgetHidden, hideSecret, withoutSecrets } from "./redaction.ts";
import { openSecrets, type SecretDeclaration, type SecretEvent } from "./secrets.ts";
import { vaultSource } from "./vault-source.ts";

let folder: string;
let now = 1_800_000_000_000;
const undo: (() => void)[] = [];
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "holdfast-secrets-"));
});
afterEach(async () => {
  for (const step of undo.splice(0)) step();
  forgetHidden();
  await rm(folder, { recursive: true, force: true });
});

const leaseMs = 60_000;
const declared = (source: SecretDeclaration["source"], at: string, more = {}): SecretDeclaration => ({
  source,
  at,
  leaseSeconds: 60,
  rotateSeconds: null,
  ...more,
});

async function room(declarations: Readonly<Record<string, SecretDeclaration>>, environment = {}) {
  const vault = await openVault({ directory: join(folder, "vault"), isThrowaway: true } as never);
  const events: SecretEvent[] = [];
  const failures: unknown[] = [];
  const secrets = openSecrets({
    declarations,
    sources: {
      vault: vaultSource(vault, () => now),
      environment: environmentSource(environment),
      file: fileSource(),
      aws: awsSource({ environment, now: () => now }),
    },
    now: () => now,
    emit: (event) => events.push(event),
    onFailure: (cause) => failures.push(cause),
    everyMs: 0,
  });
  return { secrets, events, failures, vault };
}

test("a value is used for its lease, and then the one that took its place is, without a restart", async () => {
  const at = join(folder, "key");
  await writeFile(at, "first-value\n", { mode: 0o600 });
  const { secrets, events } = await room({ key: declared("file", at) });
  const told: string[] = [];
  secrets.onChange("key", (value) => void told.push(value));
  expect(await secrets.read("key")).toBe("first-value");
  await writeFile(at, "second-value\n");
  now += leaseMs - 1;
  expect(await secrets.read("key")).toBe("first-value");
  now += 1;
  await secrets.renew();
  expect([await secrets.read("key"), told]).toEqual(["second-value", ["second-value"]]);
  expect(events.map(({ name, detail }) => [name, detail])).toEqual([
    ["secret.changed", { name: "key", source: `file ${at}` }],
  ]);
  expect(JSON.stringify(events)).not.toContain("value");
});

test("a hook that fails is told, and keeps no other from the new value", async () => {
  const at = join(folder, "key");
  await writeFile(at, "first-value", { mode: 0o600 });
  const { secrets, failures } = await room({ key: declared("file", at) });
  const told: string[] = [];
  secrets.onChange("key", () => {
    throw new Error("no");
  });
  secrets.onChange("key", async (value) => void told.push(value));
  await secrets.read("key");
  await writeFile(at, "second-value");
  now += leaseMs;
  await secrets.renew();
  expect([told, failures.length]).toEqual([["second-value"], 1]);
});

test("a source that cannot be asked is an event once; the value lasts one more lease, and then nobody gets it", async () => {
  const at = join(folder, "key");
  await writeFile(at, "first-value", { mode: 0o600 });
  const { secrets, events } = await room({ key: declared("file", at) });
  await secrets.read("key");
  await rm(at);
  await mkdir(at);
  now += leaseMs;
  expect(await secrets.read("key")).toBe("first-value");
  now += leaseMs - 1;
  expect(await secrets.read("key")).toBe("first-value");
  now += 1;
  await expect(secrets.read("key")).rejects.toMatchObject({ code: "vault/secret-unavailable" });
  expect(events.map(({ name }) => name)).toEqual(["secret.unavailable"]);
  await rm(at, { recursive: true });
  await writeFile(at, "back-again", { mode: 0o600 });
  expect(await secrets.read("key")).toBe("back-again");
});

test("one that is older than the policy lets it become is an event once, and is listed as overdue until it is replaced", async () => {
  const { secrets, events } = await room({ key: declared("vault", "key", { rotateSeconds: 86_400 }) });
  await secrets.write("key", "a-value-of-today");
  expect((await secrets.states())[0]).toMatchObject({ state: "held", changedAt: now });
  now += 86_400_001;
  await secrets.renew();
  now += leaseMs;
  await secrets.renew();
  expect(events.map(({ name }) => name)).toEqual(["secret.overdue"]);
  expect((await secrets.states())[0]?.state).toBe("overdue");
  await secrets.write("key", "a-value-of-tomorrow");
  expect((await secrets.states())[0]?.state).toBe("held");
});

test("many who read at once ask once, and what is not declared or not there is said so", async () => {
  const { secrets } = await room(
    { key: declared("environment", "KEY"), none: declared("environment", "NONE"), given: declared("vault", "given") },
    { KEY: "from-the-environment", NONE: "" },
  );
  expect(new Set(await Promise.all(Array.from({ length: 20 }, () => secrets.read("key"))))).toEqual(
    new Set(["from-the-environment"]),
  );
  expect(await secrets.read("none")).toBeUndefined();
  await expect(secrets.require("none")).rejects.toMatchObject({ code: "vault/secret-missing" });
  await expect(secrets.require("given")).rejects.toThrow("holdfast secrets set given");
  await expect(secrets.read("other")).rejects.toMatchObject({ code: "vault/secret-undeclared" });
  await expect(secrets.read("constructor")).rejects.toMatchObject({ code: "vault/secret-undeclared" });
  await expect(secrets.write("key", "x".repeat(20))).rejects.toMatchObject({ code: "vault/secret-read-only" });
});

test("what was given to the vault is sealed there, and found by another process that has it open", async () => {
  const one = await room({ smtpUrl: declared("vault", "smtpUrl") });
  const other = await room({ smtpUrl: declared("vault", "smtpUrl") });
  expect(await other.secrets.read("smtpUrl")).toBeUndefined();
  await one.secrets.write("smtpUrl", "smtps://u:p@mail.example");
  now += leaseMs;
  expect(await other.secrets.read("smtpUrl")).toBe("smtps://u:p@mail.example");
});

test("a Secret that Kubernetes swaps is read as the old one or as the new one, never as half of either", async () => {
  const version = async (name: string, value: string) => {
    await mkdir(join(folder, name));
    await writeFile(join(folder, name, "key"), value, { mode: 0o644 });
    await symlink(name, join(folder, `${name}.link`));
    await rename(join(folder, `${name}.link`), join(folder, "..data"));
  };
  await version("..2026_1", "one".repeat(1000));
  await symlink("..data/key", join(folder, "key"));
  const source = fileSource();
  const seen = new Set<string>();
  let isOver = false;
  const reading = (async () => {
    while (!isOver) seen.add((await source.read(join(folder, "key")))?.value ?? "none");
  })();
  for (let count = 2; count < 40; count += 1) {
    await version(`..2026_${count}`, (count % 2 === 0 ? "two" : "one").repeat(1000));
    await rm(join(folder, `..2026_${count - 1}`), { recursive: true });
  }
  isOver = true;
  await reading;
  expect([...seen].toSorted()).toEqual(["one".repeat(1000), "two".repeat(1000)]);
});

test.each([
  ["that others may write", "value", 0o666],
  ["that is empty", "\n", 0o600],
  ["that is no text", Buffer.from([0xff, 0xfe, 0xfd]), 0o600],
  ["that is too large", "x".repeat(70_000), 0o600],
])("a file %s is no secret", async (_what, content, mode) => {
  const at = join(folder, "key");
  await writeFile(at, content);
  await (await import("node:fs/promises")).chmod(at, mode);
  await expect(fileSource().read(at)).rejects.toMatchObject({ code: "vault/secret-unavailable" });
});

test("a file that is not there is none", async () => {
  expect(await fileSource().read(join(folder, "none"))).toBeUndefined();
});

test("a request to AWS is signed as its own example says", () => {
  const signed = signAwsRequest(
    {
      url: new URL("https://example.amazonaws.com/"),
      region: "us-east-1",
      service: "service",
      headers: { "content-type": "application/x-www-form-urlencoded" },
      body: "Param1=value1",
      at: Date.parse("2015-08-30T12:36:00Z"),
    },
    { accessKeyId: "AKIDEXAMPLE", secretAccessKey: "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY" },
  );
  expect(signed["authorization"]).toContain("Credential=AKIDEXAMPLE/20150830/us-east-1/service/aws4_request");
  expect(signed["authorization"]).toContain("ff11897932ad3f4e8b18135d722051e5ac45fc38421b1da7b9d196a0fe09473a");
});

test("AWS that says no, says nothing or says nonsense is told without what it said", async () => {
  let answer: { status: number; body: string } = { status: 200, body: "" };
  const server = createServer((_request, response) => response.writeHead(answer.status).end(answer.body));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  undo.push(() => server.close());
  const environment = {
    AWS_REGION: "eu-central-1",
    AWS_ACCESS_KEY_ID: "AKID",
    AWS_SECRET_ACCESS_KEY: "key",
    AWS_ENDPOINT_URL_SECRETS_MANAGER: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
  };
  const source = awsSource({ environment, now: () => now });
  answer = { status: 200, body: JSON.stringify({ SecretString: "a-secret", CreatedDate: 1_700_000_000.5 }) };
  expect(await source.read("content/key")).toEqual({ value: "a-secret", changedAt: 1_700_000_000_500 });
  answer = { status: 400, body: JSON.stringify({ __type: "com.amazonaws#ResourceNotFoundException" }) };
  expect(await source.read("content/key")).toBeUndefined();
  for (const [status, body] of [
    [400, JSON.stringify({ __type: "AccessDeniedException", Message: "canary-canary" })],
    [500, "canary-canary"],
    [200, JSON.stringify({ SecretBinary: "canary-canary" })],
  ] as const) {
    answer = { status, body };
    const failed = await source.read("content/key").catch((error: Error) => error);
    expect(failed).toMatchObject({ code: "vault/secret-unavailable" });
    expect(String((failed as Error).stack)).not.toContain("canary");
  }
  const nowhere = awsSource({
    environment: { ...environment, AWS_ENDPOINT_URL_SECRETS_MANAGER: "http://aws.example/" },
    now: () => now,
  });
  await expect(nowhere.read("x")).rejects.toThrow("not https");
  await expect(awsSource({ environment: {}, now: () => now }).read("x")).rejects.toThrow("AWS_REGION");
});

test("what was read as a secret is taken out of a text in every form in which it travels, and nothing else is", async () => {
  const secret = 'smtps://user:p%40ss"word-17@mail.example:465';
  const forms = [
    secret,
    JSON.stringify(secret),
    encodeURIComponent(secret),
    btoa(secret),
    Buffer.from(secret).toString("base64url"),
    "p%40ss%22word-17",
    'p@ss"word-17',
  ];
  const text = forms.map((form) => `connecting with ${form} failed`).join("\n");
  expect(withoutSecrets(text)).toBe(text);
  const { secrets } = await room({ smtpUrl: declared("environment", "SMTP") }, { SMTP: secret });
  await secrets.read("smtpUrl");
  const clean = withoutSecrets(text);
  for (const form of ["p%40ss", "p@ss", btoa(secret).slice(0, 30)]) expect(clean).not.toContain(form);
  expect(clean).toContain("connecting with <secret smtpUrl> failed");
  hideSecret("short", "short");
  expect(withoutSecrets("a short sentence")).toBe("a short sentence");
});

test("a secret too short to be kept out of logs is neither written nor used; one of eight characters is", async () => {
  const { secrets, events } = await room(
    { short: declared("environment", "SHORT"), long: declared("environment", "LONG"), own: declared("vault", "own") },
    { SHORT: "7-chars", LONG: "8-chars!" },
  );
  await expect(secrets.read("short")).rejects.toMatchObject({ code: "vault/secret-too-short" });
  expect(events).toMatchObject([{ name: "secret.unavailable", detail: { name: "short" } }]);
  await expect(secrets.write("own", "7-chars")).rejects.toMatchObject({ code: "vault/secret-too-short" });
  expect(await secrets.read("own")).toBeUndefined();
  expect(await secrets.read("long")).toBe("8-chars!");
  await secrets.write("own", "8-chars?");
  expect(await secrets.read("own")).toBe("8-chars?");
  const states = await secrets.states();
  expect(Object.fromEntries(states.map(({ name, state }) => [name, state]))).toEqual({
    short: "unavailable",
    long: "held",
    own: "held",
  });
});
