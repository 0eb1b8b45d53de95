const units = ["B", "kB", "MB", "GB", "TB"] as const;
const STEP = 1_000;

/** Bytes in decimal units with three digits at most. */
export function bytesText(bytes: number): string {
  const power = bytes < 1 ? 0 : Math.min(units.length - 1, Math.floor(Math.log10(bytes) / 3));
  const value = bytes / STEP ** power;
  return `${power === 0 || value >= 100 ? Math.round(value) : value.toPrecision(2)} ${units[power] ?? "B"}`;
}
