// What an operator does with the keys of identity: looks at them, rotates, and revokes one that leaked.
import type { IdentityContext } from "../identity-context.ts";
import { type Caller, emitEvent } from "../request/caller.ts";
import { announceEnded, tokensEndAt } from "../session/end-sessions.ts";
import {
  countSessionsRefreshed,
  endServiceKeys,
  endSessionsRefreshed,
  type KnownKey,
  keepKey,
  listKeys,
  revokeKey,
} from "./key-store.ts";

const millisecondsPerSecond = 1000;

export interface KeyView extends KnownKey {
  readonly state: "current" | "retired" | "revoked";
  /** Sessions that hold an access token of this key now. */
  readonly sessions: number;
}

/**
 * Reads which keys are believed. A current key that another process of this vault has retired makes way for that one's; one that was
 * revoked elsewhere is replaced at once: nobody believes it. False while the vault does not hold the new one yet.
 */
export async function learnKeys(context: IdentityContext): Promise<boolean> {
  const now = context.now();
  const known = await listKeys(context.database, now);
  const { kid } = context.keys.current();
  const isRetired = known.some((key) => key.publicKey.kid === kid && (key.retiredAt ?? key.revokedAt) !== null);
  const isReloaded = isRetired && (await context.keys.reload());
  const isReplaced = await adoptKeys(context, known);
  if (isReloaded) {
    const detail = { kid: context.keys.current().kid, before: kid };
    context.emit({ name: "signing-key.rotated", at: now, service: "identity", reason: "learned", detail });
  }
  if (isReloaded || isReplaced) await context.onKeysChanged();
  return !isRetired || isReloaded || isReplaced;
}

async function adoptKeys(context: IdentityContext, known: readonly KnownKey[]): Promise<boolean> {
  const { keys, rules } = context;
  const now = context.now();
  const believed = known.filter((key) => rules.believesKey(key, now)).map(({ publicKey }) => publicKey);
  const isBelieved = new Set(believed.map(({ kid }) => kid));
  const refused = known.filter((key) => key.revokedAt !== null && !isBelieved.has(key.publicKey.kid));
  const kids = new Set(refused.map(({ publicKey }) => publicKey.kid));
  const isRefused = kids.has(keys.current().kid);
  if (isRefused) await keys.rotate((made) => keepKey(context.database, made, null, now));
  await keys.learn(believed, kids);
  return isRefused;
}

/** Makes the current key known to every instance, and learns theirs. */
export async function registerKeys(context: IdentityContext): Promise<void> {
  await keepKey(context.database, context.keys.currentPublicKey(), null, context.now());
  await learnKeys(context);
}

/** When access tokens that are alive now were signed by the key: from, to. */
function span(context: IdentityContext, key: KnownKey): readonly [from: number, to: number] {
  const oldest = context.now() - context.policy.identity.session.accessTokenSeconds * millisecondsPerSecond;
  return [Math.max(oldest, key.madeAt), key.retiredAt ?? context.now()];
}

export async function viewKeys(context: IdentityContext): Promise<readonly KeyView[]> {
  const views: KeyView[] = [];
  for (const key of await listKeys(context.database, context.now())) {
    const state = key.revokedAt !== null ? "revoked" : key.retiredAt !== null ? "retired" : "current";
    const [from, to] = span(context, key);
    const sessions = state === "revoked" || from > to ? 0 : await countSessionsRefreshed(context.database, from, to);
    views.push({ ...key, state, sessions });
  }
  return views;
}

/** A new key signs from now on. Tokens of the one before are believed until the last of them has run out. */
export async function rotateKeys(context: IdentityContext, caller: Caller): Promise<void> {
  const before = context.keys.current().kid;
  await context.keys.rotate((made, old) => keepKey(context.database, made, old, context.now()));
  await learnKeys(context);
  const detail = { kid: context.keys.current().kid, before };
  emitEvent(context, caller, "signing-key.rotated", { reason: "operator", detail });
  await context.onKeysChanged();
}

export interface KeyRevocation {
  /** Sessions whose access token is refused from now on. */
  readonly sessions: number;
  /** Whether those sessions ended. Otherwise they go on with their next refresh: no refresh token is made with a signing key. */
  readonly areSessionsEnded: boolean;
  readonly serviceKeys: number;
}

/**
 * Refuses every token of a key from now on, and revokes the service keys that it signed. When it is the current one, another
 * signs first. Null when there is no such key, or it is revoked already.
 */
export async function revokeSigningKey(
  context: IdentityContext,
  caller: Caller,
  kid: string,
  endsSessions: boolean,
): Promise<KeyRevocation | null> {
  const known = (await viewKeys(context)).find(({ publicKey }) => publicKey.kid === kid);
  if (known === undefined || known.state === "revoked") return null;
  if (context.keys.current().kid === kid) {
    await context.keys.rotate((made, old) => keepKey(context.database, made, old, context.now()));
  }
  const [from, to] = span(context, known);
  const until = tokensEndAt(context);
  const done = await context.database.transaction(async (database) => {
    if (!(await revokeKey(database, kid, context.now()))) return null;
    const serviceKeys = await endServiceKeys(database, { kid }, context.now());
    const sessions = endsSessions ? await endSessionsRefreshed(database, from, to, context.now(), until) : [];
    return { serviceKeys, sessions };
  });
  if (done === null) return null;
  await learnKeys(context);
  announceServiceKeys(context, caller, done.serviceKeys, "signing-key-revoked");
  announceEnded(context, caller, done.sessions, "signing-key-revoked");
  const revocation = { sessions: known.sessions, areSessionsEnded: endsSessions, serviceKeys: done.serviceKeys.length };
  emitEvent(context, caller, "signing-key.revoked", { reason: "operator", detail: { kid, ...revocation } });
  await context.onKeysChanged();
  return revocation;
}

/** Long after any service key has run out. */
const serviceKeyEndsMs = 366 * 86_400_000;

function announceServiceKeys(
  context: IdentityContext,
  caller: Caller,
  ids: readonly string[],
  reason: "operator" | "signing-key-revoked",
): void {
  if (ids.length === 0) return;
  context.onSessionEnded([...ids], context.now() + serviceKeyEndsMs);
  for (const id of ids) emitEvent(context, caller, "service-key.revoked", { reason, detail: { id } });
}

/** False when there is no such service key that could be used. */
export async function revokeServiceKey(context: IdentityContext, caller: Caller, id: string): Promise<boolean> {
  const ids = await endServiceKeys(context.database, { id }, context.now());
  announceServiceKeys(context, caller, ids, "operator");
  return ids.length > 0;
}
