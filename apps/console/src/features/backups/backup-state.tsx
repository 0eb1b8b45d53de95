// What a backup is worth, as a word, a shape and a colour.
import type { BackupState } from "@holdfast/server/api";

export const stateShapes: Readonly<Record<BackupState, string>> = {
  proven: "●",
  unproven: "○",
  failed: "✕",
  damaged: "✕",
};
const stateClasses: Readonly<Record<BackupState, string>> = {
  proven: "status-held",
  unproven: "status-unproven",
  failed: "status-broken",
  damaged: "status-broken",
};

export function BackupStateMark({ state }: { readonly state: BackupState }) {
  return (
    <span className={`status ${stateClasses[state]}`}>
      <span aria-hidden="true">{stateShapes[state]}</span> {state}
    </span>
  );
}
