// What is shown of a value that is masked: the same text as the compiled view gives in PostgreSQL, for answers, logs and exports. Pure.
// A mask never fails and never lets a value through: what it does not understand becomes the mask alone.
import type { Scalar } from "../condition.ts";
import type { ColumnType, Mask } from "../policy.ts";

export const masks: readonly Mask[] = ["email", "last4", "redact", "year"];

/** Column types each mask is made for; a masked value has the column's own type, or is null. */
export const maskTypes: Readonly<Record<Mask, readonly ColumnType[]>> = {
  email: ["text"],
  last4: ["text"],
  redact: ["text", "uuid", "integer", "bigint", "boolean", "timestamptz", "date", "numeric", "jsonb"],
  year: ["date", "timestamptz"],
};

export const HIDDEN = "***";
export const REDACTED = "[redacted]";
/** Shorter values would be known by four characters. */
export const LAST4_LENGTH_MIN = 8;

/** The value as whoever may not see it sees it. */
export function maskValue(mask: Mask, type: ColumnType, value: Scalar | null): Scalar | null {
  if (value === null) return null;
  switch (mask) {
    case "email":
      return typeof value === "string" ? maskedAddress(value) : HIDDEN;
    case "last4": {
      const characters = [...String(value)];
      return characters.length >= LAST4_LENGTH_MIN ? `${HIDDEN}${characters.slice(-4).join("")}` : HIDDEN;
    }
    case "redact":
      return type === "text" ? REDACTED : null;
    case "year":
      return typeof value === "string" ? firstOfYear(type, value) : null;
  }
}

/** The first character and the host: enough to recognise one's own, too little to write to it. */
function maskedAddress(value: string): string {
  const at = value.lastIndexOf("@");
  const [first = ""] = at > 0 ? [...value] : [];
  return at > 0 ? `${first}${HIDDEN}${value.slice(at)}` : HIDDEN;
}

const DATE = /^(\d{4,})-\d\d-\d\d( BC)?$/;

/** Midnight of the first of January; in UTC where there is a time. What has no year that JavaScript and PostgreSQL agree on is not shown. */
function firstOfYear(type: ColumnType, value: string): string | null {
  if (type === "date") {
    const [, year, era = ""] = DATE.exec(value) ?? [];
    return year === undefined ? null : `${year}-01-01${era}`;
  }
  const moment = Date.parse(value);
  const year = Number.isNaN(moment) ? 0 : new Date(moment).getUTCFullYear();
  return year >= 1 && year <= 9_999 ? `${String(year).padStart(4, "0")}-01-01T00:00:00Z` : null;
}
