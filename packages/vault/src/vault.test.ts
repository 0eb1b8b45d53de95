import { execFile } from "node:child_process";
import { createCipheriv, randomBytes } from "node:crypto";
import { chmod, mkdtemp, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterEach, beforeEach, expect, test } from "vitest";
import { derivedKey } from "./derived-key.ts";
import { localProvider } from "./keyring/local-provider.ts";
import { openVault } from "./vault.ts";

let directory: string;
let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "holdfast-vault-"));
  directory = join(folder, "vault");
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const code = (promise: Promise<unknown>): Promise<string> =>
  promise.then(
    () => "no error",
    (error: { code?: string }) => error.code ?? String(error),
  );

test("a secret is random, and the same at the next start", async () => {
  const first = await openVault({ directory });
  const [a, b] = [await first.secret("a"), await first.secret("b")];
  expect(a).toMatch(/^[A-Za-z0-9_-]{43}$/);
  expect(a).not.toBe(b);
  await first.close();
  expect(await (await openVault({ directory })).secret("a")).toBe(a);
});

test("two callers who ask for a new secret at once get the same one", async () => {
  const vault = await openVault({ directory });
  const answers = await Promise.all(Array.from({ length: 20 }, () => vault.secret("shared")));
  expect(new Set(answers).size).toBe(1);
});

test("a secret that another process made meanwhile is kept, not replaced", async () => {
  const [one, two] = [await openVault({ directory }), await openVault({ directory })];
  const made = await one.secret("x");
  await two.secret("y");
  expect(await two.secret("x")).toBe(made);
  expect(await one.secret("y")).toBe(await two.secret("y"));
});

test("a replaced secret stays replaced, and a made one can have its own form", async () => {
  const vault = await openVault({ directory });
  expect(await vault.secret("pin", () => "1234")).toBe("1234");
  await vault.replaceSecret("pin", "5678");
  expect(await (await openVault({ directory })).secret("pin", () => "9999")).toBe("5678");
});

test("folder and files are closed to everybody else, and no secret is in them in the clear", async () => {
  const vault = await openVault({ directory });
  const secret = await vault.secret("a");
  expect((await stat(directory)).mode & 0o777).toBe(0o700);
  for (const entry of await readdir(directory, { recursive: true, withFileTypes: true })) {
    const path = join(entry.parentPath, entry.name);
    expect((await stat(path)).mode & 0o777, path).toBe(entry.isDirectory() ? 0o700 : 0o600);
    if (entry.isFile()) expect((await readFile(path, "latin1")).includes(secret)).toBe(false);
  }
  expect((await readdir(directory)).sort()).toEqual(["keyring", "root.key", "sealed.json"]);
});

test("a folder or root key that others may read is refused, and accepted once it is closed", async () => {
  await (await openVault({ directory })).secret("a");
  await chmod(directory, 0o755);
  expect(await code(openVault({ directory }))).toBe("vault/directory-permissions");
  await chmod(directory, 0o700);
  await chmod(join(directory, "root.key"), 0o640);
  expect(await code(openVault({ directory }))).toBe("vault/root-key-permissions");
  await chmod(join(directory, "root.key"), 0o600);
  expect(await code(openVault({ directory }))).toBe("no error");
});

test("every flipped bit of a sealed value is refused, and the file is left as it is", async () => {
  const secret = await (await openVault({ directory })).secret("a");
  const path = join(directory, "sealed.json");
  const intact = await readFile(path, "utf8");
  const sealed = Buffer.from(JSON.parse(intact).secrets.a, "base64url");
  for (let byte = 0; byte < sealed.length; byte += 1) {
    const flipped = Buffer.from(sealed);
    flipped[byte] = (flipped[byte] as number) ^ (1 << (byte % 8));
    await writeFile(path, JSON.stringify({ format: 2, secrets: { a: flipped.toString("base64url") } }));
    expect(await code(openVault({ directory }))).toBe("vault/sealed-file-damaged");
  }
  await writeFile(path, intact);
  expect(await (await openVault({ directory })).secret("a")).toBe(secret);
});

test("a sealed value does not open under another name, and another root key opens nothing", async () => {
  const vault = await openVault({ directory });
  await vault.secret("a");
  const path = join(directory, "sealed.json");
  const file = JSON.parse(await readFile(path, "utf8"));
  await writeFile(path, JSON.stringify({ ...file, secrets: { b: file.secrets.a } }));
  expect(await code(openVault({ directory }))).toBe("vault/sealed-file-damaged");
  await writeFile(path, JSON.stringify(file));
  await writeFile(join(directory, "root.key"), Buffer.alloc(32, 7));
  expect(await code(openVault({ directory }))).toBe("vault/sealed-file-damaged");
  await rm(join(directory, "sealed.json"));
  const other = await openVault({ directory });
  expect(await code(other.secret("a"))).toBe("vault/key-damaged");
});

