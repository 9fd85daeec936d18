import { useQuery } from "@tanstack/react-query";
import { Link, useNavigate } from "@tanstack/react-router";
import { useVirtualizer } from "@tanstack/react-virtual";
import { Building2, ChevronRight, Pin } from "lucide-react";
import { type ReactNode, useEffect, useMemo, useRef, useState } from "react";
import * as api from "../../api/console";
import type { Customer, Scope } from "../../api/types";
import { ScopeLine } from "../../components/scope-line";
import { cn } from "../../lib/cn";
import { ordered } from "../../lib/customer-order";
import { plural } from "../../lib/format";
import { useHotkeys } from "../../lib/hotkeys";
import { parseQueue } from "../../lib/queue-search";
import { whyMissing } from "../../lib/scope";
import { rowHeight, useLook } from "../../lib/theme";
import { HEALTH, ROLE } from "../../lib/words";
import { controlClass } from "../../ui/field";
import { Badge, HealthArrow } from "../../ui/marks";
import { Empty, Failure, PageHead, SkeletonRows } from "../../ui/states";
import { wideClass } from "../../ui/table";
import { Counts } from "../customers/customers-table";
import { MissingLink } from "../missing/link";

const REFRESH_MS = 10_000;
const PINNED_PX = 44;
const COLUMNS =
  "grid-cols-[minmax(220px,3fr)_72px_minmax(110px,1fr)_minmax(180px,2fr)_minmax(110px,1fr)_28px] max-xl:grid-cols-[minmax(200px,3fr)_72px_minmax(180px,2fr)_minmax(100px,1fr)_28px]";

/** Above the products: the MSSP's own account, pinned, and every customer. Where the way to many customers begins. */
export function CustomerTablePage() {
  const query = useQuery({ queryKey: ["customers"], queryFn: api.customers, refetchInterval: REFRESH_MS });
  const [typed, setTyped] = useState("");
  const input = useRef<HTMLInputElement>(null);
  const all = query.data?.data;
  const primary = all?.find((one) => one.primary);
  const rows = useMemo(
    () => ordered(all ?? [], { find: typed, group: undefined, sort: undefined }).filter((one) => !one.primary),
    [all, typed],
  );
  useHotkeys({ "/": () => input.current?.focus() });
  return (
    <div className="flex h-full min-w-[892px] flex-col gap-2.5 p-3">
      <PageHead title="Customer table" note={all ? plural(all.length, "customer") : null}>
        <ScopeLine scope={query.data?.scope}>
          <MissingLink />
        </ScopeLine>
        <input
          ref={input}
          type="search"
          aria-label="Find customers"
          placeholder="Find customers…"
          className={cn(controlClass, "w-56")}
          value={typed}
          onChange={(event) => setTyped(event.target.value)}
          onKeyDown={(event) => {
            if (event.key === "Escape") event.currentTarget.blur();
          }}
        />
      </PageHead>
      <p className="text-muted">
        Select a customer account. The pinned one is ours: it leads to Home, and from there to the investigations of all
        customers. Any other opens that customer’s environment.
      </p>
      {query.error ? (
        <Failure
          error={query.error}
          title={all ? "The list may be out of date" : "The customers could not be read"}
          onRetry={() => void query.refetch()}
        />
      ) : null}
      {all ? (
        <AccountTable
          pinned={<Pinned primary={primary} scope={query.data?.scope} />}
          rows={rows}
          scope={query.data?.scope}
          none={typed ? "No customer has that name" : "No customers yet"}
        />
      ) : query.error ? null : (
        <div className="rounded-md border border-line bg-surface">
          <SkeletonRows label="Asking every customer's node" />
        </div>
      )}
    </div>
  );
}

interface TableProps {
  pinned: ReactNode;
  rows: Customer[];
  scope: Scope | undefined;
  none: string;
}

