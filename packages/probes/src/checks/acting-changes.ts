import { randomUUID } from "node:crypto";
import { actAs, requireActing } from "../acting-attack.ts";
import type { Check } from "../check.ts";
import { practiceAdministrator } from "../practice-administrators.ts";
import { carelessActing } from "../sabotages.ts";
import { OWN_ACCOUNT } from "../token-attack.ts";

export const actingChanges: Check = {
  id: "acting-changes",
  title: "Whoever acts as somebody else changes how the person signs in.",
  kind: "attack",
  layers: ["identity"],
  asvs: ["V7.5.1"],
  wstg: ["WSTG-ATHN-09"],
  events: ["impersonation.refused"],
  company: "together",
  sabotage: carelessActing,
  run: async (session) => {
    requireActing(session);
    const [administrator, victim] = [await practiceAdministrator(session), await session.victim()];
    const bearer = await actAs(session, administrator, victim);
    const changes = [
      ["change the person's name", "PUT", OWN_ACCOUNT, { data: { probe: "acted" } }],
      ["enrol a factor for the person", "POST", "/auth/v1/factors", { factor_type: "totp", friendly_name: "probe" }],
      ["add a passkey for the person", "POST", "/auth/v1/passkeys/registration/options", {}],
      ["change the person's password", "PUT", OWN_ACCOUNT, { password: `probe ${randomUUID()}` }],
    ] as const;
    for (const [what, method, path, body] of changes) {
      await session.expectRefused(
        { method, path, bearer, headers: { "x-supabase-api-version": "2024-01-01" }, body },
        { status: 403, code: "impersonated_session", event: "impersonation.refused" },
        what,
      );
    }
    return await session.conclude("Whoever acted as somebody else changed nothing about how the person signs in.");
  },
};
