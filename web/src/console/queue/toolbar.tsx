import { X } from "lucide-react";
import { type ReactNode, useMemo } from "react";
import type { Customer, Investigation, Priority, Status } from "../../api/types";
import { MultiFilter } from "../../components/multi-filter";
import { SearchBox } from "../../components/search-box";
import { cn } from "../../lib/cn";
import { isNarrowed, NOT_CLOSED, parseQueue, type QueueSearch } from "../../lib/queue-search";
import { PRIORITIES, PRIORITY, STATUS, STATUSES } from "../../lib/words";
import { Button } from "../../ui/button";
import { PriorityMark, StatusMark } from "../../ui/marks";
import { Select } from "../../ui/select";
import { useMe } from "../me";

interface Props {
  search: QueueSearch;
  q: string;
  /** Null inside one customer's environment: there is nothing to choose between. */
  customers: Customer[] | null;
  rows: Investigation[];
  onChange: (change: Partial<QueueSearch>, q?: string) => void;
  children?: ReactNode;
}

/** What narrows the queue. Everything here lives in the address. */
export function QueueToolbar({ search, q, customers, rows, onChange, children }: Props) {
  const regions = useMemo(() => [...new Set((customers ?? []).map((c) => c.region))].sort(), [customers]);
  const statuses = search.statuses === "all" ? [] : search.statuses;
  const notClosed = statuses.join() === NOT_CLOSED.join();
  return (
    <div className="flex flex-wrap items-center gap-2">
      <SearchBox
        label="Filter by words in title or entity"
        placeholder="Title or entity…"
        className="w-64 max-xl:w-48"
        value={q}
        onChange={(text) => onChange({}, text)}
      />
      {customers ? (
        <>
          <MultiFilter
            label="Customer"
            all="All customers"
            options={customers.map((c) => ({ value: c.id, label: c.name, hint: c.region }))}
            chosen={search.customers ?? []}
            onChange={(chosen) => onChange({ customers: chosen.length > 0 ? chosen : undefined })}
          />
          <MultiFilter
            label="Region"
            all="All regions"
            options={regions.map((r) => ({ value: r, label: r }))}
            chosen={search.regions ?? []}
            onChange={(chosen) => onChange({ regions: chosen.length > 0 ? chosen : undefined })}
          />
        </>
      ) : null}
      <MultiFilter<Status>
        label="Status"
        all="Any status"
        short={notClosed ? "Not closed" : undefined}
        options={STATUSES.map((s) => ({ value: s, label: STATUS[s], mark: <StatusMark status={s} /> }))}
        chosen={statuses}
        onChange={(chosen) =>
          onChange({ statuses: chosen.length > 0 ? STATUSES.filter((s) => chosen.includes(s)) : "all" })
        }
      />
      <MultiFilter<Priority>
        label="Priority"
        all="Any priority"
        options={PRIORITIES.map((p) => ({ value: p, label: PRIORITY[p], mark: <PriorityMark priority={p} /> }))}
        chosen={search.priorities ?? []}
        onChange={(chosen) => onChange({ priorities: chosen.length > 0 ? chosen : undefined })}
      />
      <AssigneeFilter search={search} rows={rows} onChange={onChange} />
      {children}
      {isNarrowed(search, q) ? (
        <Button
          look="quiet"
          icon={<X size={14} aria-hidden="true" />}
          onClick={() => onChange({ ...parseQueue({}), sort: search.sort }, "")}
        >
          Clear
        </Button>
      ) : null}
    </div>
  );
}

function AssigneeFilter({ search, rows, onChange }: Pick<Props, "search" | "rows" | "onChange">) {
  const me = useMe();
  const people = useMemo(() => {
    const seen = new Map<string, string>();
    for (const row of rows) if (row.assignee) seen.set(row.assignee.email, row.assignee.name || row.assignee.email);
    if (search.assignee && search.assignee !== "none" && !seen.has(search.assignee))
      seen.set(search.assignee, search.assignee);
    seen.delete(me.email);
    return [...seen].sort(([, a], [, b]) => a.localeCompare(b));
  }, [rows, search.assignee, me.email]);
  return (
    <Select
      aria-label="Assignee"
      className={cn("w-36", search.assignee && "border-accent bg-selected")}
      value={search.assignee ?? ""}
      onChange={(event) => onChange({ assignee: event.target.value || undefined })}
    >
      <option value="">Anyone</option>
      <option value={me.email}>Me</option>
      <option value="none">Unassigned</option>
      {people.map(([email, name]) => (
        <option key={email} value={email}>
          {name}
        </option>
      ))}
    </Select>
  );
}
