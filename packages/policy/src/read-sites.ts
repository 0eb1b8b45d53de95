// Sites: folders of built pages, and who may open which. The console is one of them unless the input brings its own.
import { administratorCondition } from "./built-in-services.ts";
import type { Condition } from "./condition.ts";
import type { Scope } from "./condition-scope.ts";
import { conditionText } from "./condition-text.ts";
import { checkIdentifier } from "./identifier.ts";
import { ownField } from "./own-field.ts";
import { isBelow, isPathPattern, patternShape } from "./path-pattern.ts";
import type { ServicePolicy, SitePolicy } from "./policy.ts";
import { readCondition } from "./read-condition.ts";
import { reservedPrefixes } from "./read-services.ts";
import { addIssue, below, type Fields, Found, type Report, readObject, readRecord } from "./report.ts";

const sitesMax = 16;
const pagesMax = 1_024;
const consoleName = "console";
const consoleMount = "/console";

const siteKeys = ["mount", "pages", "signIn", "unauthorized"];

/** The console's own pages: everything but the way in is for the administrator after a second factor. */
function consoleSite(administrator: string): SitePolicy {
  const inside = administratorCondition(administrator);
  const closed = [
    "",
    "/controls",
    "/controls/:id",
    "/events",
    "/alerts",
    "/incidents",
    "/incidents/:id",
    "/evidence",
    "/data",
    "/audit",
    "/backups",
    "/replicas",
    "/performance",
    "/keys",
    "/people",
    "/people/:id",
    "/roles",
    "/access",
    "/sign-ins",
    "/providers",
    "/inbox",
    "/sessions",
    "/your-sessions",
    "/factors",
  ];
  return {
    mount: consoleMount,
    pages: {
      [`${consoleMount}/sign-in`]: { kind: "anyone" },
      [`${consoleMount}/second-factor`]: { kind: "signedIn" },
      [`${consoleMount}/unauthorized`]: { kind: "anyone" },
      ...Object.fromEntries(closed.map((page) => [`${consoleMount}${page}`, inside])),
    },
    signIn: `${consoleMount}/sign-in`,
    unauthorized: `${consoleMount}/unauthorized`,
  };
}

/** All sites in normal form, the console among them. Needs the services, whose paths no page may share. */
export function readSites(
  report: Report,
  value: unknown,
  roles: readonly string[],
  administrator: string,
  services: Readonly<Record<string, ServicePolicy>>,
): Readonly<Record<string, SitePolicy>> {
  const scope: Scope = { roles, tables: {}, columns: null };
  const fields = value === undefined ? {} : (readRecord(report, "sites", value, "a record of sites") ?? {});
  const entries = Object.entries(fields);
  if (entries.length > sitesMax)
    addIssue(report, "input/too-many", "sites", `at most ${sitesMax} sites`, new Found(`${entries.length}`));
  const sites: Record<string, SitePolicy> = {};
  for (const [name, site] of entries.slice(0, sitesMax)) {
    const path = below("sites", name);
    const read = readSite(report, path, site, scope);
    if (checkIdentifier(report, path, name)) sites[name] = read;
  }
  if (!Object.hasOwn(sites, consoleName)) sites[consoleName] = consoleSite(administrator);
  checkMounts(report, sites);
  checkAgainstRoutes(report, sites, services);
  return sites;
}

function readSite(report: Report, path: string, value: unknown, scope: Scope): SitePolicy {
  const fields = readObject(report, path, value, siteKeys) ?? { mount: "/", pages: {}, signIn: "/", unauthorized: "/" };
  const mount = readMount(report, below(path, "mount"), fields.mount);
  const pages = readPages(report, below(path, "pages"), fields.pages, scope, mount);
  return {
    mount,
    pages,
    signIn: readDestination(report, path, "signIn", fields, pages),
    unauthorized: readDestination(report, path, "unauthorized", fields, pages),
  };
}

function readMount(report: Report, path: string, value: unknown): string {
  const isMount = typeof value === "string" && isPathPattern(value) && !value.includes(":");
  if (isMount && !reservedPrefixes.some((prefix) => isBelow(value.toLowerCase(), prefix))) return value;
  addIssue(report, "site/mount", path, 'a path such as "/" or "/console", outside what Holdfast serves itself', value);
  return "/";
}

