// The keyring in files: wrapped keys lie beside the root key and never in the database, so that no backup of the database brings
// a destroyed key back.
import { createSecretKey, randomBytes } from "node:crypto";
import type { SealContext } from "../envelope/context.ts";
import { envelopeKeyId, isEnvelope, openEnvelope, sealEnvelope } from "../envelope/envelope.ts";
import type { VaultError } from "../error.ts";
import { type KeyFiles, type KeyVersion, keyFiles, type StoredKey } from "./key-files.ts";
import { idOf, placeOf } from "./key-id.ts";
import type { KeyProvider, KeyWrapper } from "./key-provider.ts";
import { closedVault, destroyedSubject, placedKey, unusableKey, valueRefused } from "./key-refusals.ts";
import { checkScope, checkSubject, holderOf, type KeyScope, scopeNameOf, wrapContext } from "./key-scope.ts";
import { type KeyEvent, KeyUses } from "./key-uses.ts";
import type { DataKey, KeyRecord, Keyring } from "./keyring.ts";

export interface KeyringOptions {
  readonly directory: string;
  readonly provider: KeyProvider;
  readonly now: () => number;
  readonly emit: (event: KeyEvent) => void;
}

const KEY_BYTES = 32;
/** After so many milliseconds it is looked up again whether another process revoked, rotated or destroyed a key. */
const TRUSTED_MS = 5_000;
const KEYS_MAX = 2_000;

interface Kept {
  readonly key: DataKey;
  readonly wrapped: string;
  checkedAt: number;
}

export function openKeyring(options: KeyringOptions): Keyring {
  return new FileKeyring(options);
}

class FileKeyring implements Keyring {
  readonly provider: KeyProvider;
  readonly #files: KeyFiles;
  readonly #now: () => number;
  readonly #emit: (event: KeyEvent) => void;
  readonly #uses: KeyUses;
  /** By id. */
  readonly #kept = new Map<string, Kept>();
  /** By holder and scope: the id of the version that seals. */
  readonly #current = new Map<string, { readonly id: string; readonly checkedAt: number }>();
  #isClosed = false;

  constructor({ directory, provider, now, emit }: KeyringOptions) {
    this.provider = provider;
    this.#files = keyFiles(directory);
    this.#now = now;
    this.#emit = emit;
    this.#uses = new KeyUses(emit, now);
  }

  async dataKey(scope: KeyScope): Promise<DataKey> {
    checkScope(scope);
    this.#requireOpen();
    const place = placeOf(scope);
    const current = this.#current.get(place);
    if (current !== undefined && this.#isFresh(current.checkedAt)) {
      const key = this.recent(current.id);
      if (key !== undefined) return key;
    }
    const versions = await this.#files.versions(holderOf(scope.subject), scopeNameOf(scope));
    const active = versions.find(({ state }) => state === "active");
    if (active?.stored === undefined) return this.#make(scope, (versions.at(-1)?.version ?? 0) + 1);
    return this.#use(place, await this.#unwrapped(active.stored));
  }

  #use(place: string, key: DataKey): DataKey {
    this.#current.delete(place);
    this.#current.set(place, { id: key.id, checkedAt: this.#now() });
    if (this.#current.size > KEYS_MAX) this.#current.delete(this.#current.keys().next().value as string);
    return key;
  }

