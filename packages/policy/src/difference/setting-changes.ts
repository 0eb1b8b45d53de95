import type { Policy } from "../policy.ts";
import { type Change, namesChange, numberChange, valueChange } from "./change.ts";

/** `first`, `identity` and `last`: the settings before the roles, the identity's, and those after the sites. */
export function settingChanges(before: Policy, after: Policy, which: "first" | "identity" | "last"): readonly Change[] {
  switch (which) {
    case "first":
      return [
        ...valueChange("application.name", before.application.name, after.application.name, "changed"),
        ...valueChange("application.origin", before.application.origin, after.application.origin, "changed"),
        ...valueChange(
          "platform.administrator",
          before.platform.administrator,
          after.platform.administrator,
          "changed",
        ),
      ];
    case "identity":
      return identityChanges(before.identity, after.identity);
    case "last":
      return [
        ...browserChanges(before.browser, after.browser),
        ...monitoringChanges(before.monitoring, after.monitoring),
        ...targetChanges(before.targets, after.targets),
      ];
  }
}

function identityChanges(old: Policy["identity"], now: Policy["identity"]): readonly Change[] {
  return [
    ...valueChange("identity.signUp", old.signUp, now.signUp, now.signUp === "open" ? "looser" : "tighter"),
    ...namesChange("identity.defaultRoles", old.defaultRoles, now.defaultRoles),
    ...numberChange("identity.password.minLength", old.password.minLength, now.password.minLength, "tighter"),
    ...valueChange(
      "identity.password.breached",
      old.password.breached,
      now.password.breached,
      now.password.breached === "allow" ? "looser" : "tighter",
    ),
    ...numberChange("identity.session.idleSeconds", old.session.idleSeconds, now.session.idleSeconds, "looser"),
    ...numberChange(
      "identity.session.absoluteSeconds",
      old.session.absoluteSeconds,
      now.session.absoluteSeconds,
      "looser",
    ),
    ...numberChange(
      "identity.session.accessTokenSeconds",
      old.session.accessTokenSeconds,
      now.session.accessTokenSeconds,
      "looser",
    ),
    ...valueChange("identity.factors.totp", old.factors.totp, now.factors.totp, "changed"),
    ...numberChange("identity.lockout.attempts", old.lockout.attempts, now.lockout.attempts, "looser"),
    // A longer window counts more failures together.
    ...numberChange("identity.lockout.windowSeconds", old.lockout.windowSeconds, now.lockout.windowSeconds, "tighter"),
  ];
}

function browserChanges(old: Policy["browser"], now: Policy["browser"]): readonly Change[] {
  return [
    ...namesChange("browser.features", old.features, now.features),
    ...numberChange("browser.hstsSeconds", old.hstsSeconds, now.hstsSeconds, "tighter"),
    ...namesChange("browser.connect", old.connect, now.connect),
  ];
}

/** A threshold that is harder to reach is looser: more goes unnoticed. */
function monitoringChanges(old: Policy["monitoring"], now: Policy["monitoring"]): readonly Change[] {
  const [logins, loginsNow] = [old.failedLogins, now.failedLogins];
  const shares = ["apiErrorsAbove", "loadAbove", "memoryAbove", "diskAbove"] as const;
  return [
    ...numberChange("monitoring.failedLogins.atLeast", logins.atLeast, loginsNow.atLeast, "looser"),
    ...numberChange("monitoring.failedLogins.windowSeconds", logins.windowSeconds, loginsNow.windowSeconds, "tighter"),
    ...shares.flatMap((key) => numberChange(`monitoring.${key}`, old[key], now[key], "looser")),
  ];
}

function targetChanges(old: Policy["targets"], now: Policy["targets"]): readonly Change[] {
  const shares = ["uptime", "backups", "compliance"] as const;
  const times = ["incidentResponseSeconds", "patchSeconds"] as const;
  return [
    ...shares.flatMap((key) => numberChange(`targets.${key}`, old[key], now[key], "tighter")),
    ...times.flatMap((key) => numberChange(`targets.${key}`, old[key], now[key], "looser")),
  ];
}
