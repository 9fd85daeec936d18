import { Tabs } from "@base-ui/react/tabs";
import { CircleAlert } from "lucide-react";
import type { EventRow } from "../api/types";
import { flatten, fullTime, utcTime } from "../lib/format";
import { CopyButton } from "../ui/copy";
import { PivotButton } from "./pivot";

/** Everything known of one event: the dictionary's fields, all original fields, the text as received. */
export function EventDetail({ event }: { event: EventRow }) {
  return (
    <div className="flex min-w-0 flex-col gap-2">
      {event.reason_code ? <FailedReason event={event} /> : null}
      <Tabs.Root defaultValue={event.reason_code ? "raw" : "record"}>
        <Tabs.List className="flex items-center gap-1 border-b border-line">
          <Tab value="record">Record</Tab>
          <Tab value="fields">Original fields</Tab>
          <Tab value="raw">Raw</Tab>
          <span className="ml-auto text-sm text-muted">
            received <span title={utcTime(event.receipt_time)}>{fullTime(event.receipt_time)}</span>
          </span>
        </Tabs.List>
        <Tabs.Panel value="record" className="pt-2">
          <FieldTable
            label="Record fields"
            value={{ ...about(event), ...event.ecs }}
            time={event.event_time}
            empty="No record was made of this event."
          />
        </Tabs.Panel>
        <Tabs.Panel value="fields" className="pt-2">
          <FieldTable
            label="Original fields"
            value={event.fields}
            time={event.event_time}
            empty="The event carried no fields, only text."
          />
        </Tabs.Panel>
        <Tabs.Panel value="raw" className="pt-2">
          <div className="relative">
            <pre className="mono max-h-80 overflow-auto rounded-sm border border-line bg-bg p-2 pr-10 break-all whitespace-pre-wrap">
              {event.raw}
            </pre>
            <div className="absolute top-1 right-1">
              <CopyButton text={event.raw} compact label="Copy the raw event" />
            </div>
          </div>
        </Tabs.Panel>
      </Tabs.Root>
    </div>
  );
}

export const tabClass =
  "-mb-px h-8 border-b-2 border-transparent px-2.5 text-base text-muted hover:text-text data-active:border-accent data-active:font-medium data-active:text-text";

function Tab({ value, children }: { value: string; children: string }) {
  return (
    <Tabs.Tab value={value} className={tabClass}>
      {children}
    </Tabs.Tab>
  );
}

function about(event: EventRow): Record<string, string> {
  const pairs = Object.entries({
    "bailiwick.source": event.source,
    "bailiwick.source_category": event.source_category,
    "bailiwick.parser": event.parser,
    "bailiwick.record_type": event.record_type,
  });
  return Object.fromEntries(pairs.filter((pair): pair is [string, string] => Boolean(pair[1])));
}

function FailedReason({ event }: { event: EventRow }) {
  return (
    <div className="flex items-start gap-2 rounded-sm border border-warn bg-warn-soft px-3 py-2">
      <CircleAlert size={15} className="mt-0.5 shrink-0 text-warn-text" aria-hidden="true" />
      <div className="min-w-0">
        <span className="font-medium">No record could be made</span> <code className="mono">{event.reason_code}</code>
        {event.reason ? <div className="break-words text-muted">{event.reason}</div> : null}
      </div>
    </div>
  );
}

interface FieldTableProps {
  label: string;
  value: unknown;
  time: string;
  empty: string;
}

function FieldTable({ label, value, time, empty }: FieldTableProps) {
  const rows = flatten(value);
  if (rows.length === 0) return <p className="py-2 text-muted">{empty}</p>;
  return (
    <table aria-label={label} className="w-full table-fixed">
      <tbody>
        {rows.map(([name, text]) => (
          <tr key={name} className="group align-top hover:bg-hover">
            <th scope="row" className="mono w-[34%] py-0.5 pr-3 text-left font-normal break-all text-muted">
              {name}
            </th>
            <td className="mono py-0.5 break-all whitespace-pre-wrap">{text}</td>
            <td className="w-6 align-top">
              <PivotButton field={name} value={text} time={time} />
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
