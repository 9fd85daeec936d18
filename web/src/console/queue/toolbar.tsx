import { Plus, SlidersHorizontal, X } from "lucide-react";
import { type ReactNode, useMemo } from "react";
import type { QueueRow } from "../../api/queue-types";
import type { Customer, Disposition, Origin, Priority, Status } from "../../api/types";
import { MultiFilter } from "../../components/multi-filter";
import { SearchBox } from "../../components/search-box";
import { cn } from "../../lib/cn";
import { isNarrowed, NOT_CLOSED, parseQueue, type QueueSearch, type Sought } from "../../lib/queue-search";
import { countLeaves, parseWhere } from "../../lib/where";
import { DISPOSITION, DISPOSITIONS, ORIGIN, PRIORITIES, PRIORITY, STATUS, STATUSES } from "../../lib/words";
import { Button } from "../../ui/button";
import { PriorityMark, StatusMark } from "../../ui/marks";
import { Select } from "../../ui/select";
import { useMe } from "../me";

export type Change = (change: Partial<QueueSearch>, sought?: Partial<Sought>) => void;

interface Props {
  search: QueueSearch;
  sought: Sought;
  customers: Customer[];
  /** The page is about one customer: it is not asked which. */
  single: boolean;
  rows: QueueRow[];
  building: boolean;
  onBuild: () => void;
  onChange: Change;
  onCreate: () => void;
  children?: ReactNode;
}

const ORIGINS = Object.keys(ORIGIN) as Origin[];
const some = <V,>(chosen: V[]) => (chosen.length > 0 ? chosen : undefined);

/** What narrows the queue. Everything here lives in the address. */
export function QueueToolbar(props: Props) {
  const { search, sought, building, onBuild, onChange, onCreate, children } = props;
  const leaves = countLeaves(parseWhere(sought.where));
  return (
    <div className="flex flex-wrap items-center gap-2">
      <SearchBox
        label="Filter by words in title or entity"
        placeholder="Title or entity…"
        className="w-44"
        value={sought.q}
        onChange={(q) => onChange({}, { q })}
      />
      <Lists {...props} />
      <AssigneeFilter search={search} rows={props.rows} onChange={onChange} />
      <Button
        icon={<SlidersHorizontal size={14} aria-hidden="true" />}
        aria-expanded={building}
        onClick={onBuild}
        className={leaves > 0 ? "border-accent bg-selected" : ""}
      >
        {leaves > 0 ? `Filter (${leaves})` : "Filter"}
      </Button>
      {isNarrowed(search, sought) ? (
        <Button
          look="quiet"
          icon={<X size={14} aria-hidden="true" />}
          onClick={() => onChange({ ...parseQueue({}), sort: search.sort }, { q: "", where: "" })}
        >
          Clear
        </Button>
      ) : null}
      <span className="ml-auto flex items-center gap-1.5">
        {children}
        <Button icon={<Plus size={14} aria-hidden="true" />} onClick={onCreate}>
          New
        </Button>
      </span>
    </div>
  );
}

/** The lists of which any may be chosen. */
function Lists({ search, customers, single, onChange }: Props) {
  const regions = useMemo(() => [...new Set(customers.map((c) => c.region))].sort(), [customers]);
  const statuses = search.statuses === "all" ? [] : search.statuses;
  const notClosed = statuses.join() === NOT_CLOSED.join();
  return (
    <>
      {single ? null : (
        <>
          <MultiFilter
            label="Customer"
            all="All customers"
            options={customers.map((c) => ({ value: c.id, label: c.name, hint: c.region }))}
            chosen={search.customers ?? []}
            onChange={(chosen) => onChange({ customers: some(chosen) })}
          />
          {regions.length > 1 || search.regions ? (
            <MultiFilter
              label="Region"
              all="All regions"
              options={regions.map((r) => ({ value: r, label: r }))}
              chosen={search.regions ?? []}
              onChange={(chosen) => onChange({ regions: some(chosen) })}
            />
          ) : null}
        </>
      )}
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
        onChange={(chosen) => onChange({ priorities: some(chosen) })}
      />
      {search.dispositions ? (
        <MultiFilter<Disposition>
          label="Disposition"
          all="Any disposition"
          options={DISPOSITIONS.map((value) => ({ value, label: DISPOSITION[value] }))}
          chosen={search.dispositions}
          onChange={(chosen) => onChange({ dispositions: some(chosen) })}
        />
      ) : null}
      {search.sources ? (
        <MultiFilter<Origin>
          label="Source"
          all="Any source"
          options={ORIGINS.map((value) => ({ value, label: ORIGIN[value] }))}
          chosen={search.sources}
          onChange={(chosen) => onChange({ sources: some(chosen) })}
        />
      ) : null}
    </>
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
      className={cn("w-32", search.assignee && "border-accent bg-selected")}
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
