import { randomBytes } from "node:crypto";
import { cp, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { openKeyring } from "./file-keyring.ts";
import type { KeyEvent } from "./key-uses.ts";
import type { Keyring } from "./keyring.ts";
import { localProvider } from "./local-provider.ts";

let folder: string;
let now: number;
let events: KeyEvent[];
const rootKey = randomBytes(32);

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "holdfast-keyring-"));
  now = 1_700_000_000_000;
  events = [];
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const open = (directory = join(folder, "keyring"), key = rootKey): Keyring =>
  openKeyring({ directory, provider: localProvider(key), now: () => now, emit: (event) => events.push(event) });

const code = (promise: Promise<unknown>): Promise<string> =>
  promise.then(
    () => "no error",
    (error: { code?: string }) => error.code ?? String(error),
  );

const notes = { purpose: "field", dataClass: "public.notes.body" } as const;
const hers = { ...notes, subject: "her" } as const;
const place = { row: "1" };
const text = Buffer.from("text");

test("a scope has one key, made once and the same for every process", async () => {
  const keyrings = [open(), open(), open()];
  const keys = await Promise.all(keyrings.map((keyring) => keyring.dataKey(notes)));
  expect(new Set(keys.map(({ id }) => id)).size).toBe(1);
  expect(keys.every(({ key }) => key.equals(keys[0]?.key as typeof key))).toBe(true);
  expect(events.filter(({ name }) => name === "key.made")).toHaveLength(1);
});

test("every purpose, class and subject has a key of its own, and no key lies on the disk in the clear", async () => {
  const keyring = open();
  const scopes = [notes, hers, { ...notes, subject: "him" }, { ...notes, dataClass: "x" }];
  const keys = await Promise.all(
    [...scopes, { ...notes, purpose: "backup" as const }].map((scope) => keyring.dataKey(scope)),
  );
  const materials = keys.map(({ key }) => key.export());
  expect(new Set(materials.map((bytes) => bytes.toString("hex"))).size).toBe(5);
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const content = await readFile(join(entry.parentPath, entry.name));
    for (const bytes of materials) {
      expect(content.includes(bytes) || content.includes(bytes.toString("base64url"))).toBe(false);
    }
  }
});

test("after a rotation the new key seals, the old one still opens, and another process follows within seconds", async () => {
  const [here, there] = [open(), open()];
  const before = await there.seal(notes, place, text);
  const rotated = await here.rotate(notes);
  expect(rotated.version).toBe(2);
  expect(await here.open(place, before)).toEqual(text);
  expect((await here.list()).map(({ state }) => state)).toEqual(["decrypt-only", "active"]);
  now += 6_000;
  expect((await there.dataKey(notes)).id).toBe(rotated.id);
});

test("a revoked key is refused and no older one takes its place; a destroyed one cannot be brought back", async () => {
  const [here, there] = [open(), open()];
  const sealed = await here.seal(notes, place, text);
  const { id } = await here.dataKey(notes);
  await there.revoke(id);
  now += 6_000;
  expect(await code(here.open(place, sealed))).toBe("vault/key-revoked");
  expect((await here.dataKey(notes)).version).toBe(2);
  await here.revoke((await here.dataKey(notes)).id);
  expect((await here.dataKey(notes)).version).toBe(3);
  await here.destroy(id);
  expect(await code(here.open(place, sealed))).toBe("vault/key-destroyed");
  expect((await here.list()).map(({ version, state }) => [version, state])).toEqual([
    [2, "revoked"],
    [3, "active"],
  ]);
});

test("shredding a subject destroys all keys of theirs and of nobody else, for good, in every process", async () => {
  const [here, there] = [open(), open()];
  const [hersSealed, ours] = [await there.seal(hers, place, text), await there.seal(notes, place, text)];
  await here.dataKey({ ...hers, dataClass: "public.notes.title" });
  expect(await here.shred("her")).toBe(2);
  expect(await here.shred("her")).toBe(0);
  now += 6_000;
  for (const keyring of [here, there, open()]) {
    expect(await code(keyring.open(place, hersSealed))).toBe("vault/key-destroyed");
    expect(await code(keyring.dataKey(hers))).toBe("vault/key-destroyed");
    expect(await keyring.open(place, ours)).toEqual(text);
  }
  expect(await here.isShredded("her")).toBe(true);
  expect((await here.list()).some(({ subject }) => subject === "her")).toBe(false);
});

test("a shredding that was cut short is finished by the next one, and until then nothing new is sealed", async () => {
  const keyring = open();
  await keyring.dataKey(hers);
  const holder = (await keyring.dataKey(hers)).id.slice(0, 16);
  await writeFile(join(folder, "keyring", holder, "shredded"), "{}");
  expect(await code(open().rotate(hers))).toBe("vault/key-destroyed");
  expect(await open().list()).toEqual([]);
});

