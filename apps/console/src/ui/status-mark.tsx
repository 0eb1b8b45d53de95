// A status is a word, a shape and a colour, so that nobody depends on one of them alone.
import type { ControlStatus } from "@holdfast/server/api";

const shapes: Readonly<Record<ControlStatus, string>> = {
  held: "●",
  broken: "✕",
  unproven: "○",
  excepted: "◐",
  "out-of-scope": "–",
};
const words: Readonly<Record<ControlStatus, string>> = {
  held: "held",
  broken: "broken",
  unproven: "unproven",
  excepted: "excepted",
  "out-of-scope": "out of scope",
};

export function StatusMark({
  status,
  compact = false,
}: {
  readonly status: ControlStatus;
  readonly compact?: boolean;
}) {
  return (
    <span className={`status status-${status}`}>
      <span aria-hidden="true">{shapes[status]}</span>
      <span className={compact ? "unseen" : ""}> {words[status]}</span>
    </span>
  );
}

const severities = ["unknown", "informational", "low", "medium", "high", "critical"] as const;

export function Severity({ id }: { readonly id: number }) {
  const word = severities[id] ?? "unknown";
  return <span className={`severity severity-${word}`}>{word}</span>;
}
