import { Link, useNavigate } from "@tanstack/react-router";
import { Building2, ChevronDown, Inbox, Menu as MenuIcon, Search, Table2, X } from "lucide-react";
import type { Customer } from "../../api/types";
import { cn } from "../../lib/cn";
import { type Place, recent } from "../../lib/context";
import { parseQueue } from "../../lib/queue-search";
import { buttonClass, IconButton } from "../../ui/button";
import { Kbd } from "../../ui/marks";
import { Menu, MenuItem, MenuLabel, MenuSeparator } from "../../ui/menu";
import { useCustomerNames } from "../context/use-place";
import { useEnter, useLeave } from "../context/ways";
import { useMultiCustomer } from "../preferences/use-preferences";

interface Props {
  place: Place;
  customer: Customer | undefined;
  onSwitch: () => void;
}

const itemClass =
  "inline-flex h-7 shrink-0 items-center gap-1.5 rounded-sm px-2.5 text-base whitespace-nowrap text-muted hover:bg-hover hover:text-text data-[status=active]:bg-selected data-[status=active]:font-medium data-[status=active]:text-text";

const within = { exact: false, includeSearch: false };

/**
 * The navigation across the top: the menu, all customers, all investigations, and the way out to the customer table. Above
 * the products there is nothing to navigate between, and it is left out.
 */
export function MultiCustomerNav({ place, customer, onSwitch }: Props) {
  const multi = useMultiCustomer();
  if (place.area === "platform") return null;
  return (
    <nav aria-label="Multi-customer navigation" className="flex min-w-0 items-center gap-0.5 border-l border-line pl-3">
      <ContextMenu place={place} customer={customer} onSwitch={onSwitch} />
      <Link
        to="/customers"
        activeOptions={{ exact: true, includeSearch: false }}
        title="Every customer (g c)"
        className={itemClass}
      >
        Customers
      </Link>
      {multi === false ? (
        <Link
          to="/settings/preferences"
          title="You switched merged views off under Settings › User preferences"
          className={itemClass}
        >
          All investigations
          <span className="rounded-sm border border-line px-1 text-xs font-medium">OFF</span>
          <span className="sr-only">: switch them on under User preferences</span>
        </Link>
      ) : (
        <Link
          to="/investigations"
          search={parseQueue({})}
          activeOptions={{ ...within, exact: true }}
          title="The investigations of all customers (g i)"
          className={itemClass}
        >
          All investigations
        </Link>
      )}
      <Link to="/customer-table" title="Leaves the SIEM (g v)" className={itemClass}>
        <Table2 size={14} aria-hidden="true" />
        View Customer Table
      </Link>
    </nav>
  );
}

function ContextMenu({ place, customer, onSwitch }: Props) {
  const inside = place.area === "customer";
  const leave = useLeave();
  const says = inside ? (customer?.name ?? "One customer") : "All customers";
  return (
    <span className={cn("flex min-w-0 items-center rounded-sm", inside ? "bg-selected" : "")}>
      <Menu
        trigger={
          <button
            type="button"
            aria-label={`Multi-customer menu, now: ${says}`}
            className={buttonClass(
              inside ? "plain" : "quiet",
              "min-w-0 max-w-64 shrink",
              inside ? "border-accent bg-selected font-medium" : "",
            )}
          >
            {inside ? <Building2 size={14} aria-hidden="true" /> : <MenuIcon size={14} aria-hidden="true" />}
            <span className="truncate">{says}</span>
            <ChevronDown size={14} className="shrink-0" aria-hidden="true" />
          </button>
        }
      >
        <Choices customer={customer} onSwitch={onSwitch} inside={inside} />
      </Menu>
      {inside ? (
        <IconButton label={`Leave ${says}`} onClick={leave}>
          <X size={14} aria-hidden="true" />
        </IconButton>
      ) : null}
    </span>
  );
}

interface ChoicesProps {
  customer: Customer | undefined;
  inside: boolean;
  onSwitch: () => void;
}

function Choices({ customer, inside, onSwitch }: ChoicesProps) {
  const navigate = useNavigate();
  const enter = useEnter();
  const leave = useLeave();
  const multi = useMultiCustomer() !== false;
  const all = useCustomerNames().data?.data ?? [];
  const lately = recent().flatMap((id) => (id === customer?.id ? [] : all.filter((one) => one.id === id)));
  return (
    <>
      {multi ? (
        <MenuItem onClick={() => void navigate({ to: "/investigations", search: parseQueue({}) })}>
          <Inbox size={14} aria-hidden="true" />
          All investigations
        </MenuItem>
      ) : null}
      <MenuItem onClick={() => void navigate({ to: "/customers", search: {} })}>
        <Building2 size={14} aria-hidden="true" />
        Customers
      </MenuItem>
      <MenuSeparator />
      {lately.length > 0 ? <MenuLabel>Opened lately</MenuLabel> : null}
      {lately.map((one) => (
        <MenuItem key={one.id} onClick={() => enter(one.id)}>
          <span className="w-3.5" />
          <span className="min-w-0 flex-1 truncate">{one.name}</span>
          <span className="text-sm text-muted">{one.region}</span>
        </MenuItem>
      ))}
      <MenuItem onClick={onSwitch}>
        <Search size={14} aria-hidden="true" />
        <span className="flex-1">Switch customer…</span>
        <Kbd>c</Kbd>
      </MenuItem>
      {inside ? (
        <>
          <MenuSeparator />
          <MenuItem onClick={leave}>
            <X size={14} aria-hidden="true" />
            Leave {customer?.name ?? "this customer"}
          </MenuItem>
        </>
      ) : null}
    </>
  );
}
