/** A device in plain words; on demand what it calls itself, which is whatever whoever signed in wanted it to be. */
export function Device({ name, userAgent }: { readonly name: string; readonly userAgent: string }) {
  if (userAgent === "") return <span>{name}</span>;
  return (
    <details className="device">
      <summary>{name}</summary>
      <span className="under">
        It calls itself <code>{userAgent}</code>
      </span>
    </details>
  );
}
