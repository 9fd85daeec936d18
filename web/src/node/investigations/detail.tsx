import { useQuery } from "@tanstack/react-query";
import { Link, useNavigate, useParams, useRouter, useSearch } from "@tanstack/react-router";
import { ArrowLeft } from "lucide-react";
import { type ReactNode, useMemo } from "react";
import { atOwn, caseAt } from "../../api/case";
import type { CaseRow } from "../../api/case-types";
import { ApiError, call } from "../../api/http";
import type { HistoryEntry, Signal } from "../../api/types";
import { CaseContext, useAttachments, useComments, useEvidence } from "../../components/case/case-context";
import { Comments } from "../../components/case/comments";
import { EntriesView } from "../../components/case/entries-view";
import { EntryPanel } from "../../components/case/entry-panel";
import { Files } from "../../components/case/files";
import { History } from "../../components/case/history";
import { SignalPart } from "../../components/case/signal-facts";
import { CaseTabs } from "../../components/case/tabs";
import { PivotContext } from "../../components/pivot";
import { type DetailSearch, entriesOf } from "../../lib/case-entries";
import { who } from "../../lib/edits";
import { windowAround } from "../../lib/pivot";
import { writeFragment } from "../../lib/search";
import { DISPOSITION, levelSeverity, levelWord, ORIGIN } from "../../lib/words";
import { buttonClass } from "../../ui/button";
import { Moment, PriorityMark, SeverityMark, StatusMark } from "../../ui/marks";
import { ScrollBox } from "../../ui/scroll-box";
import { Failure, SkeletonRows, useTitle } from "../../ui/states";
import { useMe } from "../me";

/** As the node answers its own people. */
interface OwnDetail {
  investigation: Omit<CaseRow, "customer">;
  signals: Signal[];
  history: HistoryEntry[];
}

const REFRESH_MS = 5000;

/** One investigation as the customer's own people read it: comments that are public, and none of the provider's own. */
export function InvestigationPage() {
  const { id } = useParams({ from: "/frame/investigations/$id" });
  const query = useQuery({
    queryKey: ["investigation", id],
    queryFn: () => call<OwnDetail>("GET", atOwn(id)),
    refetchInterval: REFRESH_MS,
  });
  return (
    <div className="flex h-full min-w-[892px] flex-col gap-2 p-3">
      <Link to="/investigations" className={buttonClass("quiet", "-ml-2 self-start")}>
        <ArrowLeft size={15} aria-hidden="true" />
        Investigations
      </Link>
      {query.error ? (
        <Failure
          error={query.error}
          title={
            query.error instanceof ApiError && query.error.status === 404
              ? "There is no such investigation here"
              : "The investigation could not be read"
          }
          onRetry={() => void query.refetch()}
        />
      ) : null}
      {query.data ? (
        <Loaded key={id} id={id} detail={query.data} />
      ) : query.error ? null : (
        <div className="flex-1 rounded-md border border-line bg-surface">
          <SkeletonRows label="Reading the investigation" />
        </div>
      )}
    </div>
  );
}

function Loaded({ id, detail }: { id: string; detail: OwnDetail }) {
  const me = useMe();
  const router = useRouter();
  const source = useMemo(() => caseAt(atOwn(id)), [id]);
  const pivot = useMemo(() => {
    const target = (query: string, time: string | null) => ({
      to: "/logs" as const,
      search: { range: "custom" as const, ...windowAround(time) },
      hash: writeFragment(query),
    });
    return {
      label: "Look for it in the logs",
      href: (query: string, time: string | null) => router.buildLocation(target(query, time) as never).href,
      go: (query: string, time: string | null) => void router.navigate(target(query, time) as never),
    };
  }, [router]);
  const { investigation: row } = detail;
  useTitle(row.title);
  return (
    <CaseContext
      value={{
        row,
        source,
        mayEdit: false,
        mayComment: true,
        me: me.user,
        provider: false,
        other: me.workspace_name ?? "the customer",
      }}
    >
      <PivotContext value={pivot}>
        <OwnHeader row={row} />
        <Parts detail={detail} />
      </PivotContext>
    </CaseContext>
  );
}

