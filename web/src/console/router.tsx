import {
  createRootRoute,
  createRoute,
  createRouter,
  lazyRouteComponent,
  Outlet,
  redirect,
} from "@tanstack/react-router";
import { PageError } from "../components/app";
import { parseAcross } from "../lib/across";
import { parseAudit } from "../lib/audit";
import { parseDetail } from "../lib/case-entries";
import { CUSTOMER_SORTS } from "../lib/customer-order";
import { parseDashboard } from "../lib/dashboards/state";
import { parseQueue } from "../lib/queue-search";
import { oneOf, parseSearch, stringifySearch, text } from "../lib/search";
import { parseLogs } from "../lib/time-range";
import { AccessPage } from "./access/page";
import { AuditPage } from "./audit-page";
import { SetupPage, SignInPage, WelcomePage } from "./auth-pages";
import { CustomerInvestigationsPage } from "./context/investigations";
import { CustomersPage } from "./customers/page";
import { DetailPage } from "./detail/page";
import { Frame, Lost } from "./frame";
import { LogsPage } from "./logs-page";
import { Merged } from "./preferences/merged";
import { QueuePage } from "./queue/page";

const root = createRootRoute({ component: Outlet, notFoundComponent: Lost, errorComponent: PageError });

const signIn = createRoute({
  getParentRoute: () => root,
  path: "/sign-in",
  validateSearch: (raw: Record<string, unknown>): { next?: string } => ({ next: text(raw.next) }),
  component: SignInPage,
});
const setup = createRoute({ getParentRoute: () => root, path: "/setup", component: SetupPage });
const welcome = createRoute({ getParentRoute: () => root, path: "/welcome", component: WelcomePage });

