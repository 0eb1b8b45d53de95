import type { ReactNode } from "react";

/** Something wider than the page. It can be scrolled with the keyboard, so it must take the focus (axe: scrollable-region-focusable). */
export function ScrollArea({ label, children }: { readonly label: string; readonly children: ReactNode }) {
  return (
    // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- without it a keyboard cannot scroll the table
    <section className="scroll" aria-label={label} tabIndex={0}>
      {children}
    </section>
  );
}
