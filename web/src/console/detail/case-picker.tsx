import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { casesOf } from "../../api/case";
import type { CaseRow } from "../../api/case-types";
import { SearchBox } from "../../components/search-box";
import { whyMissing } from "../../lib/scope";
import { Age, PriorityMark, StatusMark } from "../../ui/marks";
import { Failure, SkeletonRows } from "../../ui/states";

interface Props {
  customer: string;
  /** Not offered: the one at hand. */
  except?: string;
  chosen: CaseRow | null;
  onChoose: (row: CaseRow) => void;
  /** The name of the group of choices. */
  label: string;
}

/** One of a customer's investigations that are not closed, found by words. */
export function CasePicker({ customer, except, chosen, onChoose, label }: Props) {
  const [q, setQ] = useState("");
  const query = useQuery({
    queryKey: ["cases-of", customer, q],
    queryFn: () => casesOf(customer, q),
    placeholderData: (before) => before,
    gcTime: 60_000,
  });
  const rows = query.data?.data.filter((row) => row.rrn !== except);
  const why = query.data ? whyMissing(query.data.scope, customer) : null;
  return (
    <div className="flex flex-col gap-2">
      <SearchBox label="Find an investigation" placeholder="Words in title or entity" value={q} onChange={setQ} />
      {query.error ? (
        <Failure error={query.error} title="They could not be read" onRetry={() => void query.refetch()} />
      ) : null}
      {why ? <p className="text-warn-text">{why}.</p> : null}
      <fieldset className="max-h-72 min-h-24 overflow-auto rounded-sm border border-line">
        <legend className="sr-only">{label}</legend>
        {rows === undefined && !query.error ? <SkeletonRows rows={3} label="Asking the customer's node" /> : null}
        {rows?.length === 0 ? <p className="px-3 py-2 text-muted">None that is not closed matches.</p> : null}
        {rows?.map((row) => (
          <label
            key={row.rrn}
            data-case={row.rrn}
            className="flex min-h-9 cursor-pointer items-center gap-2.5 border-b border-line px-3 py-1 last:border-b-0 hover:bg-hover has-checked:bg-selected"
          >
            <input
              type="radio"
              name="case"
              className="size-4 shrink-0 accent-accent"
              checked={chosen?.rrn === row.rrn}
              onChange={() => onChoose(row)}
            />
            <span className="min-w-0 flex-1">
              <span className="block truncate font-medium">{row.title}</span>
              <span className="flex flex-wrap items-center gap-x-3 text-sm text-muted">
                <PriorityMark priority={row.priority} />
                <StatusMark status={row.status} />
                <span className="mono truncate">{row.entity?.value}</span>
                <span>
                  opened <Age time={row.created_time} /> ago
                </span>
              </span>
            </span>
          </label>
        ))}
      </fieldset>
    </div>
  );
}