function OwnHeader({ row }: { row: OwnDetail["investigation"] }) {
  return (
    <section aria-label="Investigation" className="shrink-0 rounded-md border border-line bg-surface px-4 py-3">
      <h1 className="text-lg font-semibold break-words">{row.title}</h1>
      <div className="mt-2 flex flex-wrap gap-x-6 gap-y-1">
        <Fact label="Status">
          <StatusMark status={row.status} />
        </Fact>
        <Fact label="Priority">
          <PriorityMark priority={row.priority} />
        </Fact>
        <Fact label="Disposition">{DISPOSITION[row.disposition]}</Fact>
        <Fact label="Assignee">{who(row.assignee)}</Fact>
        <Fact label="Entity">
          {row.entity ? (
            <>
              <span className="mono">{row.entity.value}</span> <span className="text-muted">{row.entity.type}</span>
            </>
          ) : (
            "–"
          )}
        </Fact>
        <Fact label="Opened by">{ORIGIN[row.source]}</Fact>
        <Fact label="Opened">
          <Moment time={row.created_time} long />
        </Fact>
        {row.closed_time ? (
          <Fact label="Closed">
            <Moment time={row.closed_time} long />
          </Fact>
        ) : null}
      </div>
    </section>
  );
}

function Fact({ label, children }: { label: string; children: ReactNode }) {
  return (
    <div>
      <div className="mb-0.5 text-xs text-muted">{label}</div>
      <div className="flex h-6 items-center gap-1.5">{children}</div>
    </div>
  );
}

function Parts({ detail }: { detail: OwnDetail }) {
  const search = useSearch({ from: "/frame/investigations/$id" });
  const navigate = useNavigate({ from: "/investigations/$id" });
  const change = (next: Partial<DetailSearch>) =>
    void navigate({ search: (now) => ({ ...now, ...next }), replace: true });
  const { investigation: row, history } = detail;
  const tabs = [
    { id: "timeline" as const, label: "Timeline" },
    { id: "comments" as const, label: "Comments", count: row.comment_count },
    { id: "files" as const, label: "Files", count: row.attachment_count },
    { id: "history" as const, label: "History", count: history.length },
  ];
  const tab = tabs.find(({ id }) => id === search.tab)?.id ?? "timeline";
  return (
    <>
      <CaseTabs tabs={tabs} tab={tab} onTab={(next) => change({ tab: next === "timeline" ? undefined : next })} />
      {tab === "timeline" ? <TimelinePart detail={detail} search={search} onChange={change} /> : null}
      {tab === "comments" ? <Comments /> : null}
      {tab === "files" ? <Files /> : null}
      {tab === "history" ? <History entries={history} /> : null}
    </>
  );
}

interface TimelineProps {
  detail: OwnDetail;
  search: DetailSearch;
  onChange: (change: Partial<DetailSearch>) => void;
}

function TimelinePart({ detail, search, onChange }: TimelineProps) {
  const { signals, history } = detail;
  const comments = useComments().data?.data;
  const attachments = useAttachments().data?.data;
  const evidence = useEvidence().data?.data;
  const entries = useMemo(
    () => entriesOf({ signals, history, comments, attachments, evidence }),
    [signals, history, comments, attachments, evidence],
  );
  const shown = search.kinds ? entries.filter(({ kind }) => search.kinds?.includes(kind)) : entries;
  const selected = shown.find(({ key }) => key === search.entry) ?? shown[0];
  return (
    <div className="grid min-h-0 flex-1 grid-cols-2 gap-2.5">
      <EntriesView
        entries={entries}
        shown={shown}
        search={search}
        selected={selected?.key ?? null}
        onChange={onChange}
      />
      {selected ? (
        <EntryPanel key={selected.key} entry={selected} signal={(signal) => <OwnSignal signal={signal} />} />
      ) : null}
    </div>
  );
}

function OwnSignal({ signal }: { signal: Signal }) {
  return (
    <ScrollBox label={`Signal: ${signal.name}`}>
      <div className="border-b border-line px-4 py-3">
        <h2 className="flex items-center gap-2 text-base font-semibold">
          <SeverityMark severity={levelSeverity(signal.level)} />
          {signal.name}
        </h2>
        <div className="mt-1 flex flex-wrap items-center gap-x-4 gap-y-1 text-muted">
          <span>{levelWord(signal.level)}</span>
          <span>
            happened <Moment time={signal.event_time} long />
          </span>
          <Link to="/detection" search={{ rule: signal.rule_id }} className="text-accent hover:underline">
            Its rule
          </Link>
        </div>
      </div>
      <SignalPart signal={signal} />
    </ScrollBox>
  );
}
