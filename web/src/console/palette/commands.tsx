import { useNavigate } from "@tanstack/react-router";
import {
  BadgeCheck,
  BellRing,
  Building2,
  CircleHelp,
  House,
  Inbox,
  KeyRound,
  LayoutDashboard,
  LogOut,
  type LucideIcon,
  Pin,
  ScrollText,
  SlidersHorizontal,
  Table2,
  TextSearch,
  UserCog,
  Users,
} from "lucide-react";
import { type ReactNode, useMemo } from "react";
import type { Customer } from "../../api/types";
import { recent } from "../../lib/context";
import type { Entry } from "../../lib/palette";
import { parseQueue } from "../../lib/queue-search";
import { useStable } from "../../lib/use-stable";
import { ROLE } from "../../lib/words";
import { HealthArrow } from "../../ui/marks";
import { useCustomerNames, usePlace } from "../context/use-place";
import { useEnter, useLeave } from "../context/ways";
import { useMe } from "../me";
import { useMultiCustomer } from "../preferences/use-preferences";

/** Something the palette does. */
export interface Command extends Entry {
  icon: ReactNode;
  run: () => void;
  keys?: string[];
}

interface Commands {
  /** Customers opened lately, the one before this one first. */
  recent: Command[];
  customers: Command[];
  pages: Command[];
  /** Whether the customers have been read. */
  known: boolean;
}

export function usePaletteCommands(): Commands {
  const query = useCustomerNames();
  const { place, customer: here } = usePlace();
  const enter = useStable(useEnter());
  const pages = usePages();
  const part = place.area === "customer" ? place.part : "investigations";
  const all = query.data?.data;
  const here_id = here?.id;
  const customers = useMemo(() => {
    const command = (one: Customer): Command => ({
      key: one.id,
      label: one.name,
      hint: one.role ? `${one.region} · ${ROLE[one.role]}` : `${one.region} · no role`,
      also: (one.groups ?? []).map(({ name }) => name).join(" "),
      icon: one.primary ? <Pin size={14} aria-hidden="true" /> : <HealthArrow state={one.health} />,
      run: () => enter(one.id, part),
    });
    const byName = [...(all ?? [])].sort(
      (a, b) => Number(b.primary) - Number(a.primary) || a.name.localeCompare(b.name, "en", { sensitivity: "base" }),
    );
    return byName.filter(({ id }) => id !== here_id).map(command);
  }, [all, here_id, part, enter]);
  const lately = recent().flatMap((id) => customers.filter(({ key }) => key === id));
  return { recent: lately, customers, pages, known: all !== undefined };
}

/** The dashboards that come with the program. */
const SEVEN = [
  ["collector-health-issues", "Collector Health Issues"],
  ["credits", "Credits"],
  ["failed-records-analysis", "Failed Records Analysis"],
  ["ingest-summary", "Ingest Summary"],
  ["ingestion-by-source-category", "Ingestion by Source Category"],
  ["insights", "Insights"],
  ["signals-analysis", "Signals Analysis"],
] as const;

function usePages(): Command[] {
  const navigate = useNavigate();
  const leave = useLeave();
  const { customer } = usePlace();
  const administers = useMe().role === "administrator";
  const multi = useMultiCustomer() !== false;
  const page = (label: string, Icon: LucideIcon, run: () => unknown, more: Partial<Command> = {}): Command => ({
    key: label,
    label,
    icon: <Icon size={14} aria-hidden="true" />,
    run: () => void run(),
    ...more,
  });
  return [
    ...(customer ? [page(`Leave ${customer.name}`, LogOut, leave, { also: "all customers" })] : []),
    ...(multi
      ? [
          page("All investigations", Inbox, () => navigate({ to: "/investigations", search: parseQueue({}) }), {
            keys: ["g", "i"],
            also: "queue siem",
          }),
          page("Dashboards", LayoutDashboard, () => navigate({ to: "/dashboards" }), {
            keys: ["g", "d"],
            also: "mssp",
          }),
          ...SEVEN.map(([name, label]) =>
            page(`Dashboard: ${label}`, LayoutDashboard, () =>
              navigate({ to: "/dashboards/$name", params: { name }, search: {} }),
            ),
          ),
          page("Log search over all customers", TextSearch, () => navigate({ to: "/logs", search: { range: "24h" } })),
        ]
      : []),
    page("Customers", Building2, () => navigate({ to: "/customers", search: {} }), {
      keys: ["g", "c"],
      also: "customer management",
    }),
    page("Customer table", Table2, () => navigate({ to: "/customer-table" }), { keys: ["g", "v"] }),
    page("Home", House, () => navigate({ to: "/home" }), { keys: ["g", "h"] }),
    page("Why can’t I see my customer investigations?", CircleHelp, () => navigate({ to: "/missing", search: {} }), {
      also: "missing customers",
    }),
    page(administers ? "Access explained" : "My access", KeyRound, () => navigate({ to: "/access", search: {} }), {
      keys: ["g", "a"],
    }),
    ...(administers
      ? [
          page("License Management", BadgeCheck, () => navigate({ to: "/licences", search: {} }), { also: "licence" }),
          page("Customer settings", SlidersHorizontal, () => navigate({ to: "/settings/customers" })),
          page("Technicians", Users, () => navigate({ to: "/technicians" }), { keys: ["g", "t"] }),
          page("Notifications", BellRing, () => navigate({ to: "/settings/notifications" })),
        ]
      : []),
    page("User preferences", UserCog, () => navigate({ to: "/settings/preferences" }), {
      keys: ["g", "p"],
      also: "settings theme density shortcuts multi customer investigations",
    }),
    page("Audit", ScrollText, () => navigate({ to: "/audit", search: { range: "all" } }), { keys: ["g", "l"] }),
  ];
}
