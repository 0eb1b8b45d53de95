import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openVault, type Vault } from "@holdfast/vault";
import { afterEach, beforeEach, expect, test } from "vitest";
import { EMPTY_HEAD } from "../store/chain.ts";
import { vaultHead } from "../store/vault-head.ts";
import type { WaitingEvent } from "./event-queue.ts";
import { vaultSpill } from "./vault-spill.ts";

let directory: string;
let vault: Vault;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "holdfast-spill-"));
  vault = await openVault({ directory: join(directory, "vault") });
});

afterEach(async () => {
  await vault.close();
  await rm(directory, { recursive: true, force: true });
});

const waiting = (count: number): readonly WaitingEvent[] =>
  Array.from({ length: count }, (_, index) => ({
    uid: `uid-${index}`,
    event: { name: "signin.failed", at: index, reason: "x".repeat(200) },
  }));

test("events survive in the vault in order, in as many pieces as they need, and only once", async () => {
  const spill = vaultSpill(vault, "holdfast");
  expect(await spill.read()).toEqual([]);
  const events = waiting(500);
  await spill.write(events);
  expect(await vaultSpill(vault, "other_one").read()).toEqual([]);
  expect(await vaultSpill(vault, "holdfast").read()).toEqual(events);
  await spill.write(events.slice(0, 1));
  expect(await spill.read()).toEqual(events.slice(0, 1));
  await spill.write([]);
  expect(await spill.read()).toEqual([]);
});

test("a head is none until it is sealed, survives a restart, and belongs to one database and log", async () => {
  const head = { seq: 7, hash: "a".repeat(64) };
  expect(await vaultHead(vault, "holdfast", "event").read()).toBeNull();
  await vaultHead(vault, "holdfast", "event").write(EMPTY_HEAD);
  expect(await vaultHead(vault, "holdfast", "event").read()).toEqual(EMPTY_HEAD);
  await vaultHead(vault, "holdfast", "event").write(head);
  await vault.close();
  vault = await openVault({ directory: join(directory, "vault") });
  expect(await vaultHead(vault, "holdfast", "event").read()).toEqual(head);
  expect(await vaultHead(vault, "holdfast", "alert_log").read()).toBeNull();
  expect(await vaultHead(vault, "hold_fast", "event").read()).toBeNull();
});
