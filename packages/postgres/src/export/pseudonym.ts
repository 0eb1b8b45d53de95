// Stand-ins for what must not leave: the same value gets the same one in the whole export, so that rows still belong together, and without
// the run's key nobody gets from one to the other (HMAC-SHA-256, RFC 2104).
import { createHmac } from "node:crypto";
import { ENVELOPE_BYTES, ENVELOPE_START, KEY_ID_BYTES } from "@holdfast/vault";
import type { MaskedColumn } from "./masked-table.ts";

/** Wherever it stands: as a word, behind `user_`, in the middle of a path. */
export const UUID = /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/giu;
/** What reads as an address in running text. */
const ADDRESS = /[^\s@<>"'(),;:]+@[^\s@<>"'(),;:]+\.[^\s@<>"'(),;:]+/gu;
/** RFC 2606 §2: never anybody's. */
const NOBODYS_HOST = "masked.invalid";
const TOKEN_CHARACTERS = 16;

export class Pseudonyms {
  readonly #key: Buffer;

  constructor(key: Buffer) {
    this.#key = key;
  }

  /** One column of one row. Text of a column without a mask keeps its words, but no id and no address in it. */
  valueOf(column: MaskedColumn, value: string | null): string | null {
    if (value === null) return null;
    if (column.type === "uuid") return this.uuid(value);
    if (column.type === "sealed") return this.sealed(value);
    switch (column.mask) {
      case null:
        return column.type === "text" || column.type === "jsonb" ? this.#withoutNames(value) : value;
      case "email":
        return this.address(value);
      case "last4":
        return this.token(value);
      case "redact":
        return column.type === "text" ? this.token(value) : column.nullable ? null : (EMPTY[column.type] ?? value);
      case "year":
        return yearOf(value);
    }
  }

  uuid(value: string): string {
    const digits = this.#digest("uuid", value.toLowerCase()).toString("hex").slice(0, 32).split("");
    // RFC 9562 §5.8: version 8, made by whoever makes it.
    digits[12] = "8";
    digits[16] = "8";
    return digits.join("").replace(/^(.{8})(.{4})(.{4})(.{4})/, "$1-$2-$3-$4-");
  }

  address(value: string): string {
    return `${this.token(value.toLowerCase())}@${NOBODYS_HOST}`;
  }

  token(value: string): string {
    return `t${this.#digest("text", value).toString("hex").slice(0, TOKEN_CHARACTERS)}`;
  }

  /** As long as an empty sealed value, and naming no key: what was in it opens under the deployment's keys only, which do not leave. */
  sealed(value: string): string {
    const filler = Buffer.alloc(ENVELOPE_BYTES - ENVELOPE_START.length - KEY_ID_BYTES, this.#digest("sealed", value));
    return `\\x${Buffer.concat([Buffer.from(ENVELOPE_START), Buffer.alloc(KEY_ID_BYTES), filler]).toString("hex")}`;
  }

  #withoutNames(text: string): string {
    return text.replaceAll(UUID, (id) => this.uuid(id)).replaceAll(ADDRESS, (address) => this.address(address));
  }

  #digest(kind: string, value: string): Buffer {
    return createHmac("sha256", this.#key).update(`${kind}\0${value}`).digest();
  }
}

/** For columns that may not be null and have nothing to show. */
const EMPTY: Readonly<Record<string, string>> = {
  integer: "0",
  bigint: "0",
  numeric: "0",
  boolean: "false",
  date: "2000-01-01",
  timestamptz: "2000-01-01T00:00:00Z",
  jsonb: "{}",
};

const yearOf = (value: string): string => {
  const [year] = /^\d{4}(?=-\d\d-\d\d(?!.*BC))/.exec(value) ?? [];
  return `${year ?? "2000"}-01-01`;
};
