// A new service key, whose id is kept so that it can be revoked alone.
import { randomUUID } from "node:crypto";
import type { IdentityContext } from "../identity-context.ts";
import { serviceKeyExpiry, signServiceKey } from "../token/access-token.ts";
import { insertServiceKey } from "./key-store.ts";

/** @param label says what it is for, to whoever looks at the list */
export async function issueServiceKey(context: IdentityContext, label: string): Promise<string> {
  const id = randomUUID();
  const { kid } = context.keys.current();
  const expiresAt = serviceKeyExpiry(context);
  await insertServiceKey(context.database, { id, kid, label, madeAt: context.now(), expiresAt });
  context.emit({ name: "service-key.issued", at: context.now(), service: "identity", detail: { id, kid, label } });
  return await signServiceKey(context, id);
}
