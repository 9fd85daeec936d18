import { createRootRoute, createRoute, createRouter, Outlet } from "@tanstack/react-router";
import { parseSearch, stringifySearch } from "../lib/search";
import { parseRange } from "../lib/time-range";
import { AccessPage } from "./access-page";
import { AuditPage } from "./audit-page";
import { OperatorSetupPage, SetupPage, SignInPage } from "./auth-pages";
import { Frame, Home, NotFound, PageError } from "./frame";
import { HealthPage } from "./health-page";
import { InvestigationsPage } from "./investigations-page";
import { LogsPage } from "./logs-page";
import { SourcesPage } from "./sources-page";
import { WorkspacesPage } from "./workspaces-page";

const root = createRootRoute({ component: Outlet, notFoundComponent: NotFound, errorComponent: PageError });
const frame = createRoute({ getParentRoute: () => root, id: "frame", component: Frame });

const signIn = createRoute({ getParentRoute: () => root, path: "/sign-in", component: SignInPage });
const setup = createRoute({ getParentRoute: () => root, path: "/setup", component: SetupPage });
const operatorSetup = createRoute({
  getParentRoute: () => root,
  path: "/operator-setup",
  component: OperatorSetupPage,
});
const home = createRoute({ getParentRoute: () => frame, path: "/", component: Home });
const access = createRoute({ getParentRoute: () => frame, path: "/access", component: AccessPage });
const sources = createRoute({ getParentRoute: () => frame, path: "/sources", component: SourcesPage });
const health = createRoute({ getParentRoute: () => frame, path: "/health", component: HealthPage });
const logs = createRoute({
  getParentRoute: () => frame,
  path: "/logs",
  validateSearch: parseRange,
  component: LogsPage,
});
const investigations = createRoute({
  getParentRoute: () => frame,
  path: "/investigations",
  component: InvestigationsPage,
});
const audit = createRoute({ getParentRoute: () => frame, path: "/audit", component: AuditPage });
const workspaces = createRoute({ getParentRoute: () => frame, path: "/workspaces", component: WorkspacesPage });

const tree = root.addChildren([
  signIn,
  setup,
  operatorSetup,
  frame.addChildren([home, access, sources, health, logs, investigations, audit, workspaces]),
]);

export function createNodeRouter() {
  return createRouter({
    routeTree: tree,
    parseSearch,
    stringifySearch,
    defaultPreload: false,
    scrollRestoration: false,
  });
}

declare module "@tanstack/react-router" {
  interface Register {
    router: ReturnType<typeof createNodeRouter>;
  }
}
