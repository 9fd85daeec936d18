import { Link } from "@tanstack/react-router";
import { ArrowLeftRight, Building2, Inbox, LogOut, Pin, TextSearch } from "lucide-react";
import type { Customer } from "../../api/types";
import { NavLabel, navClass } from "../../components/shell";
import { cn } from "../../lib/cn";
import type { Part } from "../../lib/context";
import { parseQueue } from "../../lib/queue-search";
import { ROLE } from "../../lib/words";
import { Badge, HealthArrow, Kbd } from "../../ui/marks";
import { useLeave } from "./ways";

interface Props {
  customer: Customer;
  part: Part;
  onSwitch: () => void;
}

/** The left menu inside one customer's environment: whose it is, its own pages, and the way out. */
export function CustomerNav({ customer, part, onSwitch }: Props) {
  const { id, name, region, health, role, primary } = customer;
  const leave = useLeave();
  const on = (which: Part) => cn(navClass, part === which ? "bg-selected font-medium text-text" : "");
  const current = (which: Part) => (part === which ? ("page" as const) : undefined);
  return (
    <>
      <section
        aria-label="Customer environment"
        className="mb-1.5 flex flex-col gap-1 rounded-sm border border-accent bg-selected px-2.5 py-2"
      >
        <div className="text-xs text-muted">You are in the environment of</div>
        <div data-testid="environment" className="leading-5 font-semibold break-words">
          {name}
        </div>
        <div className="flex flex-wrap items-center gap-x-1.5 gap-y-0.5 text-sm text-muted">
          <HealthArrow state={health} />
          <span>{region}</span>
          <span aria-hidden="true">·</span>
          <span>{role ? ROLE[role] : "No role"}</span>
        </div>
        {primary ? (
          <span>
            <Badge tone="accent">
              <Pin size={11} aria-hidden="true" />
              Primary
            </Badge>
          </span>
        ) : null}
      </section>
      <Link
        to="/customers/$id/investigations"
        params={{ id }}
        search={parseQueue({})}
        className={on("investigations")}
        aria-current={current("investigations")}
      >
        <Inbox size={15} aria-hidden="true" />
        Investigations
      </Link>
      <Link
        to="/customers/$id/logs"
        params={{ id }}
        search={{ range: "all" }}
        className={on("logs")}
        aria-current={current("logs")}
      >
        <TextSearch size={15} aria-hidden="true" />
        Log search
      </Link>
      <Link
        to="/customers/$id"
        params={{ id }}
        search={{}}
        activeOptions={{ exact: true, includeSearch: false }}
        className={on("overview")}
        aria-current={current("overview")}
      >
        <Building2 size={15} aria-hidden="true" />
        About this customer
      </Link>
      <NavLabel>Elsewhere</NavLabel>
      <button type="button" onClick={onSwitch} className={cn(navClass, "text-left")}>
        <ArrowLeftRight size={15} aria-hidden="true" />
        <span className="flex-1">Switch customer</span>
        <Kbd>c</Kbd>
      </button>
      <button type="button" onClick={leave} className={cn(navClass, "text-left")}>
        <LogOut size={15} aria-hidden="true" />
        Leave to all customers
      </button>
    </>
  );
}
