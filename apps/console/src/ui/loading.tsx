export function Loading({ what }: { readonly what: string }) {
  return <output className="loading">Loading {what} …</output>;
}
