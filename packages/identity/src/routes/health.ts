import type { AddRoute } from "./route.ts";

const answer = { name: "Holdfast identity", description: "Speaks Supabase Auth's HTTP interface" };

/** GET /health → 200 {name, description}. Says that identity listens; no version, which would help only an attacker. */
export const health: AddRoute = (app) => {
  app.get("/health", () => answer);
};
