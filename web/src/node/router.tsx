import { createRootRoute, createRoute, createRouter, lazyRouteComponent, Outlet } from "@tanstack/react-router";
import { PageError } from "../components/app";
import { parseAnswers } from "../lib/answers";
import { parseAudit } from "../lib/audit";
import { parseDetail } from "../lib/case-entries";
import { oneOf, parseSearch, stringifySearch, text } from "../lib/search";
import { parseLogs, RANGES } from "../lib/time-range";
import { ENTITY_KINDS } from "../lib/words";
import { AccessPage } from "./access-page";
import { AuditPage } from "./audit-page";
import { OperatorSetupPage, SetupPage, SignInPage } from "./auth-pages";
import { parseRules, parseSignals } from "./detection/search";
import { Frame, Home, Lost } from "./frame";
import { HEALTH_VIEWS } from "./health/views";
import { InvestigationsPage } from "./investigations/page";
import { LogsPage } from "./logs-page";
import { parseVolume } from "./volume/search";
import { WorkspacesPage } from "./workspaces-page";

const root = createRootRoute({ component: Outlet, notFoundComponent: Lost, errorComponent: PageError });
const frame = createRoute({ getParentRoute: () => root, id: "frame", component: Frame });
const framed = () => frame;

const signIn = createRoute({ getParentRoute: () => root, path: "/sign-in", component: SignInPage });
const setup = createRoute({ getParentRoute: () => root, path: "/setup", component: SetupPage });
const operatorSetup = createRoute({
  getParentRoute: () => root,
  path: "/operator-setup",
  component: OperatorSetupPage,
});
const home = createRoute({ getParentRoute: framed, path: "/", component: Home });
const logs = createRoute({
  getParentRoute: framed,
  path: "/logs",
  validateSearch: parseLogs,
  component: LogsPage,
});
const investigations = createRoute({
  getParentRoute: framed,
  path: "/investigations",
  component: InvestigationsPage,
});
const investigation = createRoute({
  getParentRoute: framed,
  path: "/investigations/$id",
  validateSearch: parseDetail,
  component: lazyRouteComponent(() => import("./investigations/detail"), "InvestigationPage"),
});
const answers = createRoute({
  getParentRoute: framed,
  path: "/answers",
  validateSearch: parseAnswers,
  component: lazyRouteComponent(() => import("./answers/page"), "AnswersPage"),
});

const rules = createRoute({
  getParentRoute: framed,
  path: "/detection",
  validateSearch: parseRules,
  component: lazyRouteComponent(() => import("./detection/rules"), "RulesPage"),
});
const newRule = createRoute({
  getParentRoute: framed,
  path: "/detection/new-rule",
  component: lazyRouteComponent(() => import("./detection/new-rule"), "NewRulePage"),
});
const signals = createRoute({
  getParentRoute: framed,
  path: "/detection/signals",
  validateSearch: parseSignals,
  component: lazyRouteComponent(() => import("./detection/signals"), "SignalsPage"),
});
const exceptions = createRoute({
  getParentRoute: framed,
  path: "/detection/exceptions",
  component: lazyRouteComponent(() => import("./detection/exceptions"), "ExceptionsPage"),
});
const entities = createRoute({
  getParentRoute: framed,
  path: "/detection/entities",
  validateSearch: (raw: Record<string, unknown>): { type?: string } => ({ type: oneOf(raw.type, ENTITY_KINDS) }),
  component: lazyRouteComponent(() => import("./detection/entities"), "EntitiesPage"),
});
const customInsights = createRoute({
  getParentRoute: framed,
  path: "/detection/custom-insights",
  component: lazyRouteComponent(() => import("./detection/custom-insights"), "CustomInsightsPage"),
});
const settings = createRoute({
  getParentRoute: framed,
  path: "/detection/settings",
  component: lazyRouteComponent(() => import("./detection/settings"), "SettingsPage"),
});

const sources = createRoute({
  getParentRoute: framed,
  path: "/sources",
  component: lazyRouteComponent(() => import("./sources/page"), "SourcesPage"),
});
const parsers = createRoute({
  getParentRoute: framed,
  path: "/parsers",
  component: lazyRouteComponent(() => import("./parsers/page"), "ParsersPage"),
});
const newParser = createRoute({
  getParentRoute: framed,
  path: "/parsers/new",
  validateSearch: (raw: Record<string, unknown>): { of?: string } => ({ of: text(raw.of) }),
  component: lazyRouteComponent(() => import("./parsers/new-page"), "NewParserPage"),
});
const parser = createRoute({
  getParentRoute: framed,
  path: "/parsers/$name",
  component: lazyRouteComponent(() => import("./parsers/parser-page"), "ParserPage"),
});
const failedRecords = createRoute({
  getParentRoute: framed,
  path: "/failed-records",
  validateSearch: (raw: Record<string, unknown>) => ({
    range:
      oneOf(
        raw.range,
        RANGES.filter((range) => range !== "custom"),
      ) ?? ("all" as const),
  }),
  component: lazyRouteComponent(() => import("./failed/page"), "FailedRecordsPage"),
});
const volume = createRoute({
  getParentRoute: framed,
  path: "/volume",
  validateSearch: parseVolume,
  component: lazyRouteComponent(() => import("./volume/page"), "VolumePage"),
});

const health = createRoute({
  getParentRoute: framed,
  path: "/health",
  validateSearch: (raw: Record<string, unknown>) => ({ view: oneOf(raw.view, HEALTH_VIEWS) ?? ("open" as const) }),
  component: lazyRouteComponent(() => import("./health/page"), "HealthPage"),
});
const access = createRoute({ getParentRoute: framed, path: "/access", component: AccessPage });
const audit = createRoute({ getParentRoute: framed, path: "/audit", validateSearch: parseAudit, component: AuditPage });
const workspaces = createRoute({ getParentRoute: framed, path: "/workspaces", component: WorkspacesPage });

const tree = root.addChildren([
  signIn,
  setup,
  operatorSetup,
  frame.addChildren([
    home,
    logs,
    investigations,
    investigation,
    answers,
    rules,
    newRule,
    signals,
    exceptions,
    entities,
    customInsights,
    settings,
    sources,
    parsers,
    newParser,
    parser,
    failedRecords,
    volume,
    health,
    access,
    audit,
    workspaces,
  ]),
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
