import type { IndexAdvice } from "@holdfast/server/api";

export function Advice({ advice }: { readonly advice: readonly IndexAdvice[] }) {
  if (advice.length === 0) return <p>Nothing to advise.</p>;
  return (
    <ul className="statements" aria-label="Advice on indexes">
      {advice.map(({ rule, object, reason, sql }) => (
        <li key={`${rule} ${object} ${sql.join()}`}>
          <strong>{object}</strong>: {reason}
          {sql.map((line) => (
            <pre key={line}>{line}</pre>
          ))}
        </li>
      ))}
    </ul>
  );
}