test("a new secret leaves the others sealed as they are, and refuses to be written beside one that no longer opens", async () => {
  const vault = await openVault({ directory, isThrowaway: true });
  await vault.secret("a");
  await vault.secret("b");
  const path = join(directory, "sealed.json");
  const before = JSON.parse(await readFile(path, "utf8"));
  await vault.replaceSecret("b", "another");
  const after = JSON.parse(await readFile(path, "utf8"));
  expect(after.secrets.a).toBe(before.secrets.a);
  expect(after.secrets.b).not.toBe(before.secrets.b);
  const damaged = JSON.stringify({ ...after, secrets: { ...after.secrets, a: before.secrets.b } });
  await writeFile(path, damaged);
  expect(await code(vault.replaceSecret("b", "a third"))).toBe("vault/sealed-file-damaged");
  expect(await readFile(path, "utf8")).toBe(damaged);
});

test("a truncated, emptied or foreign sealed file is refused", async () => {
  await (await openVault({ directory })).secret("a");
  const path = join(directory, "sealed.json");
  const intact = await readFile(path, "utf8");
  for (const content of [
    "",
    intact.slice(0, -20),
    "[]",
    "null",
    '{"format":3,"secrets":{}}',
    '{"format":2,"secrets":{"a":5}}',
    '{"format":1,"secrets":{"a":"AAAA"}}',
  ]) {
    await writeFile(path, content);
    expect(await code(openVault({ directory })), content).toBe("vault/sealed-file-damaged");
  }
});

test("a lost or cut root key is refused while sealed secrets exist, and nothing is overwritten", async () => {
  await (await openVault({ directory })).secret("a");
  const key = join(directory, "root.key");
  const intact = await readFile(key);
  await writeFile(key, intact.subarray(1));
  expect(await code(openVault({ directory }))).toBe("vault/root-key-damaged");
  await rm(key);
  expect(await code(openVault({ directory }))).toBe("vault/root-key-missing");
  expect((await readdir(directory)).sort()).toEqual(["keyring", "sealed.json"]);
});

test("what cannot be read or written is told by its code", async () => {
  await writeFile(join(folder, "file"), "");
  expect(await code(openVault({ directory: join(folder, "file", "vault") }))).toBe("vault/directory-unwritable");
  expect(await code(openVault({ directory: "/proc/holdfast/vault" }))).toBe("vault/directory-unwritable");
  const vault = await openVault({ directory });
  await vault.secret("a");
  await rm(join(directory, "sealed.json"));
  await (await import("node:fs/promises")).mkdir(join(directory, "sealed.json"));
  expect(await code(openVault({ directory }))).toBe("vault/sealed-file-unreadable");
  await rm(join(directory, "root.key"));
  await (await import("node:fs/promises")).mkdir(join(directory, "root.key"));
  expect(await code(openVault({ directory }))).toBe("vault/root-key-unreadable");
});

test("a bad name or value and a closed vault are refused; good ones are not", async () => {
  const vault = await openVault({ directory });
  for (const name of ["", "A", "../x", "a b", "x".repeat(129)])
    expect(await code(vault.secret(name))).toBe("vault/secret-name-invalid");
  for (const value of ["", "x".repeat(65_537), "\ud800"]) {
    expect(await code(vault.replaceSecret("a", value))).toBe("vault/secret-value-invalid");
  }
  expect(await code(vault.replaceSecret("smtp/password:main-1.2_x", "ok"))).toBe("no error");
  await vault.close();
  expect(await code(vault.secret("a"))).toBe("vault/closed");
});

test("a prototype's name is a secret like any other", async () => {
  const vault = await openVault({ directory });
  expect(await vault.secret("constructor")).toMatch(/^[A-Za-z0-9_-]{43}$/);
});

