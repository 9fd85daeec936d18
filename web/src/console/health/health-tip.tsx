import { Popover as Base } from "@base-ui/react/popover";
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { createContext, type ReactNode, useContext, useEffect, useRef, useState } from "react";
import * as api from "../../api/console";
import type { Customer } from "../../api/types";
import { cn } from "../../lib/cn";
import { CAUSE, healthWords } from "../../lib/health";
import { HEALTH } from "../../lib/words";
import { Age, HealthArrow, Moment } from "../../ui/marks";
import { popupClass } from "../../ui/popover";

interface Tip {
  show: (customer: Customer, anchor: Element) => void;
  hide: () => void;
}

const TipContext = createContext<Tip>({ show: () => {}, hide: () => {} });

/** How long the pointer may be on its way from the mark to what the mark says. */
const LEAVE_MS = 150;

/** One popover for all marks of a list: what a mark says opens at it while the pointer or the focus is there. */
export function HealthTips({ rows, children }: { rows: readonly Customer[]; children: ReactNode }) {
  const [open, setOpen] = useState<{ id: string; anchor: Element } | null>(null);
  const leaving = useRef<ReturnType<typeof setTimeout>>(undefined);
  useEffect(() => () => clearTimeout(leaving.current), []);
  const stay = () => clearTimeout(leaving.current);
  const hide = () => {
    stay();
    leaving.current = setTimeout(() => setOpen(null), LEAVE_MS);
  };
  const show = ({ id }: Customer, anchor: Element) => {
    stay();
    setOpen({ id, anchor });
  };
  const customer = open ? rows.find(({ id }) => id === open.id) : undefined;
  return (
    <TipContext value={{ show, hide }}>
      {children}
      {open && customer ? (
        <Base.Root open onOpenChange={(next) => (next ? undefined : setOpen(null))}>
          <Base.Portal>
            <Base.Positioner anchor={open.anchor} align="start" sideOffset={6} collisionPadding={8} className="z-10">
              <Base.Popup
                aria-label={`Health of ${customer.name}`}
                initialFocus={false}
                finalFocus={false}
                onPointerEnter={stay}
                onPointerLeave={hide}
                className={cn(popupClass, "w-[360px] p-3")}
              >
                <Said customer={customer} />
              </Base.Popup>
            </Base.Positioner>
          </Base.Portal>
        </Base.Root>
      ) : null}
    </TipContext>
  );
}

/** The mark before a customer's name: what it says is under it, the whole of it where it leads. */
export function HealthMark({ customer }: { customer: Customer }) {
  const { show, hide } = useContext(TipContext);
  return (
    <Link
      to="/customers/$id"
      params={{ id: customer.id }}
      search={{ tab: "health" }}
      data-health={customer.health}
      className="-m-1 inline-flex rounded-sm p-1 hover:bg-hover"
      onPointerEnter={(event) => show(customer, event.currentTarget)}
      onPointerLeave={hide}
      onFocus={(event) => show(customer, event.currentTarget)}
      onBlur={hide}
      onKeyDown={(event) => {
        if (event.key === "Escape") hide();
      }}
    >
      <HealthArrow state={customer.health} />
      <span className="sr-only">
        : {customer.name}. {healthWords(customer)}
      </span>
    </Link>
  );
}

function Said({ customer }: { customer: Customer }) {
  const { id, health, health_since, health_cause, health_detail } = customer;
  return (
    <div className="flex flex-col gap-2">
      <div className="flex items-center gap-1.5">
        <HealthArrow state={health} />
        <span aria-hidden="true" className="font-semibold">
          {HEALTH[health]}
        </span>
        {health_since ? (
          <span className="text-muted">
            for <Age time={health_since} />, since <Moment time={health_since} long />
          </span>
        ) : (
          <span className="text-muted">not asked yet</span>
        )}
      </div>
      {health_cause || health_detail ? (
        <div>
          {health_cause ? <div>{CAUSE[health_cause]}.</div> : null}
          {health_detail ? <div className="break-words text-muted first-letter:uppercase">{health_detail}</div> : null}
        </div>
      ) : null}
      {health === "up" ? null : <Advice id={id} />}
    </div>
  );
}

/** What to try, read when somebody looks. */
function Advice({ id }: { id: string }) {
  const query = useQuery({ queryKey: ["customers", id, "health"], queryFn: () => api.health(id), staleTime: 15_000 });
  const advice = query.data?.advice ?? [];
  if (query.isPending) return <div className="skeleton h-2.5 w-48" />;
  return advice.length > 0 ? <AdviceList advice={advice} /> : null;
}

export function AdviceList({ advice }: { advice: readonly string[] }) {
  return (
    <div>
      <div className="text-sm font-medium">What to try</div>
      <ol className="ml-4 flex list-decimal flex-col gap-1">
        {advice.map((sentence) => (
          <li key={sentence}>{sentence}</li>
        ))}
      </ol>
    </div>
  );
}
