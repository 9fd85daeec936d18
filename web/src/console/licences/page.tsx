import { useQuery } from "@tanstack/react-query";
import { Link, useNavigate, useSearch } from "@tanstack/react-router";
import { BadgeCheck } from "lucide-react";
import { useState } from "react";
import * as api from "../../api/console";
import type { Allocation, LicencePool, LicenceResource } from "../../api/types";
import { Rows } from "../../components/rows";
import { cn } from "../../lib/cn";
import { plural } from "../../lib/format";
import { RESOURCE, RESOURCES } from "../../lib/licence";
import { Button } from "../../ui/button";
import { controlClass } from "../../ui/field";
import { Age } from "../../ui/marks";
import { Empty, PageHead } from "../../ui/states";
import { Table, Td, Th, ThActions, trClass, wideClass } from "../../ui/table";
import { AdministratorsOnly } from "../frame";
import { useMe } from "../me";
import { AllocationDialog, allocateLabel, poolTrouble } from "./allocation-dialog";
import { AllocationBadge } from "./details";
import { PoolPanel } from "./pool-panel";
import { resourceOf, Usage } from "./usage";

/** The pool, and what of it every customer has. */
export function LicencesPage() {
  return useMe().role === "administrator" ? <Licences /> : <AdministratorsOnly />;
}

const REFRESH_MS = 5000;

function Licences() {
  const query = useQuery({ queryKey: ["licences", "all"], queryFn: api.licences, refetchInterval: REFRESH_MS });
  const { customer: shown } = useSearch({ from: "/frame/licences" });
  const navigate = useNavigate({ from: "/licences" });
  const [find, setFind] = useState("");
  const [editing, setEditing] = useState(false);
  const rows = query.data?.data;
  const pool = query.data?.pool ?? null;
  const open = rows?.find(({ customer }) => customer.id === shown)?.customer ?? null;
  const show = (customer: string | undefined, edit: boolean) => {
    setEditing(edit);
    void navigate({ search: { customer } });
  };
  const word = find.trim().toLowerCase();
  const found = rows?.filter(({ customer }) => `${customer.name} ${customer.region}`.toLowerCase().includes(word));
  return (
    <div className="flex h-full min-w-[892px] flex-col gap-2.5 p-3">
      <PageHead title="License Management" note={rows ? summary(rows) : null}>
        <input
          type="search"
          aria-label="Find customers"
          placeholder="Find customers…"
          className={cn(controlClass, "w-52")}
          value={find}
          onChange={(event) => setFind(event.target.value)}
        />
      </PageHead>
      {pool ? <PoolPanel pool={pool} /> : null}
      <Rows
        label="Allocations"
        rows={found}
        error={query.error}
        onRetry={() => void query.refetch()}
        empty={
          <Empty
            icon={<BadgeCheck size={18} />}
            title={word ? "No customer has that name" : "There are no customers yet"}
          />
        }
      >
        {(rows) => <AllocationsTable rows={rows} pool={pool} onOpen={(row) => show(row.customer.id, true)} />}
      </Rows>
      <AllocationDialog customer={open} editing={editing} onClose={() => show(undefined, false)} />
    </div>
  );
}

function summary(rows: readonly Allocation[]): string {
  const pending = rows.filter(({ state }) => state === "PENDING").length;
  const some = rows.filter(({ state }) => state !== "NONE").length;
  return `${some} of ${plural(rows.length, "customer")} with an allocation${pending > 0 ? `, ${pending} pending` : ""}`;
}

/** Left out in narrow windows; the details hold all. */
const NARROW: readonly LicenceResource[] = ["frequent_daily_bytes", "infrequent_daily_bytes"];
const columnClass = (resource: LicenceResource) => (NARROW.includes(resource) ? wideClass : "");

interface TableProps {
  rows: readonly Allocation[];
  pool: LicencePool | null;
  onOpen: (row: Allocation) => void;
}

function AllocationsTable({ rows, pool, onOpen }: TableProps) {
  return (
    <Table label="Allocations" fixed>
      <thead>
        <tr>
          <Th>Customer</Th>
          <Th className="w-[18%] max-xl:w-[15%]">State</Th>
          {RESOURCES.map((resource) => (
            <Th
              key={resource}
              className={cn(
                "w-[9.6%]",
                RESOURCE[resource].volume ? "max-xl:w-[15%]" : "max-xl:w-[12.3%]",
                columnClass(resource),
              )}
              title={`${RESOURCE[resource].name}: used of allocated, ${RESOURCE[resource].unit}`}
            >
              {RESOURCE[resource].short}
              {RESOURCE[resource].volume ? <span className="font-normal">, GB</span> : null}
            </Th>
          ))}
          <ThActions className="w-[124px]" />
        </tr>
      </thead>
      <tbody>
        {rows.map((row) => (
          <AllocationRow key={row.customer.id} row={row} pool={pool} onOpen={() => onOpen(row)} />
        ))}
      </tbody>
    </Table>
  );
}

function AllocationRow({ row, pool, onOpen }: { row: Allocation; pool: LicencePool | null; onOpen: () => void }) {
  const { customer, state, resources, pending_since, pending_reason } = row;
  const trouble = pool && state === "NONE" ? poolTrouble(pool) : null;
  return (
    <tr className={trClass} data-licence={customer.id}>
      <Td className="truncate font-medium">
        <Link
          to="/customers/$id"
          params={{ id: customer.id }}
          search={{ tab: "licence" }}
          className="rounded-sm hover:text-accent hover:underline"
        >
          {customer.name}
        </Link>{" "}
        <span className="font-normal text-muted">{customer.region}</span>
      </Td>
      <Td>
        <span
          className="flex items-center gap-1.5 truncate text-muted"
          title={pending_reason ? `${pending_reason}; its node gets it by itself when it answers` : undefined}
        >
          <AllocationBadge allocation={row} />
          {pending_since ? (
            <span className="truncate">
              <Age time={pending_since} />
              {pending_reason ? `, ${pending_reason}` : ""}
            </span>
          ) : null}
        </span>
      </Td>
      {RESOURCES.map((resource) => {
        const { allocated, used } = resourceOf(resources, resource);
        return (
          <Td key={resource} className={columnClass(resource)} data-resource={resource}>
            <Usage resource={resource} used={used} most={allocated} />
          </Td>
        );
      })}
      <Td className="text-right">
        <Button
          className="h-6"
          aria-label={`${allocateLabel(row)}: ${customer.name}`}
          disabled={trouble !== null}
          title={trouble ?? undefined}
          onClick={onOpen}
        >
          {allocateLabel(row)}
        </Button>
      </Td>
    </tr>
  );
}
