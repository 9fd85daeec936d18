import { useQuery } from "@tanstack/react-query";
import { Link, type LinkProps } from "@tanstack/react-router";
import {
  BadgeCheck,
  Building2,
  CircleHelp,
  LayoutDashboard,
  type LucideIcon,
  Pin,
  ScrollText,
  ShieldAlert,
  TextSearch,
  UserCog,
  Users,
} from "lucide-react";
import type { ReactNode } from "react";
import * as api from "../../api/console";
import type { Customer } from "../../api/types";
import { plural } from "../../lib/format";
import { OPEN_KEYS, openOfAll } from "../../lib/open-counts";
import { parseQueue } from "../../lib/queue-search";
import { PRIORITIES, PRIORITY, PRIORITY_SEVERITY } from "../../lib/words";
import { Badge, SeverityMark } from "../../ui/marks";
import { PageHead } from "../../ui/states";
import { useMe } from "../me";
import { useMultiCustomer } from "../preferences/use-preferences";

const REFRESH_MS = 10_000;

/** Home of the account that is pinned in the customer table: a card for each area of the product. */
export function HomePage() {
  const administers = useMe().role === "administrator";
  const multi = useMultiCustomer() !== false;
  const query = useQuery({ queryKey: ["customers"], queryFn: api.customers, refetchInterval: REFRESH_MS });
  const all = query.data?.data;
  const primary = all?.find((one) => one.primary);
  const down = all?.filter(({ health }) => health === "down").length ?? 0;
  return (
    <div className="flex min-w-[892px] flex-col gap-4 p-6 max-xl:p-4">
      <PageHead title="Home" note={primary?.name}>
        {primary ? (
          <Badge tone="accent">
            <Pin size={11} aria-hidden="true" />
            Primary
          </Badge>
        ) : null}
      </PageHead>
      <div className="grid grid-cols-3 gap-3">
        <Card
          wide
          icon={ShieldAlert}
          title="SIEM"
          link={multi ? { to: "/investigations", search: parseQueue({}) } : { to: "/customers", search: {} }}
          says={
            multi
              ? "The investigations of all your customers in one queue, and each customer’s own environment behind it."
              : "Merged views are off: choose a customer, and work in its own environment."
          }
        >
          {all ? <OpenLine customers={all} /> : <span className="skeleton inline-block h-3 w-40" />}
        </Card>
        <Card
          icon={Building2}
          title={administers ? "Customer Management" : "Customers"}
          link={{ to: "/customers", search: {} }}
          says={
            administers
              ? "Add, edit, sync and let go of customers; groups, enrolment codes."
              : "Every customer you work for, and how its node is."
          }
        >
          {all ? (
            <span>
              {plural(all.length, "customer")}
              {down > 0 ? `, ${down} down` : ""}
            </span>
          ) : (
            <span className="skeleton inline-block h-3 w-24" />
          )}
        </Card>
        {multi ? (
          <Card
            icon={LayoutDashboard}
            title="Dashboards"
            link={{ to: "/dashboards" }}
            says="Health, credits, volume, failed records, insights and signals over any number of customers."
          />
        ) : null}
        {multi ? (
          <Card
            icon={TextSearch}
            title="Log search"
            link={{ to: "/logs", search: { range: "24h" } }}
            says="One question to the logs of every customer; the answers come as they are found."
          />
        ) : null}
        {administers ? (
          <>
            <Card
              icon={BadgeCheck}
              title="License Management"
              link={{ to: "/licences", search: {} }}
              says="The pool, what each customer has of it, and what it uses."
            />
            <Card
              icon={Users}
              title="Technicians"
              link={{ to: "/technicians" }}
              says="Who works here, and for which customers."
            />
          </>
        ) : null}
        <Card
          icon={ScrollText}
          title="Audit"
          link={{ to: "/audit", search: { range: "all" } }}
          says="Who did what, when, for which customer; the chain can be verified."
        />
        <Card
          icon={CircleHelp}
          title="Access"
          link={{ to: "/missing", search: {} }}
          says="Why a customer’s investigations are not in sight, and who can mend it."
        />
        <Card
          icon={UserCog}
          title="User preferences"
          link={{ to: "/settings/preferences" }}
          says="Multi Customer Investigations on or off, keys, row height, theme."
        />
      </div>
    </div>
  );
}

interface CardProps {
  icon: LucideIcon;
  title: string;
  link: LinkProps;
  says: string;
  /** The one most people come for. */
  wide?: boolean;
  children?: ReactNode;
}

/** One link as large as its card, named by its title alone. */
function Card({ icon: Icon, title, link, says, wide = false, children }: CardProps) {
  return (
    <section
      aria-label={title}
      className={`relative flex gap-3 rounded-md border bg-surface p-4 hover:bg-hover ${wide ? "col-span-3 border-accent" : "border-line"}`}
    >
      <span
        className={`flex shrink-0 items-center justify-center rounded-md bg-selected text-accent ${wide ? "size-12" : "size-9"}`}
      >
        <Icon size={wide ? 24 : 18} aria-hidden="true" />
      </span>
      <div className="flex min-w-0 flex-col gap-0.5">
        <h2 className={wide ? "text-lg font-semibold" : "text-base font-semibold"}>
          <Link {...link} className="rounded-sm after:absolute after:inset-0 after:rounded-md after:content-['']">
            {title}
          </Link>
        </h2>
        <p className="text-muted">{says}</p>
        {children ? <div className="mt-1">{children}</div> : null}
      </div>
    </section>
  );
}

/** How much is open, by priority; what is not known is said. */
function OpenLine({ customers }: { customers: readonly Customer[] }) {
  const { open, unknown } = openOfAll(customers);
  const some = PRIORITIES.filter((priority) => open[OPEN_KEYS[priority]] > 0);
  return (
    <span className="flex flex-wrap items-center gap-x-4 gap-y-1">
      <span className="text-muted">Open now:</span>
      {some.map((priority) => (
        <span key={priority} className="inline-flex items-center gap-1.5">
          <SeverityMark severity={PRIORITY_SEVERITY[priority]} />
          {open[OPEN_KEYS[priority]]} {PRIORITY[priority].toLowerCase()}
        </span>
      ))}
      {some.length === 0 ? <span>none</span> : null}
      {unknown > 0 ? <span className="text-muted">not known for {plural(unknown, "customer")}</span> : null}
    </span>
  );
}
