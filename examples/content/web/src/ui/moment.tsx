import type { ReactNode } from "react";

const format = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "short" });

/** A moment in the reader's own form. */
export function Moment({ at }: { readonly at: string }): ReactNode {
  const date = new Date(at);
  return <time dateTime={at}>{Number.isNaN(date.getTime()) ? "unknown" : format.format(date)}</time>;
}
