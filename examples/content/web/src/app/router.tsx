import {
  createRootRoute,
  createRoute,
  createRouter,
  lazyRouteComponent,
  notFound,
  redirect,
} from "@tanstack/react-router";
import { contentApi } from "../content/content-api.ts";
import { FailurePage, NotFoundPage } from "../pages/failure-page.tsx";
import { peopleApi } from "../people/people-api.ts";
import { Loading } from "../ui/loading.tsx";
import { isArrival, readArrival } from "./arrival.ts";
import { Layout } from "./layout.tsx";
import { guardFor } from "./session.ts";

const rootRoute = createRootRoute({ component: Layout, notFoundComponent: NotFoundPage, errorComponent: FailurePage });

const homeRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: "/",
  staticData: { page: "/" },
  beforeLoad: async (context) => {
    // The links of messages end at the application's first page.
    if (isArrival(context.location.hash))
      throw redirect({ to: "/arrived", hash: context.location.hash, replace: true });
    await guardFor("/")(context);
  },
  component: lazyRouteComponent(() => import("../pages/list-page.tsx"), "ListPage"),
});

const signInRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: "/sign-in",
  validateSearch: (search: Record<string, unknown>): { from?: string; why?: "new-session" } => ({
    ...readFrom(search),
    ...(search["why"] === "new-session" ? { why: "new-session" } : {}),
  }),
  component: lazyRouteComponent(() => import("../pages/sign-in-page.tsx"), "SignInPage"),
});

const signUpRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: "/sign-up",
  validateSearch: readFrom,
  component: lazyRouteComponent(() => import("../pages/sign-up-page.tsx"), "SignUpPage"),
});

const mailSignInRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: "/sign-in/mail",
  validateSearch: readFrom,
  component: lazyRouteComponent(() => import("../pages/mail-page.tsx"), "MailSignInPage"),
});

const forgottenRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: "/forgotten",
  component: lazyRouteComponent(() => import("../pages/mail-page.tsx"), "ForgottenPage"),
});

const arrivedRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: "/arrived",
  validateSearch: readArrival,
  component: lazyRouteComponent(() => import("../pages/arrived-page.tsx"), "ArrivedPage"),
});

const newPasswordRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: "/account/new-password",
  staticData: { page: "/account/new-password" },
  beforeLoad: guardFor("/account/new-password"),
  component: lazyRouteComponent(() => import("../pages/new-password-page.tsx"), "NewPasswordPage"),
});

const unauthorizedRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: "/unauthorized",
  // The gateway's reason, when it was the gateway that refused.
  validateSearch: (search: Record<string, unknown>): { reason?: "second-factor-required" } =>
    search["reason"] === "second-factor-required" ? { reason: "second-factor-required" } : {},
  component: lazyRouteComponent(() => import("../pages/unauthorized-page.tsx"), "UnauthorizedPage"),
});

const consentRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: "/oauth/consent",
  validateSearch: (search: Record<string, unknown>): { authorization_id?: string } =>
    typeof search["authorization_id"] === "string" ? { authorization_id: search["authorization_id"] } : {},
  component: lazyRouteComponent(() => import("../pages/consent-page.tsx"), "ConsentPage"),
});

const accountRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: "/account",
  staticData: { page: "/account" },
  beforeLoad: guardFor("/account"),
  component: lazyRouteComponent(() => import("../pages/account-page.tsx"), "AccountPage"),
});

const securityRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: "/account/security",
  staticData: { page: "/account/security" },
  validateSearch: (search: Record<string, unknown>): { need?: "second-factor" } =>
    search["need"] === "second-factor" ? { need: "second-factor" } : {},
  beforeLoad: guardFor("/account/security"),
  component: lazyRouteComponent(() => import("../pages/security-page.tsx"), "SecurityPage"),
});

const sessionsRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: "/account/sessions",
  staticData: { page: "/account/sessions" },
  beforeLoad: guardFor("/account/sessions"),
  component: lazyRouteComponent(() => import("../pages/sessions-page.tsx"), "SessionsPage"),
});

const teamsRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: "/teams",
  staticData: { page: "/teams" },
  beforeLoad: guardFor("/teams"),
  component: lazyRouteComponent(() => import("../pages/teams-page.tsx"), "TeamsPage"),
});

const teamRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: "/teams/$id",
  staticData: { page: "/teams/:id" },
  beforeLoad: guardFor("/teams/:id"),
  loader: async ({ params }) => {
    const team = await peopleApi.team(params.id);
    if (team === null) throw notFound();
    return team;
  },
  component: lazyRouteComponent(() => import("../pages/team-page.tsx"), "TeamPage"),
});

const newRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: "/content/new",
  staticData: { page: "/content/new" },
  beforeLoad: guardFor("/content/new"),
  component: lazyRouteComponent(() => import("../pages/new-page.tsx"), "NewPage"),
});

const contentRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: "/content/$id",
  staticData: { page: "/content/:id" },
  beforeLoad: guardFor("/content/:id"),
  loader: ({ params }) => contentApi.readWithTeams(params.id),
  component: lazyRouteComponent(() => import("../pages/content-page.tsx"), "ContentPage"),
});

const editRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: "/content/$id/edit",
  staticData: { page: "/content/:id/edit" },
  beforeLoad: guardFor("/content/:id/edit"),
  loader: ({ params }) => contentApi.read(params.id),
  component: lazyRouteComponent(() => import("../pages/edit-page.tsx"), "EditPage"),
});

const editorsRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: "/editors",
  staticData: { page: "/editors" },
  beforeLoad: guardFor("/editors"),
  component: lazyRouteComponent(() => import("../pages/editors-page.tsx"), "EditorsPage"),
});

const routes = [
  homeRoute,
  signInRoute,
  mailSignInRoute,
  forgottenRoute,
  arrivedRoute,
  signUpRoute,
  unauthorizedRoute,
  consentRoute,
  accountRoute,
  securityRoute,
  newPasswordRoute,
  sessionsRoute,
  teamsRoute,
  teamRoute,
  newRoute,
  contentRoute,
  editRoute,
  editorsRoute,
];

/** The pages. One that the policy protects names its pattern in `page`, for its guard before loading and for ProtectedRoute. */
export const router = createRouter({
  routeTree: rootRoute.addChildren(routes),
  defaultPendingComponent: Loading,
  defaultErrorComponent: FailurePage,
  defaultNotFoundComponent: NotFoundPage,
  defaultStaleTime: 0,
  defaultGcTime: 0,
  scrollRestoration: true,
});

declare module "@tanstack/react-router" {
  interface Register {
    router: typeof router;
  }
  interface StaticDataRouteOption {
    /** The page's pattern in the policy, where it is protected. */
    page?: string;
  }
}

function readFrom(search: Record<string, unknown>): { from?: string } {
  return typeof search["from"] === "string" ? { from: search["from"] } : {};
}
