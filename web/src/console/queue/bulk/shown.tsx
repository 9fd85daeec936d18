import type { ReactNode } from "react";
import type { BulkOutcome, BulkResult, QueueRow } from "../../../api/queue-types";
import { plural } from "../../../lib/format";
import { missing } from "../../../lib/scope";
import { FORECAST, OUTCOME, unchangedGroups } from "./plan";

const NAMED = 50;

interface Props {
  result: BulkResult;
  rows: ReadonlyMap<string, QueueRow>;
}

/** What would happen: how many per customer, what stays as it is and why, who was not reached. */
export function Preview({ result, rows }: Props) {
  return (
    <section aria-label="Preview" className="flex flex-col gap-2 rounded-sm border border-line p-2.5">
      <p data-testid="preview">
        <b>{plural(result.matched, "investigation")}</b> of {plural(result.customers.length, "customer")}:{" "}
        <b>{result.changed}</b> will change
        {result.unchanged > 0 ? `, ${result.unchanged} ${result.unchanged === 1 ? "is" : "are"} so already` : ""}
        {result.failed > 0 ? `, ${result.failed} cannot be changed` : ""}.
      </p>
      <PerCustomer result={result} />
      <NotChanged result={result} rows={rows} words={FORECAST} />
      <NotReached result={result} />
    </section>
  );
}

function PerCustomer({ result }: { result: BulkResult }) {
  return (
    <ul className="grid max-h-32 grid-cols-2 gap-x-4 overflow-auto text-base" aria-label="Per customer">
      {result.customers.map(({ customer, count, changed }) => (
        <li key={customer.id} className="flex min-w-0 justify-between gap-2">
          <span className="truncate">{customer.name}</span>
          <span className="text-muted">{changed === count ? count : `${changed} of ${count}`}</span>
        </li>
      ))}
    </ul>
  );
}

/** What did not change, by its reason; each investigation by its name. */
export function NotChanged({
  result,
  rows,
  words = OUTCOME,
}: Props & { words?: Record<BulkOutcome, string> }): ReactNode {
  const groups = unchangedGroups(result.items, words);
  return groups.map(({ outcome, why, items }) => (
    <details
      key={`${outcome} ${why}`}
      className="rounded-sm border border-line px-2 py-1"
      open={outcome !== "UNCHANGED"}
    >
      <summary className="cursor-pointer">
        <b>{items.length}</b> {why}
        {items[0]?.code ? <code className="mono ml-2 text-muted">{items[0].code}</code> : null}
      </summary>
      <ul className="mt-1 max-h-40 overflow-auto text-sm text-muted">
        {items.slice(0, NAMED).map(({ rrn, customer }) => {
          const row = rows.get(rrn);
          return (
            <li key={rrn} className="truncate">
              {row?.title ?? <span className="mono">{rrn}</span>} ·{" "}
              {customer?.name ?? row?.customer.name ?? "nobody you know"}
            </li>
          );
        })}
        {items.length > NAMED ? <li>and {items.length - NAMED} more</li> : null}
      </ul>
    </details>
  ));
}

/** Customers that were not reached: nothing of theirs is among what is counted. */
export function NotReached({ result }: { result: BulkResult }) {
  const failed = missing(result.scope).filter((one) => one.failed);
  if (failed.length === 0) return null;
  return (
    <p className="rounded-sm border border-warn bg-warn-soft px-2 py-1">
      {failed.length === 1 ? "One customer was" : `${failed.length} customers were`} not reached, nothing of theirs is
      counted or changed: {failed.map((one) => `${one.customer?.name} (${one.reason})`).join(", ")}.
    </p>
  );
}
