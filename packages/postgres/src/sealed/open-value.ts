// Opens one sealed value where it stands: its key must be this column's, and tenant, column and row those it was sealed for.
import { type DataKey, envelopeKeyId, isEnvelope, type Keyring, openEnvelope, VaultError } from "@holdfast/vault";
import { dataClassOf, rowText, type SealedColumn, valueContext } from "./sealed-column.ts";

export type OpenedValue =
  /** `subject`: whose value it is, where the key is somebody's own. */
  | { readonly kind: "opened"; readonly text: string; readonly subject: string | null }
  /** Its key was destroyed: nobody can read it any more. */
  | { readonly kind: "destroyed" }
  | { readonly kind: "refused"; readonly reason: string; readonly cause?: unknown };

/** Where it stands: in which column, and by which key of its row. */
export interface ValuePlace {
  readonly column: SealedColumn;
  readonly tenant: string;
  readonly rowKey: unknown;
}

/** The same at once where the key was looked at within the last seconds, otherwise after a look. */
export function openValue(keyring: Keyring, place: ValuePlace, sealed: unknown): OpenedValue | Promise<OpenedValue> {
  if (!Buffer.isBuffer(sealed) || !isEnvelope(sealed)) return { kind: "refused", reason: "not-sealed" };
  const id = envelopeKeyId(sealed).toString("hex");
  const recent = keyring.recent(id);
  return recent === undefined ? openAfterLook(keyring, place, sealed) : openWith(keyring, recent, place, sealed);
}

async function openAfterLook(keyring: Keyring, place: ValuePlace, sealed: Buffer): Promise<OpenedValue> {
  try {
    return openWith(keyring, await keyring.keyOf(envelopeKeyId(sealed).toString("hex")), place, sealed);
  } catch (cause) {
    if (!(cause instanceof VaultError)) throw cause;
    if (cause.code === "vault/key-destroyed") return { kind: "destroyed" };
    return { kind: "refused", reason: cause.code.slice("vault/".length), cause };
  }
}

function openWith(keyring: Keyring, key: DataKey, { column, tenant, rowKey }: ValuePlace, sealed: Buffer): OpenedValue {
  const { purpose, dataClass, subject } = key.scope;
  if (purpose !== "field" || dataClass !== dataClassOf(column)) return { kind: "refused", reason: "other-column" };
  keyring.count(key, "opens");
  // Whose key it is says whose value it was; the row's own column may have changed since.
  const context = valueContext(column, { tenant: subject ?? tenant, row: rowText(column, rowKey) });
  const plain = openEnvelope(key, context, sealed);
  return plain === undefined
    ? { kind: "refused", reason: "changed-or-moved" }
    : { kind: "opened", text: plain.toString("utf8"), subject: subject ?? null };
}
