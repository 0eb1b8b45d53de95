// A subject's keys are destroyed, then a backup of the time before is restored: their values stay closed, everybody else's open.
import { randomUUID } from "node:crypto";
import { cp } from "node:fs/promises";
import { join } from "node:path";
import { openVault, type Vault } from "@holdfast/vault";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type BackupRoom, openBackupRoom } from "../testing/backup-room.ts";

const SETUP_MS_MAX = 60_000;
const [her, him] = [randomUUID(), randomUUID()];
let room: BackupRoom;
let vault: Vault;

beforeAll(async () => {
  room = await openBackupRoom();
  vault = await openVault({ directory: join(room.folder, "vault") });
  await room.client.query("create table letter (owner_id uuid primary key, body bytea not null)");
  for (const owner of [her, him]) {
    const scope = { purpose: "field", dataClass: "public.letter.body", subject: owner } as const;
    const body = await vault.keyring.seal(scope, { row: owner }, Buffer.from(`of ${owner}`));
    await room.client.query("insert into letter values ($1, $2)", [owner, body]);
  }
}, SETUP_MS_MAX);
afterAll(async () => {
  await vault.close();
  await room.close();
});

const opened = ({ keyring }: Vault, row: string, body: Buffer): Promise<string> =>
  keyring.open({ row }, body).then(
    (plain) => plain.toString(),
    (error: { code?: string }) => error.code ?? String(error),
  );

test(
  "a restored backup brings no destroyed key back; a copy of the vault's folder does, which is why there is none in a backup",
  async () => {
    const archiver = room.archiver();
    await room.backup();
    await room.archived(archiver);
    await cp(join(room.folder, "vault"), join(room.folder, "copied"), { recursive: true });
    expect(await vault.keyring.shred(her)).toBe(1);
    await room.restore("restored");
    const bodies = await room.ask("restored", async (client) => {
      const { rows } = await client.query<{ owner_id: string; body: Buffer }>("select owner_id, body from letter");
      return new Map(rows.map((row) => [row.owner_id, row.body]));
    });
    const read = (from: Vault, owner: string) => opened(from, owner, bodies.get(owner) as Buffer);
    expect(await read(vault, her)).toBe("vault/key-destroyed");
    expect(await read(vault, him)).toBe(`of ${him}`);
    const copied = await openVault({ directory: join(room.folder, "copied") });
    expect(await read(copied, her)).toBe(`of ${her}`);
    await copied.close();
  },
  SETUP_MS_MAX,
);
