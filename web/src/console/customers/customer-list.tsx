import { type UseQueryResult, useQuery } from "@tanstack/react-query";
import { useSearch } from "@tanstack/react-router";
import { useVirtualizer } from "@tanstack/react-virtual";
import { Building2, Plus } from "lucide-react";
import { type ReactNode, useEffect, useMemo, useRef, useState } from "react";
import * as api from "../../api/console";
import type { Customer, Page } from "../../api/types";
import { ScopeLine } from "../../components/scope-line";
import { cn } from "../../lib/cn";
import { ordered } from "../../lib/customer-order";
import { useHotkeys } from "../../lib/hotkeys";
import { rowHeight, useLook } from "../../lib/theme";
import { Button } from "../../ui/button";
import { controlClass } from "../../ui/field";
import { ScrollBox } from "../../ui/scroll-box";
import { Empty, Failure, SkeletonRows } from "../../ui/states";
import { HealthTips } from "../health/health-tip";
import { MissingLink } from "../missing/link";
import { Arrange } from "./arrange";
import { CustomersTable, type RowActions } from "./customers-table";

const REFRESH_MS = 5000;

interface Customers {
  query: UseQueryResult<Page<Customer>>;
  all: Customer[] | undefined;
  /** How many, in words; null while that is not known. */
  count: string | null;
}

export function useCustomers(): Customers {
  const query = useQuery({ queryKey: ["customers"], queryFn: api.customers, refetchInterval: REFRESH_MS });
  const all = query.data?.data;
  return { query, all, count: all ? `${all.length}` : null };
}

interface Props extends Customers {
  onOpen: (customer: Customer) => void;
  /** The page's head, around what the list puts there. */
  head: (more: ReactNode) => ReactNode;
  actions: RowActions | null;
  onAdd?: () => void;
}

/** The customers, those found by the words in the box. */
export function CustomerList({ query, all, head, actions, onAdd, onOpen }: Props) {
  const [find, setFind] = useState("");
  const finder = useRef<HTMLInputElement>(null);
  const box = useRef<HTMLElement>(null);
  const { group, sort } = useSearch({ from: "/frame/customers" });
  const rows = useMemo(() => ordered(all ?? [], { find, group, sort }), [all, find, group, sort]);
  const height = rowHeight(useLook().density) + 1;
  const virtual = useVirtualizer<HTMLElement, HTMLTableRowElement>({
    count: rows.length,
    getScrollElement: () => box.current,
    estimateSize: () => height,
    getItemKey: (index) => rows[index]?.id ?? index,
    scrollPaddingStart: height,
    overscan: 20,
  });
  // biome-ignore lint/correctness/useExhaustiveDependencies: sizes change with the density alone
  useEffect(() => virtual.measure(), [height]);
  const act = useRowKeys(box, rows, (index) => virtual.scrollToIndex(index));
  useHotkeys({
    "/": () => finder.current?.focus(),
    j: () => act.move(1),
    k: () => act.move(-1),
    Enter: () => act.on(onOpen),
    ...(actions
      ? {
          e: () => act.on(actions.edit),
          s: () => act.on(actions.sync),
          a: () => act.on(actions.access),
          Delete: () => act.on(actions.remove),
        }
      : {}),
  });
  return (
    <>
      {head(
        <>
          <ScopeLine scope={query.data?.scope}>
            <MissingLink />
          </ScopeLine>
          <Arrange all={all ?? []} />
          <input
            ref={finder}
            type="search"
            aria-label="Find customers"
            placeholder="Find customers…"
            className={cn(controlClass, "w-40")}
            value={find}
            onChange={(event) => setFind(event.target.value)}
            onKeyDown={(event) => {
              if (event.key === "Escape") event.currentTarget.blur();
              if (event.key === "Enter") act.move(1);
            }}
          />
        </>,
      )}
      {query.error ? (
        <Failure
          error={query.error}
          title={all ? "The list may be out of date" : "The customers could not be read"}
          onRetry={() => void query.refetch()}
        />
      ) : null}
      {all === undefined ? (
        query.error ? null : (
          <div className="rounded-md border border-line bg-surface">
            <SkeletonRows label="Asking every customer's node" />
          </div>
        )
      ) : (
        <ScrollBox label="Customers" className="max-h-full" ref={box}>
          {rows.length > 0 ? (
            <HealthTips rows={rows}>
              <CustomersTable rows={rows} scope={query.data?.scope} actions={actions} virtual={virtual} />
            </HealthTips>
          ) : find || group ? (
            <Empty
              icon={<Building2 size={18} />}
              title={find ? "No customer has that name" : "The group has no customer"}
            />
          ) : (
            <None onAdd={onAdd} />
          )}
        </ScrollBox>
      )}
    </>
  );
}

function None({ onAdd }: { onAdd: (() => void) | undefined }) {
  return (
    <Empty
      icon={<Building2 size={18} />}
      title="No customers yet"
      action={
        onAdd ? (
          <Button look="primary" icon={<Plus size={15} aria-hidden="true" />} onClick={onAdd}>
            Add customer
          </Button>
        ) : null
      }
    >
      {onAdd
        ? "Add the first one: you need the address of its node and the workspace administrator's consent."
        : "You hold no grant on any customer. An administrator gives them."}
    </Empty>
  );
}

/** Moves the focus from row to row, and acts on the row it is in. */
function useRowKeys(
  box: { current: HTMLElement | null },
  rows: readonly Customer[],
  scrollTo: (index: number) => void,
) {
  const here = () => {
    const line = document.activeElement?.closest<HTMLElement>("[data-customer]");
    const id = line && box.current?.contains(line) ? line.dataset.customer : undefined;
    return rows.findIndex((row) => row.id === id);
  };
  return {
    move: (by: number) => {
      const next = Math.min(Math.max(here() + by, 0), rows.length - 1);
      const id = rows[next]?.id;
      if (id === undefined) return;
      scrollTo(next);
      focusWhenThere(() => box.current?.querySelector<HTMLElement>(`[data-customer="${CSS.escape(id)}"]`) ?? null);
    },
    on: (action: (customer: Customer) => void) => {
      const customer = rows[here()];
      if (customer) action(customer);
    },
  };
}

/** A row that was out of sight is on the page a moment after it was scrolled to. */
function focusWhenThere(find: () => HTMLElement | null, tries = 10): void {
  const line = find();
  if (line) line.focus({ preventScroll: true });
  else if (tries > 0) requestAnimationFrame(() => focusWhenThere(find, tries - 1));
}
