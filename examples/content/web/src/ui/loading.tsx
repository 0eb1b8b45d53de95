import type { ReactNode } from "react";

export function Loading(): ReactNode {
  return <output className="loading">Loading …</output>;
}