/** Only the rows in sight are on the page: there may be thousands. */
function AccountTable({ pinned, rows, scope, none }: TableProps) {
  const box = useRef<HTMLDivElement>(null);
  const height = rowHeight(useLook().density) + 8;
  const virtual = useVirtualizer({
    count: rows.length,
    getScrollElement: () => box.current,
    estimateSize: () => height,
    getItemKey: (index) => rows[index]?.id ?? index,
    // What stands above the rows stays in sight.
    scrollPaddingStart: height + PINNED_PX,
    overscan: 10,
  });
  // biome-ignore lint/correctness/useExhaustiveDependencies: sizes change with the density alone
  useEffect(() => virtual.measure(), [height]);
  const [cursor, setCursor] = useState<number | null>(null);
  const navigate = useNavigate();
  const move = (by: number) => {
    const next = Math.min(rows.length - 1, Math.max(0, (cursor ?? -1) + by));
    setCursor(next);
    virtual.scrollToIndex(next);
  };
  useHotkeys({
    j: () => move(1),
    k: () => move(-1),
    ArrowDown: () => move(1),
    ArrowUp: () => move(-1),
    Enter: () => {
      const row = cursor === null ? undefined : rows[cursor];
      if (row) void navigate(wayInto(row));
    },
  });
  return (
    <div
      ref={box}
      role="table"
      aria-label="Select customer account"
      aria-rowcount={rows.length + 2}
      // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard (WCAG 2.1.1)
      tabIndex={0}
      className="min-h-0 overflow-auto rounded-md border border-line bg-surface"
    >
      <div role="rowgroup" className="sticky top-0 z-2 bg-surface">
        <div
          role="row"
          aria-rowindex={1}
          className={cn("row-grid h-(--row) border-b border-line text-sm font-medium text-muted", COLUMNS)}
        >
          <span role="columnheader">Customer account</span>
          <span role="columnheader">Region</span>
          <span role="columnheader" className={wideClass}>
            Health
          </span>
          <span role="columnheader">Open investigations</span>
          <span role="columnheader">Your role</span>
          <span role="columnheader">
            <span className="sr-only">Opens</span>
          </span>
        </div>
        {pinned}
      </div>
      {rows.length === 0 ? (
        <Empty icon={<Building2 size={18} />} title={none} />
      ) : (
        <div role="rowgroup" className="relative" style={{ height: virtual.getTotalSize() }}>
          {virtual.getVirtualItems().map((item) => {
            const row = rows[item.index];
            return row ? (
              <Row
                key={item.key}
                customer={row}
                index={item.index}
                top={item.start}
                height={height}
                on={cursor === item.index}
                missing={whyMissing(scope, row.id)}
              />
            ) : null;
          })}
        </div>
      )}
    </div>
  );
}

/** Where a customer's row leads: into its environment, or to why it does not open. */
function wayInto({ id, role }: Customer) {
  return role
    ? { to: "/customers/$id/investigations" as const, params: { id }, search: parseQueue({}) }
    : { to: "/missing" as const, search: { customer: id } };
}

interface RowProps {
  customer: Customer;
  index: number;
  top: number;
  height: number;
  on: boolean;
  missing: string | null;
}

function Row({ customer, index, top, height, on, missing }: RowProps) {
  return (
    <div
      role="row"
      aria-rowindex={index + 3}
      data-account={customer.id}
      style={{ transform: `translateY(${top}px)`, height }}
      className={cn(
        "row-grid absolute inset-x-0 top-0 border-b border-line",
        COLUMNS,
        on ? "bg-selected shadow-[inset_2px_0_0_var(--color-accent)]" : "hover:bg-hover",
      )}
    >
      <span role="cell" className="flex min-w-0 items-center gap-2">
        <HealthArrow state={customer.health} />
        <Link
          {...wayInto(customer)}
          title={customer.role ? `Open the environment of ${customer.name}` : "Why it does not open"}
          className="truncate rounded-sm font-medium hover:text-accent hover:underline"
        >
          {customer.name}
        </Link>
      </span>
      <Cells customer={customer} missing={missing} />
    </div>
  );
}

function Cells({ customer, missing }: { customer: Customer; missing: string | null }) {
  return (
    <>
      <span role="cell" className="truncate text-muted">
        {customer.region}
      </span>
      <span role="cell" className={cn("truncate text-muted", wideClass)}>
        {HEALTH[customer.health]}
      </span>
      <span role="cell" className="min-w-0">
        <Counts customer={customer} missing={missing} />
      </span>
      <span role="cell" className={customer.role ? "truncate" : "truncate text-muted"}>
        {customer.role ? ROLE[customer.role] : "None: why?"}
      </span>
      <span role="cell" className="flex justify-end text-muted">
        <ChevronRight size={14} aria-hidden="true" />
      </span>
    </>
  );
}

/** Our own account: always there, for it is the way to many customers, whether or not a workspace of ours is registered. */
function Pinned({ primary, scope }: { primary: Customer | undefined; scope: Scope | undefined }) {
  return (
    <div
      role="row"
      aria-rowindex={2}
      data-account="pinned"
      className={cn(
        "row-grid h-11 border-b border-line bg-selected shadow-[inset_2px_0_0_var(--color-accent)]",
        COLUMNS,
      )}
    >
      <span role="cell" className="flex min-w-0 items-center gap-2">
        <span className="flex w-4 shrink-0 justify-center">
          <Pin size={14} className="text-accent" aria-hidden="true" />
        </span>
        <Link
          to="/home"
          title="Opens Home"
          className="truncate rounded-sm font-semibold hover:text-accent hover:underline"
        >
          {primary?.name ?? "Our account"}
        </Link>
        <Badge tone="accent" title="Our own account, pinned first">
          Primary
        </Badge>
      </span>
      {primary ? (
        <Cells customer={primary} missing={whyMissing(scope, primary.id)} />
      ) : (
        <>
          <span role="cell" className="text-muted">
            –
          </span>
          <span role="cell" className={cn("text-muted", wideClass)}>
            –
          </span>
          <span role="cell" className="text-muted">
            No workspace of our own is registered
          </span>
          <span role="cell" className="text-muted">
            –
          </span>
          <span role="cell" className="flex justify-end text-muted">
            <ChevronRight size={14} aria-hidden="true" />
          </span>
        </>
      )}
    </div>
  );
}
