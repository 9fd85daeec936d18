import { Tabs } from "@base-ui/react/tabs";
import { useQuery } from "@tanstack/react-query";
import { ChevronRight } from "lucide-react";
import { type ReactNode, useState } from "react";
import type { CaseRow } from "../../api/case-types";
import * as api from "../../api/console";
import { ApiError } from "../../api/http";
import type { EventRow, RuleInfo, Signal } from "../../api/types";
import { Part, SignalPart } from "../../components/case/signal-facts";
import { EventDetail, tabClass } from "../../components/event-detail";
import { cn } from "../../lib/cn";
import { plural } from "../../lib/format";
import { attackTag, levelSeverity, levelWord } from "../../lib/words";
import { Spinner } from "../../ui/button";
import { CopyButton } from "../../ui/copy";
import { FactRow, Facts } from "../../ui/facts";
import { Badge, Moment, SeverityMark } from "../../ui/marks";
import { ScrollBox } from "../../ui/scroll-box";
import { Failure } from "../../ui/states";
import { Siblings } from "./siblings";

export const PANEL_TABS = ["signal", "context", "logic", "records"] as const;
export type PanelTab = (typeof PANEL_TABS)[number];
const WORD: Record<PanelTab, string> = {
  signal: "Signal",
  context: "Rule context",
  logic: "Rule logic",
  records: "Records",
};

interface Props {
  row: CaseRow;
  signal: Signal;
  tab: PanelTab;
  onTab: (tab: PanelTab) => void;
}

/** What stands behind one signal: what matched, the rule and its siblings, its text, and the records, fetched from the node. */
export function SignalPanel({ row, signal, tab, onTab }: Props) {
  return (
    <ScrollBox label={`Signal: ${signal.name}`}>
      <div className="px-4 pt-3 pb-2">
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
      </div>
      <Tabs.Root value={tab} onValueChange={(next) => onTab(next as PanelTab)}>
        <Tabs.List
          aria-label="About the signal"
          className="sticky top-0 z-1 flex gap-1 border-b border-line bg-surface px-3"
        >
          {PANEL_TABS.map((each) => (
            <Tabs.Tab key={each} value={each} className={tabClass}>
              {WORD[each]}
            </Tabs.Tab>
          ))}
        </Tabs.List>
        <Tabs.Panel value="signal">
          <SignalPart signal={signal} />
        </Tabs.Panel>
        <Tabs.Panel value="context">
          <WithRule row={row} signal={signal}>
            {(rule) => <RuleContext rule={rule} row={row} signal={signal} />}
          </WithRule>
        </Tabs.Panel>
        <Tabs.Panel value="logic">
          <WithRule row={row} signal={signal}>
            {(rule) => <RuleLogic rule={rule} />}
          </WithRule>
        </Tabs.Panel>
        <Tabs.Panel value="records">
          <RecordsPart row={row} signal={signal} />
        </Tabs.Panel>
      </Tabs.Root>
    </ScrollBox>
  );
}

function Asking({ region }: { region: string }) {
  return (
    <div role="status" className="flex items-center gap-2 px-4 py-3 text-muted">
      <Spinner /> Asking the node in {region}…
    </div>
  );
}

function unanswered(error: unknown, row: CaseRow): string {
  const silent = error instanceof ApiError && (error.status === 0 || error.status >= 500);
  return silent ? `The node in ${row.customer.region} did not answer` : "The node refused to answer";
}

interface WithRuleProps {
  row: CaseRow;
  signal: Signal;
  children: (rule: RuleInfo) => ReactNode;
}

function WithRule({ row, signal, children }: WithRuleProps) {
  const query = useQuery({
    queryKey: ["rule", row.customer.id, signal.rule_id],
    queryFn: () => api.rule(row.rrn, signal.rule_id),
    staleTime: 300_000,
    retry: false,
  });
  if (query.data) return <div data-testid="rule">{children(query.data)}</div>;
  return query.error ? (
    <Failure
      error={query.error}
      title={unanswered(query.error, row)}
      onRetry={() => void query.refetch()}
      className="m-3"
    />
  ) : (
    <Asking region={row.customer.region} />
  );
}

function RuleContext({ rule, row, signal }: { rule: RuleInfo; row: CaseRow; signal: Signal }) {
  return (
    <>
      <Part title={rule.title} note={levelWord(rule.level)}>
        <p className="mb-2 whitespace-pre-line">{rule.description || "The rule carries no description."}</p>
        <Facts>
          <FactRow label="Technique and tags">
            {rule.tags.length > 0 ? (
              <span className="flex flex-wrap gap-1">
                {rule.tags.map((tag) => (
                  <Badge key={tag} title={tag}>
                    {attackTag(tag)}
                  </Badge>
                ))}
              </span>
            ) : (
              "–"
            )}
          </FactRow>
          <FactRow label="False positives">
            {rule.false_positives.length > 0 ? rule.false_positives.join("; ") : "None known"}
          </FactRow>
          {rule.author ? <FactRow label="Author">{rule.author}</FactRow> : null}
          {rule.references.length > 0 ? (
            <FactRow label="References">
              <span className="flex flex-col">
                {rule.references.map((url) => (
                  <Reference key={url} url={url} />
                ))}
              </span>
            </FactRow>
          ) : null}
        </Facts>
      </Part>
      <Siblings row={row} signal={signal} tags={rule.tags} />
    </>
  );
}

function RuleLogic({ rule }: { rule: RuleInfo }) {
  return (
    <div className="relative p-3">
      <pre data-testid="logic" className="mono overflow-auto rounded-sm border border-line bg-bg p-2 pr-10">
        {rule.source}
      </pre>
      <span className="absolute top-4 right-4">
        <CopyButton text={rule.source} compact label="Copy the rule" />
      </span>
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

function RecordsPart({ row, signal }: { row: CaseRow; signal: Signal }) {
  const query = useQuery({
    queryKey: ["records", row.rrn, signal.id],
    queryFn: () => api.records(row.rrn, signal.id),
    staleTime: 300_000,
    gcTime: 60_000,
    retry: false,
  });
  const rows = query.data?.data;
  if (rows) return <Records rows={rows} />;
  return query.error ? (
    <Failure
      error={query.error}
      title={unanswered(query.error, row)}
      onRetry={() => void query.refetch()}
      className="m-3"
    />
  ) : (
    <Asking region={row.customer.region} />
  );
}

function Records({ rows }: { rows: EventRow[] }) {
  const [open, setOpen] = useState(rows.at(-1)?.id ?? null);
  if (rows.length === 0)
    return <p className="px-4 py-3 text-muted">The events are no longer in the lake: their retention has ended.</p>;
  return (
    <ul data-testid="records" aria-label={plural(rows.length, "record")} className="flex flex-col">
      {[...rows].reverse().map((event) => (
        <li key={event.id} className="border-b border-line">
          <button
            type="button"
            aria-expanded={open === event.id}
            onClick={() => setOpen(open === event.id ? null : event.id)}
            className="grid min-h-7 w-full grid-cols-[16px_150px_minmax(0,1fr)] items-center gap-2 px-3 text-left hover:bg-hover"
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
