import type { TestedLine } from "../../api/pending";
import { flatten, micros, plural } from "../../lib/format";
import { Badge } from "../../ui/marks";

/** Per line the record that was made, or why there is none. */
export function TestResult({ lines }: { lines: readonly TestedLine[] }) {
  const made = lines.filter((line) => line.record).length;
  return (
    <div className="flex flex-col gap-2">
      <div role="status" className="font-medium">
        {made} of {plural(lines.length, "line")} became {made === 1 ? "a record" : "records"}
      </div>
      <ol className="flex flex-col gap-1.5">
        {lines.map((line, at) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: results stand in the order of the lines, and never move
          <li key={at} className="rounded-sm border border-line px-2.5 py-1.5">
            <div className="flex items-center gap-2">
              <span className="w-6 text-muted">{at + 1}.</span>
              {line.record ? (
                <Badge tone="ok">Record</Badge>
              ) : (
                <Badge tone="warn">{line.failed?.reason_code ?? "Failed record"}</Badge>
              )}
              <span className="ml-auto text-sm text-muted">{micros(line.time_us)}</span>
            </div>
            {line.failed?.reason ? <div className="mt-1 break-words text-muted">{line.failed.reason}</div> : null}
            {line.record ? <Fields record={line.record} /> : null}
          </li>
        ))}
      </ol>
    </div>
  );
}

function Fields({ record }: { record: Record<string, unknown> }) {
  return (
    <dl className="mono mt-1 grid grid-cols-[minmax(0,34%)_minmax(0,1fr)] gap-x-3">
      {flatten(record).map(([name, text]) => (
        <div key={name} className="contents">
          <dt className="break-all text-muted">{name}</dt>
          <dd className="break-all">{text}</dd>
        </div>
      ))}
    </dl>
  );
}
