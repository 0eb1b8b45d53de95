// The score, always a fraction with its parts, and the matrix of controls and layers. Pure.
import type { Layer } from "@holdfast/policy";
import type { ControlStatus, Matrix, Score } from "./control-status.ts";

export function scoreOf(statuses: readonly ControlStatus[]): Score {
  const count = (status: ControlStatus): number => statuses.filter((each) => each === status).length;
  const parts = {
    held: count("held"),
    broken: count("broken"),
    unproven: count("unproven"),
    excepted: count("excepted"),
    outOfScope: count("out-of-scope"),
  };
  const total = statuses.length;
  const inScope = total - parts.outOfScope;
  return { ...parts, inScope, total, sentence: sentenceOf(parts, inScope) };
}

function sentenceOf(parts: Omit<Score, "inScope" | "total" | "sentence">, inScope: number): string {
  const rest = [
    ...(parts.excepted > 0 ? [`${parts.excepted} excepted`] : []),
    `${parts.broken} broken`,
    `${parts.unproven} unproven`,
    ...(parts.outOfScope > 0 ? [`${parts.outOfScope} out of scope`] : []),
  ];
  return [`${parts.held} of ${inScope} controls held`, ...rest].join(" · ");
}

export interface MatrixControl {
  readonly id: string;
  readonly kind: Matrix["rows"][number]["kind"];
  readonly sentence: string;
  readonly layers: readonly Layer[];
  readonly status: ControlStatus;
}

/** A control shows its one status in every layer it belongs to. */
export function matrixOf(controls: readonly MatrixControl[], layers: readonly Layer[]): Matrix {
  const rows = controls.map(({ id, kind, sentence, layers: own, status }) => ({
    control: id,
    kind,
    sentence,
    cells: layers.map((layer) => (own.includes(layer) ? status : null)),
  }));
  const scores = layers.map((layer) =>
    scoreOf(controls.filter((control) => control.layers.includes(layer)).map((control) => control.status)),
  );
  return { layers, rows, scores };
}
