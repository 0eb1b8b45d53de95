import { ownField } from "../own-field.ts";
import type { Policy } from "../policy.ts";
import { type Change, keysOf, namesChange, numberChange, valueChange } from "./change.ts";
import { identityChanges } from "./identity-changes.ts";

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
        ...continuityChanges(before.continuity, after.continuity),
        ...secretChanges(before.secrets, after.secrets),
      ];
  }
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

const NEVER = Number.MAX_SAFE_INTEGER;

/** Rarer or shorter-lived backups, or more that may be lost, is looser. */
function continuityChanges(old: Policy["continuity"], now: Policy["continuity"]): readonly Change[] {
  const times = ["recoveryPointSeconds", "recoveryTimeSeconds"] as const;
  return [
    ...backupChanges(old.backups, now.backups),
    ...times.flatMap((key) => numberChange(`continuity.${key}`, old[key], now[key], "looser")),
    ...degradeChange(old.degradeAfterSeconds, now.degradeAfterSeconds),
    ...numberChange("continuity.replicas", old.replicas, now.replicas, "tighter"),
  ];
}

/** Commits that never go on without the archive lose nothing. */
const degradeChange = (old: number | null, now: number | null): readonly Change[] =>
  valueChange(
    "continuity.degradeAfterSeconds",
    old ?? undefined,
    now ?? undefined,
    (now ?? NEVER) < (old ?? NEVER) ? "looser" : "tighter",
  );

type Backups = Policy["continuity"]["backups"];

/** Where each is full, one is as often as any. */
const fullEveryOf = ({ fullEverySeconds, everySeconds }: NonNullable<Backups>): number =>
  fullEverySeconds ?? everySeconds;

function backupChanges(old: Backups, now: Backups): readonly Change[] {
  const path = "continuity.backups";
  if (old === null || now === null)
    return valueChange(path, old ?? undefined, now ?? undefined, now === null ? "looser" : "tighter");
  return [
    ...numberChange(`${path}.everySeconds`, old.everySeconds, now.everySeconds, "looser"),
    ...numberChange(`${path}.keepSeconds`, old.keepSeconds, now.keepSeconds, "tighter"),
    ...numberChange(`${path}.fullEverySeconds`, fullEveryOf(old), fullEveryOf(now), "looser"),
  ];
}

/** From another place it is another secret; one that is asked for rarely, or may become old, is looser. */
function secretChanges(old: Policy["secrets"], now: Policy["secrets"]): readonly Change[] {
  return keysOf(old, now).flatMap((name) => {
    const [before, after] = [ownField(old, name), ownField(now, name)];
    const path = `secrets.${name}`;
    if (before === undefined || after === undefined) return valueChange(path, before, after, "changed");
    const [age, ageNow] = [before.rotateSeconds, after.rotateSeconds];
    const effect = (ageNow ?? NEVER) > (age ?? NEVER) ? "looser" : "tighter";
    return [
      ...valueChange(`${path}.source`, before.source, after.source, "changed"),
      ...valueChange(`${path}.at`, before.at, after.at, "changed"),
      ...numberChange(`${path}.leaseSeconds`, before.leaseSeconds, after.leaseSeconds, "looser"),
      ...valueChange(`${path}.rotateSeconds`, age, ageNow, effect),
    ];
  });
}
