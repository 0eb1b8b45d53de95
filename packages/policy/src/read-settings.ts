// The parts of a policy that are numbers and switches: application, browser, monitoring, targets.
import { daySeconds, readDuration, readInteger, readShare } from "./measure.ts";
import { readOrigin } from "./origin.ts";
import type { Policy } from "./policy.ts";
import { addIssue, below, type Report, readNames, readObject, readOptional } from "./report.ts";

const minuteSeconds = 60;
const hourSeconds = 3_600;

const applicationNamePattern = /^[a-z][a-z0-9-]{0,62}$/;

/** Name and origin. */
export function readApplication(report: Report, value: unknown): Policy["application"] {
  const fields = readObject(report, "application", value, ["name", "origin"], "an object with name and origin");
  if (fields === undefined) return { name: "application", origin: "https://localhost" };
  const { name } = fields;
  if (typeof name !== "string" || !applicationNamePattern.test(name)) {
    const code = name === undefined ? "input/missing" : "name/invalid";
    addIssue(
      report,
      code,
      "application.name",
      "lower-case letters, digits and dashes, at most 63",
      name,
      'It names the deployment; for example "content".',
    );
  }
  return {
    name: typeof name === "string" ? name : "application",
    origin: readOrigin(report, "application.origin", fields.origin, ["https"]),
  };
}

// Browser. ------------------------------------------------------------------------------------------------------------

/** Features of the Permissions-Policy header that browsers know; each is denied unless `browser.features` names it. */
export const browserFeatures: readonly string[] = [
  "accelerometer",
  "autoplay",
  "browsing-topics",
  "camera",
  "clipboard-read",
  "clipboard-write",
  "cross-origin-isolated",
  "display-capture",
  "encrypted-media",
  "fullscreen",
  "gamepad",
  "geolocation",
  "gyroscope",
  "hid",
  "identity-credentials-get",
  "idle-detection",
  "keyboard-map",
  "local-fonts",
  "magnetometer",
  "microphone",
  "midi",
  "payment",
  "picture-in-picture",
  "publickey-credentials-create",
  "publickey-credentials-get",
  "screen-wake-lock",
  "serial",
  "storage-access",
  "usb",
  "window-management",
  "xr-spatial-tracking",
];

// ASVS 5.0 V3.4.1: at least one year. Two are what browsers' preload lists ask for.
const hsts = { minSeconds: 365 * daySeconds, maxSeconds: 3_650 * daySeconds, otherwise: 730 * daySeconds };
const connectMax = 32;

/** What browsers are told to allow. */
export function readBrowser(report: Report, value: unknown): Policy["browser"] {
  const fields = readOptional(report, "browser", value, ["features", "hsts", "connect"]);
  const features = readNames(report, "browser.features", fields.features, browserFeatures.length);
  features.forEach((feature, index) => {
    if (!browserFeatures.includes(feature))
      addIssue(report, "browser/feature-unknown", below("browser.features", index), "a known feature", feature);
  });
  const connect = readNames(report, "browser.connect", fields.connect, connectMax);
  connect.forEach((origin, index) => readOrigin(report, below("browser.connect", index), origin, ["https", "wss"]));
  return {
    features: features.toSorted(),
    hstsSeconds: readDuration(report, "browser.hsts", fields.hsts, hsts.otherwise, hsts),
    connect: connect.toSorted(),
  };
}

// Monitoring and targets: the plan's own numbers are the defaults. -------------------------------------------------------

const failedLogins = { min: 1, max: 1_000_000, otherwise: 5 };
const failedLoginsWindow = { minSeconds: 1, maxSeconds: daySeconds, otherwise: minuteSeconds };

/** The thresholds that raise alerts. */
export function readMonitoring(report: Report, value: unknown): Policy["monitoring"] {
  const fields = readOptional(report, "monitoring", value, ["failedLogins", "apiErrors", "load", "memory", "disk"]);
  const logins = readOptional(report, "monitoring.failedLogins", fields.failedLogins, ["atLeast", "per"]);
  const errors = readOptional(report, "monitoring.apiErrors", fields.apiErrors, ["above"]);
  const { min, max, otherwise } = failedLogins;
  return {
    failedLogins: {
      atLeast: readInteger(report, "monitoring.failedLogins.atLeast", logins.atLeast, otherwise, min, max),
      windowSeconds: readDuration(
        report,
        "monitoring.failedLogins.per",
        logins.per,
        failedLoginsWindow.otherwise,
        failedLoginsWindow,
      ),
    },
    apiErrorsAbove: readShare(report, "monitoring.apiErrors.above", errors.above, 0.01),
    loadAbove: readShare(report, "monitoring.load", fields.load, 0.8),
    memoryAbove: readShare(report, "monitoring.memory", fields.memory, 0.9),
    diskAbove: readShare(report, "monitoring.disk", fields.disk, 0.85),
  };
}

const incidentResponse = { minSeconds: minuteSeconds, maxSeconds: 7 * daySeconds, otherwise: hourSeconds };
const patch = { minSeconds: hourSeconds, maxSeconds: 90 * daySeconds, otherwise: daySeconds };

/** The targets of the key performance indicators. */
export function readTargets(report: Report, value: unknown): Policy["targets"] {
  const fields = readOptional(report, "targets", value, [
    "uptime",
    "incidentResponse",
    "patch",
    "backups",
    "compliance",
  ]);
  return {
    uptime: readShare(report, "targets.uptime", fields.uptime, 0.9999, "whole"),
    incidentResponseSeconds: readDuration(
      report,
      "targets.incidentResponse",
      fields.incidentResponse,
      incidentResponse.otherwise,
      incidentResponse,
    ),
    patchSeconds: readDuration(report, "targets.patch", fields.patch, patch.otherwise, patch),
    backups: readShare(report, "targets.backups", fields.backups, 1, "whole"),
    compliance: readShare(report, "targets.compliance", fields.compliance, 1, "whole"),
  };
}
