// Who changes somebody else's account. The operator is whoever can open the deployment's vault: they could do anything anyway.

export type ActorKind = "administrator" | "service" | "operator";

export type Actor =
  /** A person who administers the platform, after a second factor: whoever calls has seen to it. */
  | { readonly kind: "administrator"; readonly id: string }
  /** The service key of auth-js's admin interface: a program of the application. */
  | { readonly kind: "service" }
  | { readonly kind: "operator" };

/** Facts of an event about who acted, besides the account concerned. */
export const actorFacts = (actor: Actor): { readonly reason: ActorKind; readonly actor?: string } =>
  actor.kind === "administrator" ? { reason: actor.kind, actor: actor.id } : { reason: actor.kind };