  async #make(scope: KeyScope, version: number): Promise<DataKey> {
    const holder = holderOf(scope.subject);
    if (await this.#files.isShredded(holder)) throw this.#refused(destroyedSubject(scope), scope);
    const material = randomBytes(KEY_BYTES);
    const wrapped = await this.provider.wrap(material, wrapContext(scope, version));
    material.fill(0);
    const stored: StoredKey = {
      format: 1,
      purpose: scope.purpose,
      dataClass: scope.dataClass,
      ...(scope.subject === undefined ? {} : { subject: scope.subject }),
      version,
      madeAt: this.#now(),
      guardedBy: this.provider.guardedBy,
      wrapped: wrapped.toString("base64url"),
    };
    if (await this.#files.create(stored)) this.#tell("key.made", stored);
    // What lies on the disk counts: another process may have made this version first.
    const versions = await this.#files.versions(holder, scopeNameOf(scope));
    const active = versions.find(({ state }) => state === "active");
    if (active?.stored === undefined) throw this.#refused(destroyedSubject(scope), scope);
    return this.#use(placeOf(scope), await this.#unwrapped(active.stored));
  }

  async #unwrapped(stored: StoredKey): Promise<DataKey> {
    const id = idOf(stored, stored.version);
    const kept = this.#kept.get(id);
    if (kept?.wrapped === stored.wrapped) {
      kept.checkedAt = this.#now();
      return kept.key;
    }
    const scope: KeyScope = {
      purpose: stored.purpose,
      dataClass: stored.dataClass,
      ...(stored.subject === undefined ? {} : { subject: stored.subject }),
    };
    const material = await this.provider.unwrap(
      Buffer.from(stored.wrapped, "base64url"),
      wrapContext(scope, stored.version),
    );
    const key: DataKey = {
      id,
      idBytes: Buffer.from(id, "hex"),
      scope,
      version: stored.version,
      key: createSecretKey(material),
    };
    material.fill(0);
    this.#kept.set(id, { key, wrapped: stored.wrapped, checkedAt: this.#now() });
    if (this.#kept.size > KEYS_MAX) this.#kept.delete(this.#kept.keys().next().value as string);
    return key;
  }

  recent(id: string): DataKey | undefined {
    const kept = this.#kept.get(id);
    return kept !== undefined && this.#isFresh(kept.checkedAt) ? kept.key : undefined;
  }

  #isFresh(checkedAt: number): boolean {
    const age = this.#now() - checkedAt;
    return age >= 0 && age < TRUSTED_MS;
  }

