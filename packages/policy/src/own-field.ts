/** The record's own field. Names come from tokens, requests and rows, so what every object inherits must not answer. */
export function ownField<T>(record: Readonly<Record<string, T>>, key: string): T | undefined {
  return Object.hasOwn(record, key) ? record[key] : undefined;
}