const frame = createRoute({ getParentRoute: () => root, id: "frame", component: Frame });
const start = createRoute({
  getParentRoute: () => frame,
  path: "/",
  beforeLoad: () => {
    throw redirect({ to: "/investigations", search: parseQueue({}), replace: true });
  },
});
const queue = createRoute({
  getParentRoute: () => frame,
  path: "/investigations",
  validateSearch: parseQueue,
  component: () => (
    <Merged>
      <QueuePage />
    </Merged>
  ),
});
const home = createRoute({
  getParentRoute: () => frame,
  path: "/home",
  component: lazyRouteComponent(() => import("./home/page"), "HomePage"),
});
const customerTable = createRoute({
  getParentRoute: () => frame,
  path: "/customer-table",
  component: lazyRouteComponent(() => import("./customer-table/page"), "CustomerTablePage"),
});
const missing = createRoute({
  getParentRoute: () => frame,
  path: "/missing",
  // About which customer, by id.
  validateSearch: (raw: Record<string, unknown>): { customer?: string } => ({ customer: text(raw.customer) }),
  component: lazyRouteComponent(() => import("./missing/page"), "MissingPage"),
});
const preferences = createRoute({
  getParentRoute: () => frame,
  path: "/settings/preferences",
  component: lazyRouteComponent(() => import("./preferences/page"), "PreferencesPage"),
});
const detail = createRoute({
  getParentRoute: () => frame,
  path: "/investigations/$rrn",
  validateSearch: parseDetail,
  component: DetailPage,
});
const CUSTOMER_VIEWS = ["groups", "codes", "removed"] as const;
interface CustomersSearch {
  /** Whose grants are shown. */
  customer?: string;
  /** Of which group they are, by id. */
  group?: string;
  sort?: (typeof CUSTOMER_SORTS)[number];
  view?: (typeof CUSTOMER_VIEWS)[number];
}
const customers = createRoute({
  getParentRoute: () => frame,
  path: "/customers",
  validateSearch: (raw: Record<string, unknown>): CustomersSearch => ({
    customer: text(raw.customer),
    group: text(raw.group),
    sort: oneOf(raw.sort, CUSTOMER_SORTS),
    view: oneOf(raw.view, CUSTOMER_VIEWS),
  }),
  component: CustomersPage,
});
const CUSTOMER_TABS = ["health", "sync", "licence", "access"] as const;
/** Without a tab it is the overview. */
interface CustomerSearch {
  tab?: (typeof CUSTOMER_TABS)[number];
}
const customer = createRoute({
  getParentRoute: () => frame,
  path: "/customers/$id",
  validateSearch: (raw: Record<string, unknown>): CustomerSearch => ({ tab: oneOf(raw.tab, CUSTOMER_TABS) }),
  component: lazyRouteComponent(() => import("./customer/page"), "CustomerPage"),
});
const customerInvestigations = createRoute({
  getParentRoute: () => frame,
  path: "/customers/$id/investigations",
  validateSearch: parseQueue,
  component: CustomerInvestigationsPage,
});
const licences = createRoute({
  getParentRoute: () => frame,
  path: "/licences",
  // Whose allocation is open.
  validateSearch: (raw: Record<string, unknown>): { customer?: string } => ({ customer: text(raw.customer) }),
  component: lazyRouteComponent(() => import("./licences/page"), "LicencesPage"),
});
const customerSettings = createRoute({
  getParentRoute: () => frame,
  path: "/settings/customers",
  component: lazyRouteComponent(() => import("./customer-settings/page"), "CustomerSettingsPage"),
});
const logs = createRoute({
  getParentRoute: () => frame,
  path: "/customers/$id/logs",
  validateSearch: parseLogs,
  component: LogsPage,
});
const acrossLogs = createRoute({
  getParentRoute: () => frame,
  path: "/logs",
  validateSearch: parseAcross,
  component: lazyRouteComponent(() => import("./logs/across-page"), "AcrossRoute"),
});
const dashboards = createRoute({
  getParentRoute: () => frame,
  path: "/dashboards",
  component: lazyRouteComponent(() => import("./dashboards/list"), "DashboardsPage"),
});
const dashboard = createRoute({
  getParentRoute: () => frame,
  path: "/dashboards/$name",
  validateSearch: parseDashboard,
  component: lazyRouteComponent(() => import("./dashboards/page"), "DashboardRoute"),
});
const technicians = createRoute({
  getParentRoute: () => frame,
  path: "/technicians",
  component: lazyRouteComponent(() => import("./technicians/page"), "TechniciansPage"),
});
const technician = createRoute({
  getParentRoute: () => frame,
  path: "/technicians/$id",
  component: lazyRouteComponent(() => import("./technicians/technician"), "TechnicianPage"),
});
const notifications = createRoute({
  getParentRoute: () => frame,
  path: "/settings/notifications",
  component: lazyRouteComponent(() => import("./notifications/page"), "NotificationsPage"),
});
const access = createRoute({
  getParentRoute: () => frame,
  path: "/access",
  // As whom, and about which customer: ids, never names.
  validateSearch: (raw: Record<string, unknown>): { user?: string; customer?: string } => ({
    user: text(raw.user),
    customer: text(raw.customer),
  }),
  component: AccessPage,
});
const audit = createRoute({
  getParentRoute: () => frame,
  path: "/audit",
  validateSearch: parseAudit,
  component: AuditPage,
});

const tree = root.addChildren([
  signIn,
  setup,
  welcome,
  frame.addChildren([
    start,
    home,
    customerTable,
    queue,
    missing,
    preferences,
    detail,
    customers,
    customer,
    customerInvestigations,
    logs,
    acrossLogs,
    dashboards,
    dashboard,
    licences,
    customerSettings,
    notifications,
    technicians,
    technician,
    access,
    audit,
  ]),
]);

export function createConsoleRouter() {
  return createRouter({
    routeTree: tree,
    parseSearch,
    stringifySearch,
    pathParamsAllowedCharacters: [":"],
    defaultPreload: false,
    scrollRestoration: false,
  });
}

declare module "@tanstack/react-router" {
  interface Register {
    router: ReturnType<typeof createConsoleRouter>;
  }
}