test("a key's file that was moved to another scope, version or subject, or changed, does not open", async () => {
  const keyring = open();
  const [from, to] = [await keyring.dataKey(hers), await keyring.dataKey({ ...hers, subject: "him" })];
  const file = ({ id }: { id: string }) => join(folder, "keyring", id.slice(0, 16), id.slice(16, 32), "1.json");
  const own = await readFile(file(to), "utf8");
  await cp(file(from), file(to));
  expect(await code(open().keyOf(to.id))).toBe("vault/key-damaged");
  const forged = JSON.parse(await readFile(file(from), "utf8"));
  await writeFile(file(to), JSON.stringify({ ...forged, subject: "him" }));
  expect(await code(open().keyOf(to.id))).toBe("vault/key-damaged");
  await writeFile(file(to), "not JSON");
  expect(await code(open().keyOf(to.id))).toBe("vault/key-damaged");
  await writeFile(file(to), own);
  expect(await code(open().keyOf(to.id))).toBe("no error");
  expect(await code(open(undefined, randomBytes(32)).keyOf(to.id))).toBe("vault/key-damaged");
});

test("what was changed, moved or never sealed is refused with an event; unknown keys and bad scopes as well", async () => {
  const keyring = open();
  const sealed = await keyring.seal(notes, place, text);
  expect(await code(keyring.open({ row: "2" }, sealed))).toBe("vault/value-refused");
  expect(await code(keyring.open(place, Buffer.from("plain text")))).toBe("vault/value-refused");
  expect(await code(keyring.keyOf("0".repeat(40)))).toBe("vault/key-unknown");
  expect(await code(keyring.keyOf("../../root.key"))).toBe("vault/key-unknown");
  expect(await code(keyring.dataKey({ ...notes, dataClass: "../x" }))).toBe("vault/key-scope-invalid");
  expect(await code(keyring.dataKey({ ...notes, purpose: "other" as never }))).toBe("vault/key-scope-invalid");
  expect(events.filter(({ name }) => name === "key.refused").map(({ reason }) => reason)).toEqual([
    "value-refused",
    "value-refused",
    "key-unknown",
  ]);
});

test("uses are told once for each key and period, with how many there were", async () => {
  const keyring = open();
  for (let count = 0; count < 500; count += 1) await keyring.open(place, await keyring.seal(notes, place, text));
  expect(events.filter(({ name }) => name === "key.used")).toEqual([]);
  now += 60_000;
  await keyring.seal(notes, place, text);
  keyring.tellUses();
  const told = events.filter(({ name }) => name === "key.used").map(({ detail }) => [detail["seals"], detail["opens"]]);
  expect(told).toEqual([
    [500, 500],
    [1, 0],
  ]);
});

test("uses of the keys of many subjects are told together, with how many keys there were", async () => {
  const keyring = open();
  for (const subject of ["her", "him", "her"]) await keyring.seal({ ...notes, subject }, place, text);
  await keyring.seal(notes, place, text);
  keyring.tellUses();
  const told = events.filter(({ name }) => name === "key.used").map(({ detail }) => [detail["keys"], detail["seals"]]);
  expect(told).toEqual([
    [2, 3],
    [undefined, 1],
  ]);
});

test("a wrapper wraps other keys under a key of the ring, bound to their context", async () => {
  const backup = open().wrapper({ purpose: "backup", dataClass: "cluster" });
  const key = randomBytes(32);
  const wrapped = await backup.wrap(key, { backup: "1" });
  expect(await backup.unwrap(wrapped, { backup: "1" })).toEqual(key);
  expect(await code(backup.unwrap(wrapped, { backup: "2" }))).toBe("vault/value-refused");
});

test("a closed keyring gives nothing any more", async () => {
  const keyring = open();
  const { id } = await keyring.dataKey(notes);
  keyring.forget();
  expect(await code(keyring.dataKey(notes))).toBe("vault/closed");
  expect(await code(keyring.keyOf(id))).toBe("vault/closed");
  expect(keyring.recent(id)).toBeUndefined();
});

test("a subject without a name is nobody: it has no keys to destroy, and those of the deployment stay", async () => {
  const keyring = open();
  const key = await keyring.dataKey({ purpose: "secrets", dataClass: "vault" });
  for (const nameless of ["", "x".repeat(129)]) {
    expect(await code(keyring.shred(nameless))).toBe("vault/key-scope-invalid");
    expect(await code(keyring.isShredded(nameless))).toBe("vault/key-scope-invalid");
  }
  expect((await open().keyOf(key.id)).id).toBe(key.id);
});
