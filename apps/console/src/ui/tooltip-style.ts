/** What a chart shows of the place that is pointed at, in the colours of the page. */
export const tooltipStyle = {
  background: "var(--surface)",
  border: "1px solid var(--line)",
  color: "var(--text)",
} as const;
