/** Says that an alert or an incident came from our own checks. It waits for a person all the same. */
export function CausedBy({ check }: { readonly check: string | null }) {
  if (check === null) return null;
  return (
    <>
      {" · "}
      <strong>caused by our own attack {check}</strong>
    </>
  );
}