function readPages(
  report: Report,
  path: string,
  value: unknown,
  scope: Scope,
  mount: string,
): Readonly<Record<string, Condition>> {
  const entries = Object.entries(readRecord(report, path, value, "a record of pages") ?? {});
  if (entries.length > pagesMax)
    addIssue(report, "input/too-many", path, `at most ${pagesMax} pages`, new Found(`${entries.length}`));
  const pages: Record<string, Condition> = {};
  const shapes = new Map<string, string>();
  for (const [page, condition] of entries.slice(0, pagesMax)) {
    const place = below(path, page);
    const read = readCondition(report, place, condition, scope);
    const twin = shapes.get(patternShape(page));
    if (!isPathPattern(page)) addIssue(report, "site/page-invalid", place, "a page pattern", page);
    else if (!isBelow(page, mount)) addIssue(report, "site/page-outside-mount", place, `a path below ${mount}`, page);
    else if (reservedPrefixes.some((prefix) => isBelow(page.toLowerCase(), prefix))) {
      addIssue(report, "route/reserved", place, "a path that Holdfast does not serve itself", page);
    } else if (twin !== undefined)
      addIssue(report, "route/duplicate", place, "each page once", new Found(`the same paths as ${twin}`));
    else pages[page] = read;
    shapes.set(patternShape(page), page);
  }
  return pages;
}

/** `signIn` and `unauthorized`: pages of the site that everybody may open. */
function readDestination(
  report: Report,
  path: string,
  key: "signIn" | "unauthorized",
  fields: Fields,
  pages: Readonly<Record<string, Condition>>,
): string {
  const place = below(path, key);
  const page = fields[key];
  if (typeof page !== "string") {
    addIssue(report, page === undefined ? "input/missing" : "input/wrong-type", place, "a page of this site", page);
    return "/";
  }
  const condition = ownField(pages, page);
  if (condition === undefined)
    addIssue(report, "site/page-missing", place, `one of ${Object.keys(pages).join(", ")}`, page);
  else if (condition.kind !== "anyone")
    addIssue(
      report,
      "site/page-closed",
      below(below(path, "pages"), page),
      "anyone()",
      new Found(conditionText(condition)),
    );
  return page;
}

function checkMounts(report: Report, sites: Readonly<Record<string, SitePolicy>>): void {
  const mounts = new Map<string, string>();
  for (const [name, site] of Object.entries(sites)) {
    const other = mounts.get(site.mount);
    if (other !== undefined)
      addIssue(
        report,
        "site/mount",
        `sites.${name}.mount`,
        "a mount of its own",
        new Found(`"${site.mount}", as in sites.${other}`),
      );
    mounts.set(site.mount, name);
  }
  for (const [name, site] of Object.entries(sites)) {
    for (const page of Object.keys(site.pages)) {
      const other = [...mounts.keys()].find(
        (mount) => mount !== site.mount && isBelow(mount, site.mount) && isBelow(page, mount),
      );
      if (other !== undefined)
        addIssue(
          report,
          "site/page-outside-mount",
          below(`sites.${name}.pages`, page),
          `a path outside ${other}`,
          page,
        );
    }
  }
}

/** A page and a GET route of the same path would leave it to chance who answers. */
function checkAgainstRoutes(
  report: Report,
  sites: Readonly<Record<string, SitePolicy>>,
  services: Readonly<Record<string, ServicePolicy>>,
): void {
  const shapes = new Map<string, string>();
  for (const service of Object.values(services)) {
    for (const [key, route] of Object.entries(service.routes)) {
      if (route.method === "GET" || route.method === "HEAD") shapes.set(patternShape(route.path), key);
    }
  }
  for (const [name, site] of Object.entries(sites)) {
    for (const page of Object.keys(site.pages)) {
      const route = shapes.get(patternShape(page));
      if (route !== undefined)
        addIssue(
          report,
          "route/duplicate",
          below(`sites.${name}.pages`, page),
          "a path of its own",
          new Found(`also the route ${route}`),
        );
    }
  }
}
