import { useQuery } from "@tanstack/react-query";
import { ChevronRight } from "lucide-react";
import { type ReactNode, useState } from "react";
import * as api from "../../api/console";
import { ApiError } from "../../api/http";
import type { EventRow, Investigation, RuleInfo, Signal } from "../../api/types";
import { EventDetail } from "../../components/event-detail";
import { cn } from "../../lib/cn";
import { plural } from "../../lib/format";
import { attackTag, levelSeverity, levelWord } from "../../lib/words";
import { Spinner } from "../../ui/button";
import { Badge, Moment, SeverityMark } from "../../ui/marks";
import { ScrollBox } from "../../ui/scroll-box";
import { Failure } from "../../ui/states";

/** What stands behind one signal: the fields that matched, the rule, and the records, fetched from the node. */
export function SignalPanel({ row, signal }: { row: Investigation; signal: Signal }) {
  return (
    <ScrollBox label={`Signal: ${signal.name}`}>
      <div className="border-b border-line px-4 py-3">
        <h2 className="flex items-center gap-2 text-base font-semibold">
          <SeverityMark severity={levelSeverity(signal.level)} />
          {signal.name}
        </h2>
        <div className="mt-1 flex flex-wrap gap-x-4 gap-y-1 text-muted">
          <span>{levelWord(signal.level)}</span>
          <span>
            happened <Moment time={signal.event_time} long />
          </span>
          <span>
            found <Moment time={signal.created_time} long />
          </span>
        </div>
        <div className="mt-2 flex flex-wrap gap-1">
          {signal.tags.map((tag) => (
            <Badge key={tag}>{attackTag(tag)}</Badge>
          ))}
        </div>
      </div>
      <Part title="What matched">
        {signal.matched.length === 0 ? (
          <p className="text-muted">The rule counts events; no single field matched.</p>
        ) : (
          <table aria-label="Matched fields" className="w-full table-fixed">
            <tbody>
              {signal.matched.map((m) => (
                <tr key={m.field} className="align-top">
                  <th scope="row" className="mono w-[34%] py-0.5 pr-3 text-left font-normal break-all text-muted">
                    {m.field}
                  </th>
                  <td className="mono py-0.5 break-all">{m.value}</td>
                </tr>
              ))}
            </tbody>
          </table>
        )}
      </Part>
      <RulePart row={row} signal={signal} />
      <RecordsPart row={row} signal={signal} />
    </ScrollBox>
  );
}

function Part({ title, note, children }: { title: string; note?: ReactNode; children: ReactNode }) {
  return (
    <section className="border-b border-line px-4 py-3 last:border-b-0">
      <h3 className="mb-1.5 flex items-center gap-2 text-base font-semibold">
        {title}
        {note ? <span className="font-normal text-muted">{note}</span> : null}
      </h3>
      {children}
    </section>
  );
}

function Asking({ region }: { region: string }) {
  return (
    <div role="status" className="flex items-center gap-2 py-2 text-muted">
      <Spinner /> Asking the node in {region}…
    </div>
  );
}

function unanswered(error: unknown, row: Investigation): string {
  const silent = error instanceof ApiError && (error.status === 0 || error.status >= 500);
  return silent ? `The node in ${row.customer.region} did not answer` : "The node refused to answer";
}

function RulePart({ row, signal }: { row: Investigation; signal: Signal }) {
  const query = useQuery({
    queryKey: ["rule", row.customer.id, signal.rule_id],
    queryFn: () => api.rule(row.rrn, signal.rule_id),
    staleTime: 300_000,
    retry: false,
  });
  return (
    <Part title="The rule behind it">
      {query.data ? (
        <Rule rule={query.data} />
      ) : query.error ? (
        <Failure error={query.error} title={unanswered(query.error, row)} onRetry={() => void query.refetch()} />
      ) : (
        <Asking region={row.customer.region} />
      )}
    </Part>
  );
}

function Rule({ rule }: { rule: RuleInfo }) {
  return (
    <div data-testid="rule" className="flex flex-col gap-2">
      <p className="whitespace-pre-line">{rule.description || "The rule carries no description."}</p>
      <dl className="grid grid-cols-[120px_minmax(0,1fr)] gap-y-1">
        <dt className="text-muted">False positives</dt>
        <dd>{rule.false_positives.length > 0 ? rule.false_positives.join("; ") : "None known"}</dd>
        {rule.author ? (
          <>
            <dt className="text-muted">Author</dt>
            <dd>{rule.author}</dd>
          </>
        ) : null}
        {rule.references.length > 0 ? (
          <>
            <dt className="text-muted">References</dt>
            <dd className="flex flex-col">
              {rule.references.map((url) => (
                <Reference key={url} url={url} />
              ))}
            </dd>
          </>
        ) : null}
      </dl>
      <details className="group">
        <summary className="flex cursor-pointer items-center gap-1 text-muted hover:text-text">
          <ChevronRight size={14} className="group-open:rotate-90" aria-hidden="true" />
          The rule as written
        </summary>
        <pre className="mono mt-1 max-h-96 overflow-auto rounded-sm border border-line bg-bg p-2">{rule.source}</pre>
      </details>
    </div>
  );
}

/** Rules come from anywhere: only plain web addresses become links. */
function Reference({ url }: { url: string }) {
  if (!/^https?:\/\//.test(url)) return <span className="break-all">{url}</span>;
  return (
    <a href={url} target="_blank" rel="noreferrer noopener" className="truncate text-accent hover:underline">
      {url}
    </a>
  );
}

function RecordsPart({ row, signal }: { row: Investigation; signal: Signal }) {
  const query = useQuery({
    queryKey: ["records", row.rrn, signal.id],
    queryFn: () => api.records(row.rrn, signal.id),
    staleTime: 300_000,
    gcTime: 60_000,
    retry: false,
  });
  const rows = query.data?.data;
  return (
    <Part title="The records behind it" note={rows ? plural(rows.length, "record") : null}>
      {rows ? (
        <Records rows={rows} />
      ) : query.error ? (
        <Failure error={query.error} title={unanswered(query.error, row)} onRetry={() => void query.refetch()} />
      ) : (
        <Asking region={row.customer.region} />
      )}
    </Part>
  );
}

function Records({ rows }: { rows: EventRow[] }) {
  const [open, setOpen] = useState(rows.at(-1)?.id ?? null);
  if (rows.length === 0)
    return <p className="text-muted">The events are no longer in the lake: their retention has ended.</p>;
  return (
    <ul data-testid="records" className="flex flex-col rounded-sm border border-line">
      {[...rows].reverse().map((event) => (
        <li key={event.id} className="border-b border-line last:border-b-0">
          <button
            type="button"
            aria-expanded={open === event.id}
            onClick={() => setOpen(open === event.id ? null : event.id)}
            className="grid min-h-7 w-full grid-cols-[16px_150px_minmax(0,1fr)] items-center gap-2 px-2 text-left hover:bg-hover"
          >
            <ChevronRight
              size={14}
              className={cn("text-muted", open === event.id ? "rotate-90" : "")}
              aria-hidden="true"
            />
            <span className="text-muted">
              <Moment time={event.event_time} long />
            </span>
            <span className="mono truncate">{event.message}</span>
          </button>
          {open === event.id ? (
            <div className="border-t border-line bg-bg px-3 py-2">
              <EventDetail event={event} />
            </div>
          ) : null}
        </li>
      ))}
    </ul>
  );
}
