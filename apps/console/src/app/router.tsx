import { createRootRoute, createRoute, createRouter, lazyRouteComponent } from "@tanstack/react-router";
import { SecondFactorPage } from "../features/sign-in/second-factor-page.tsx";
import { SignInPage } from "../features/sign-in/sign-in-page.tsx";
import { UnauthorizedPage } from "../features/sign-in/unauthorized-page.tsx";
import { NotFoundPage } from "./not-found-page.tsx";
import { RootPage } from "./root-page.tsx";
import { Shell } from "./shell.tsx";

const root = createRootRoute({ component: RootPage, notFoundComponent: NotFoundPage });

const signIn = createRoute({
  getParentRoute: () => root,
  path: "/sign-in",
  component: SignInPage,
  validateSearch: (search: Record<string, unknown>): { from?: string } =>
    typeof search["from"] === "string" ? { from: search["from"] } : {},
});
const secondFactor = createRoute({ getParentRoute: () => root, path: "/second-factor", component: SecondFactorPage });
const unauthorized = createRoute({
  getParentRoute: () => root,
  path: "/unauthorized",
  component: UnauthorizedPage,
  validateSearch: (search: Record<string, unknown>): { reason?: string } =>
    typeof search["reason"] === "string" ? { reason: search["reason"] } : {},
});

// Everything below the shell is loaded only after the shell has let the visitor in.
const shell = createRoute({ getParentRoute: () => root, id: "shell", component: Shell });
const summary = createRoute({
  getParentRoute: () => shell,
  path: "/",
  component: lazyRouteComponent(() => import("../features/summary/summary-page.tsx"), "SummaryPage"),
});
const controls = createRoute({
  getParentRoute: () => shell,
  path: "/controls",
  component: lazyRouteComponent(() => import("../features/controls/controls-page.tsx"), "ControlsPage"),
});
const control = createRoute({
  getParentRoute: () => shell,
  path: "/controls/$id",
  component: lazyRouteComponent(() => import("../features/controls/control-page.tsx"), "ControlPage"),
});
const events = createRoute({
  getParentRoute: () => shell,
  path: "/events",
  component: lazyRouteComponent(() => import("../features/events/events-page.tsx"), "EventsPage"),
});
const alerts = createRoute({
  getParentRoute: () => shell,
  path: "/alerts",
  component: lazyRouteComponent(() => import("../features/alerts/alerts-page.tsx"), "AlertsPage"),
});
const incidents = createRoute({
  getParentRoute: () => shell,
  path: "/incidents",
  component: lazyRouteComponent(() => import("../features/incidents/incidents-page.tsx"), "IncidentsPage"),
});
const incident = createRoute({
  getParentRoute: () => shell,
  path: "/incidents/$id",
  component: lazyRouteComponent(() => import("../features/incidents/incident-page.tsx"), "IncidentPage"),
});
const evidence = createRoute({
  getParentRoute: () => shell,
  path: "/evidence",
  component: lazyRouteComponent(() => import("../features/evidence/evidence-page.tsx"), "EvidencePage"),
});
const sessions = createRoute({
  getParentRoute: () => shell,
  path: "/sessions",
  component: lazyRouteComponent(() => import("../features/sessions/sessions-page.tsx"), "SessionsPage"),
});

const yourSessions = createRoute({
  getParentRoute: () => shell,
  path: "/your-sessions",
  component: lazyRouteComponent(() => import("../features/sessions/your-sessions-page.tsx"), "YourSessionsPage"),
});
const factors = createRoute({
  getParentRoute: () => shell,
  path: "/factors",
  component: lazyRouteComponent(() => import("../features/factors/factors-page.tsx"), "FactorsPage"),
});
const people = createRoute({
  getParentRoute: () => shell,
  path: "/people",
  component: lazyRouteComponent(() => import("../features/people/people-page.tsx"), "PeoplePage"),
});
const person = createRoute({
  getParentRoute: () => shell,
  path: "/people/$id",
  component: lazyRouteComponent(() => import("../features/people/person-page.tsx"), "PersonPage"),
});
const roles = createRoute({
  getParentRoute: () => shell,
  path: "/roles",
  component: lazyRouteComponent(() => import("../features/roles/roles-page.tsx"), "RolesPage"),
});
const access = createRoute({
  getParentRoute: () => shell,
  path: "/access",
  component: lazyRouteComponent(() => import("../features/access/access-page.tsx"), "AccessPage"),
});
const signIns = createRoute({
  getParentRoute: () => shell,
  path: "/sign-ins",
  component: lazyRouteComponent(() => import("../features/sign-ins/sign-ins-page.tsx"), "SignInsPage"),
});
const providers = createRoute({
  getParentRoute: () => shell,
  path: "/providers",
  component: lazyRouteComponent(() => import("../features/providers/providers-page.tsx"), "ProvidersPage"),
});
const dataTables = createRoute({
  getParentRoute: () => shell,
  path: "/data",
  component: lazyRouteComponent(() => import("../features/data/data-page.tsx"), "DataPage"),
});
const audit = createRoute({
  getParentRoute: () => shell,
  path: "/audit",
  component: lazyRouteComponent(() => import("../features/audit/audit-page.tsx"), "AuditPage"),
});
const backups = createRoute({
  getParentRoute: () => shell,
  path: "/backups",
  component: lazyRouteComponent(() => import("../features/backups/backups-page.tsx"), "BackupsPage"),
});
const replicas = createRoute({
  getParentRoute: () => shell,
  path: "/replicas",
  component: lazyRouteComponent(() => import("../features/replicas/replicas-page.tsx"), "ReplicasPage"),
});
const performance = createRoute({
  getParentRoute: () => shell,
  path: "/performance",
  component: lazyRouteComponent(() => import("../features/performance/performance-page.tsx"), "PerformancePage"),
});
const keys = createRoute({
  getParentRoute: () => shell,
  path: "/keys",
  component: lazyRouteComponent(() => import("../features/keys/keys-page.tsx"), "KeysPage"),
});
const inbox = createRoute({
  getParentRoute: () => shell,
  path: "/inbox",
  component: lazyRouteComponent(() => import("../features/inbox/inbox-page.tsx"), "InboxPage"),
});

export const router = createRouter({
  basepath: "/console",
  routeTree: root.addChildren([
    signIn,
    secondFactor,
    unauthorized,
    shell.addChildren([
      summary,
      controls,
      control,
      events,
      alerts,
      incidents,
      incident,
      evidence,
      people,
      person,
      roles,
      access,
      signIns,
      providers,
      inbox,
      dataTables,
      audit,
      backups,
      replicas,
      performance,
      keys,
      sessions,
      factors,
      yourSessions,
    ]),
  ]),
  // Scroll restoration would add an inline script, which the content security policy refuses.
  scrollRestoration: false,
  defaultPreload: false,
});

declare module "@tanstack/react-router" {
  interface Register {
    router: typeof router;
  }
}