test("a file of the first format opens, and is sealed anew by the keyring", async () => {
  const vault = await openVault({ directory });
  await vault.close();
  const rootKey = await readFile(join(directory, "root.key"));
  const iv = randomBytes(12);
  const cipher = createCipheriv("aes-256-gcm", derivedKey(rootKey, "secrets"), iv);
  cipher.setAAD(Buffer.from("a"));
  const ciphertext = Buffer.concat([cipher.update("old secret"), cipher.final()]);
  const sealed = Buffer.concat([iv, cipher.getAuthTag(), ciphertext]).toString("base64url");
  const path = join(directory, "sealed.json");
  await writeFile(path, JSON.stringify({ format: 1, secrets: { a: sealed } }), { mode: 0o600 });
  expect(await (await openVault({ directory })).secret("a")).toBe("old secret");
  expect(JSON.parse(await readFile(path, "utf8"))).toMatchObject({ format: 2 });
  expect(await (await openVault({ directory })).secret("a")).toBe("old secret");
});

test("secrets are sealed anew under another key, and the one before can then be destroyed", async () => {
  const vault = await openVault({ directory });
  const secret = await vault.secret("a");
  const [first] = await vault.keyring.list();
  await vault.resealSecrets();
  await vault.keyring.destroy(first?.id as string);
  expect(await (await openVault({ directory })).secret("a")).toBe(secret);
  expect((await vault.keyring.list()).map(({ version, state }) => [version, state])).toEqual([[2, "active"]]);
});

test("with a passphrase the root key lies on the disk sealed only, and nothing opens without it", async () => {
  const passphrase = "a horse that staples batteries";
  const secret = await (await openVault({ directory })).secret("a");
  const plain = await readFile(join(directory, "root.key"));
  expect(await (await openVault({ directory, passphrase })).secret("a")).toBe(secret);
  expect((await readFile(join(directory, "root.key"))).includes(plain)).toBe(false);
  expect(await (await openVault({ directory, passphrase })).secret("a")).toBe(secret);
  expect(await code(openVault({ directory }))).toBe("vault/passphrase-missing");
  expect(await code(openVault({ directory, passphrase: `${passphrase}!` }))).toBe("vault/passphrase-wrong");
  const short = openVault({ directory: join(folder, "other"), passphrase: "short" });
  expect(await code(short)).toBe("vault/passphrase-wrong");
});

test("a vault inside a git work tree is refused until git ignores it, and again once a file of it is tracked", async () => {
  const git = (...args: string[]) => promisify(execFile)("git", args, { cwd: folder });
  await git("init", "--quiet");
  expect(await code(openVault({ directory }))).toBe("vault/inside-work-tree");
  expect(await readdir(folder)).toEqual([".git"]);
  await writeFile(join(folder, ".gitignore"), "vault/\n");
  expect(await code(openVault({ directory }))).toBe("no error");
  await git("add", "--force", "vault/root.key");
  expect(await code(openVault({ directory }))).toBe("vault/inside-work-tree");
});

test("what another process has put in the place of a secret is seen by who asks for the latest, and by nobody else", async () => {
  const [one, other] = [await openVault({ directory }), await openVault({ directory })];
  const before = await one.secret("shared");
  expect(await other.secret("shared")).toBe(before);
  await one.replaceSecret("shared", "after");
  expect(await other.secret("shared")).toBe(before);
  expect(await other.latestSecret("shared")).toBe("after");
  expect(await other.latestSecret("unknown")).toBeUndefined();
});

test("events of a process that records none are told by the next one that does, once", async () => {
  const command = await openVault({ directory });
  await command.secret("a");
  await command.keyring.rotate({ purpose: "secrets", dataClass: "vault" });
  await command.close();
  const server = await openVault({ directory });
  const told: string[] = [];
  server.onKeyEvent(({ name }) => told.push(name));
  await Promise.all([server.gatherKeyEvents(), server.gatherKeyEvents()]);
  expect(told).toEqual(["key.made", "key.made", "key.rotated", "key.used"]);
});

test("a vault that another provider guards from now on opens as before, and its root key goes", async () => {
  const notes = { purpose: "field", dataClass: "public.notes.body" } as const;
  const local = await openVault({ directory });
  const [secret, sealed] = [await local.secret("a"), await local.keyring.seal(notes, {}, Buffer.from("text"))];
  const provider = { ...localProvider(randomBytes(32)), guardedBy: "another root" };
  const guarded = await openVault({ directory, provider });
  expect(await guarded.secret("a")).toBe(secret);
  expect((await guarded.keyring.open({}, sealed)).toString()).toBe("text");
  expect((await guarded.keyring.list()).map(({ guardedBy }) => guardedBy)).toEqual(["another root", "another root"]);
  expect(await readdir(directory)).not.toContain("root.key");
  expect(await code(openVault({ directory }))).toBe("vault/root-key-missing");
});
