// What the benchmark asks its servers, and what they say when they are ready.
export type Question = { readonly kind: "usage" } | { readonly kind: "hash"; readonly times: number };

export interface Ready {
  readonly port: number;
  readonly emails: readonly string[];
  readonly password: string;
}
