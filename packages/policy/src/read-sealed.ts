// Sealed columns: what may be sealed, whose it is, and whether equal values may be found.
import type { Columns } from "./condition-scope.ts";
import { ownField } from "./own-field.ts";
import type { ColumnPolicy, ColumnType, SealedPolicy } from "./policy.ts";
import { addIssue, below, type Fields, Found, type Report, readBoolean, readObject } from "./report.ts";

/** Values of few kinds, such as yes and no, would be told apart by their length or their index; numbers and times are compared. */
const sealableTypes: readonly ColumnType[] = ["text", "jsonb"];
const keyTypes: readonly ColumnType[] = ["uuid", "text", "integer", "bigint"];

/** The column that holds the blind index of a sealed one. */
export const indexColumnOf = (column: string): string => `${column}_index`;

/** Undefined where the column is not sealed. */
export function readSealed(report: Report, path: string, value: unknown, type: ColumnType): SealedPolicy | undefined {
  if (value === undefined || value === false) return undefined;
  const fields: Fields =
    value === true ? {} : (readObject(report, path, value, ["blindIndex", "subject"], "true or an object") ?? {});
  const blindIndex = readBoolean(report, below(path, "blindIndex"), fields.blindIndex, false);
  if (!sealableTypes.includes(type) || (blindIndex && type !== "text"))
    addIssue(report, "sealed/type", path, blindIndex ? "a column of type text" : "text or jsonb", new Found(type));
  const { subject } = fields;
  if (subject !== undefined && typeof subject !== "string")
    addIssue(report, "input/wrong-type", below(path, "subject"), "the name of a column", subject);
  if (subject !== undefined && blindIndex)
    addIssue(report, "sealed/subject-indexed", path, "either a subject or a blind index", new Found("both"));
  return { blindIndex, subject: typeof subject === "string" ? subject : null };
}

/** What can be said only once every column and the primary key are known. */
export function checkSealed(report: Report, path: string, columns: Columns, primaryKey: string): void {
  for (const [name, { sealed }] of Object.entries(columns)) {
    if (sealed === undefined) continue;
    const place = below(below(below(path, "columns"), name), "sealed");
    checkKey(report, place, name, ownField(columns, primaryKey), primaryKey);
    const index = indexColumnOf(name);
    if (sealed.blindIndex && (ownField(columns, index) !== undefined || index.length > nameCharactersMax))
      addIssue(report, "sealed/index-name", place, "a name with room for the blind index beside it", new Found(index));
    if (sealed.subject === null) continue;
    const subject = ownField(columns, sealed.subject);
    if (subject?.type === "uuid" && !subject.nullable) continue;
    addIssue(
      report,
      "sealed/subject",
      below(place, "subject"),
      "a declared uuid column that is not null",
      sealed.subject,
    );
  }
}

const nameCharactersMax = 63;

function checkKey(report: Report, path: string, name: string, key: ColumnPolicy | undefined, keyName: string): void {
  if (name === keyName) addIssue(report, "sealed/primary-key", path, "a column that is not the primary key", name);
  // A value is sealed for its row, so the application has to know the row's key before it writes.
  else if (key !== undefined && !(key.writable && keyTypes.includes(key.type)))
    addIssue(
      report,
      "sealed/row-unknown",
      path,
      `a table whose primary key is writable and of type ${keyTypes.join(", ")}`,
      new Found(`${keyName} of type ${key.type}${key.writable ? "" : ", not writable"}`),
    );
}