  async keyOf(id: string): Promise<DataKey> {
    this.#requireOpen();
    const recent = this.recent(id);
    if (recent !== undefined) return recent;
    const { holder, scope, version } = placedKey(id);
    const found = (await this.#files.versions(holder, scope)).find((candidate) => candidate.version === version);
    if (found?.state === "active" || found?.state === "decrypt-only") return this.#unwrapped(found.stored as StoredKey);
    this.#kept.delete(id);
    const isGone = found?.state === "destroyed" || (found === undefined && (await this.#files.isShredded(holder)));
    throw this.#refused(unusableKey(id, isGone ? "destroyed" : found?.state), undefined, id);
  }

  count(key: DataKey, use: "seals" | "opens"): void {
    this.#uses.count(key.id, key.scope, use);
  }

  async seal(scope: KeyScope, context: SealContext, plain: Uint8Array): Promise<Buffer> {
    const key = await this.dataKey(scope);
    this.count(key, "seals");
    return sealEnvelope(key, context, plain);
  }

  async open(context: SealContext, sealed: Uint8Array): Promise<Buffer> {
    if (!isEnvelope(sealed)) throw this.#refused(valueRefused("something that is not a sealed value"));
    const key = await this.keyOf(envelopeKeyId(sealed).toString("hex"));
    this.count(key, "opens");
    const plain = openEnvelope(key, context, sealed);
    if (plain !== undefined) return plain;
    throw this.#refused(valueRefused("one that was changed or moved"), key.scope, key.id);
  }

  wrapper(scope: KeyScope): KeyWrapper {
    return {
      wrap: (key, context) => this.seal(scope, context, key),
      unwrap: (wrapped, context) => this.open(context, wrapped),
    };
  }

  async list(): Promise<readonly KeyRecord[]> {
    const records: KeyRecord[] = [];
    for (const { version, state, stored } of await this.#everyVersion()) {
      if (stored === undefined) continue;
      const { purpose, dataClass, subject, madeAt, guardedBy } = stored;
      const whose = subject === undefined ? {} : { subject };
      records.push({ id: idOf(stored, version), purpose, dataClass, ...whose, version, state, madeAt, guardedBy });
    }
    return records;
  }

  async #everyVersion(): Promise<readonly KeyVersion[]> {
    const versions: KeyVersion[] = [];
    for (const holder of await this.#files.holders()) {
      if (await this.#files.isShredded(holder)) {
        await this.#files.shred(holder); // Finishes one that was cut short.
        continue;
      }
      for (const scope of await this.#files.scopes(holder))
        versions.push(...(await this.#files.versions(holder, scope)));
    }
    return versions;
  }

  async rotate(scope: KeyScope): Promise<DataKey> {
    checkScope(scope);
    const versions = await this.#files.versions(holderOf(scope.subject), scopeNameOf(scope));
    const key = await this.#make(scope, (versions.at(-1)?.version ?? 0) + 1);
    this.#emit({ name: "key.rotated", at: this.#now(), detail: { ...describe(scope), version: key.version } });
    return key;
  }

  async revoke(id: string): Promise<void> {
    const { holder, scope, version } = placedKey(id);
    await this.#required(id);
    await this.#files.revoke(holder, scope, version);
    this.#drop(id);
    this.#emit({ name: "key.revoked", at: this.#now(), detail: { key: id } });
  }

  async destroy(id: string): Promise<void> {
    const { holder, scope, version } = placedKey(id);
    await this.#required(id);
    await this.#files.destroy(holder, scope, version);
    this.#drop(id);
    this.#emit({ name: "key.shredded", at: this.#now(), detail: { key: id, keys: 1 } });
  }

  async #required(id: string): Promise<void> {
    const { holder, scope, version } = placedKey(id);
    const versions = await this.#files.versions(holder, scope);
    if (!versions.some((candidate) => candidate.version === version)) throw unusableKey(id, undefined);
  }

  #drop(id: string): void {
    this.#kept.delete(id);
    this.#current.clear();
  }

  async shred(subject: string): Promise<number> {
    checkSubject(subject);
    const holder = holderOf(subject);
    const keys = await this.#files.shred(holder);
    for (const [id, { key }] of this.#kept) if (key.scope.subject === subject) this.#kept.delete(id);
    this.#current.clear();
    this.#emit({ name: "key.shredded", at: this.#now(), detail: { subject, keys } });
    return keys;
  }

  async isShredded(subject: string): Promise<boolean> {
    checkSubject(subject);
    return this.#files.isShredded(holderOf(subject));
  }

  hasKeys(subject: string): Promise<boolean> {
    return this.#files.hasKeys(holderOf(subject));
  }

  async takeOver(before: KeyProvider): Promise<number> {
    let taken = 0;
    for (const { stored } of await this.#everyVersion()) {
      if (stored === undefined || stored.guardedBy !== before.guardedBy) continue;
      const context = wrapContext(stored, stored.version);
      const material = await before.unwrap(Buffer.from(stored.wrapped, "base64url"), context);
      const wrapped = (await this.provider.wrap(material, context)).toString("base64url");
      material.fill(0);
      await this.#files.rewrap({ ...stored, guardedBy: this.provider.guardedBy, wrapped });
      taken += 1;
    }
    return taken;
  }

  tellUses(): void {
    this.#uses.tell();
  }

  #requireOpen(): void {
    if (this.#isClosed) throw closedVault();
  }

  forget(): void {
    this.#uses.tell();
    this.#isClosed = true;
    this.#kept.clear();
    this.#current.clear();
  }

  #tell(name: KeyEvent["name"], { version, ...scope }: StoredKey): void {
    this.#emit({ name, at: this.#now(), detail: { ...describe(scope), version } });
  }

  #refused(error: VaultError, scope?: KeyScope, key?: string): VaultError {
    const detail = { ...(scope === undefined ? {} : describe(scope)), ...(key === undefined ? {} : { key }) };
    this.#emit({ name: "key.refused", at: this.#now(), reason: error.code.slice("vault/".length), detail });
    return error;
  }
}

const describe = ({ purpose, dataClass }: Pick<KeyScope, "purpose" | "dataClass">): Record<string, string> => ({
  purpose,
  dataClass,
});
