import { useQuery, useQueryClient } from "@tanstack/react-query";
import { Link, useNavigate, useParams, useRouter, useSearch } from "@tanstack/react-router";
import { ArrowLeft, ChevronDown, ChevronUp } from "lucide-react";
import { useEffect, useMemo, useRef, useState } from "react";
import { atConsole, caseAt } from "../../api/case";
import type { CaseDetail } from "../../api/case-types";
import * as api from "../../api/console";
import { ApiError } from "../../api/http";
import type { Disposition } from "../../api/types";
import { CaseContext, useCase } from "../../components/case/case-context";
import { Comments } from "../../components/case/comments";
import { Files } from "../../components/case/files";
import { History } from "../../components/case/history";
import { CaseTabs } from "../../components/case/tabs";
import { PivotContext } from "../../components/pivot";
import type { DetailSearch, DetailTab } from "../../lib/case-entries";
import { edits, useEdits } from "../../lib/edits";
import { useHotkeys } from "../../lib/hotkeys";
import { parseQueue } from "../../lib/queue-search";
import { buttonClass, IconButton } from "../../ui/button";
import { Failure, SkeletonRows, useTitle } from "../../ui/states";
import { CloseDialog } from "../edit/close-dialog";
import { type EditField, useEditor } from "../edit/editor";
import { usePatch, withEdits } from "../edit/use-patch";
import { useMe } from "../me";
import { lastPlace, neighbours } from "../queue/place";
import { ActBar, type Open } from "./act-bar";
import { AddLogData } from "./add-log-data";
import { Alerts } from "./alerts";
import { CaseAuditLines } from "./case-audit";
import { ClaimControl } from "./claim";
import { EvidenceList } from "./evidence";
import { ExportDialog } from "./export-dialog";
import { DetailHeader } from "./header";
import { MergeDialog } from "./merge-dialog";
import { RelatedCases } from "./related";
import { TimelinePart } from "./timeline-part";
import { usePivot } from "./use-pivot";
import { usePresence } from "./use-presence";

const REFRESH_MS = 4000;

/** One investigation: what happened, why we think so, and what people did about it. */
export function DetailPage() {
  const { rrn } = useParams({ from: "/frame/investigations/$rrn" });
  useEdits();
  const query = useQuery({
    queryKey: ["investigation", rrn],
    queryFn: () => api.investigation(rrn),
    refetchInterval: REFRESH_MS,
  });
  useEffect(() => edits.seen(rrn), [rrn]);
  const { before, after } = neighbours(rrn);
  const navigate = useNavigate();
  const back = useBack();
  const go = (to: string | null) =>
    to && void navigate({ to: "/investigations/$rrn", params: { rrn: to }, search: {}, replace: true });
  useHotkeys({ u: back, "[": () => go(before), "]": () => go(after) });
  const detail: CaseDetail | null = query.data ? withEdits(query.data) : null;
  return (
    <div className="flex h-full min-w-[892px] flex-col gap-2 p-3">
      {query.error ? (
        <Failure
          error={query.error}
          title={query.data ? "This may be out of date: the node did not answer" : problemTitle(query.error)}
          onRetry={() => void query.refetch()}
        />
      ) : null}
      {detail ? (
        <Loaded key={rrn} detail={detail}>
          <BackLink back={back} />
          <Neighbours before={before} after={after} go={go} />
        </Loaded>
      ) : (
        <>
          <div className="flex items-center gap-1">
            <BackLink back={back} />
            <span className="ml-auto" />
            <Neighbours before={before} after={after} go={go} />
          </div>
          {query.error ? null : (
            <div className="flex-1 rounded-md border border-line bg-surface">
              <SkeletonRows label="Asking the customer's node" />
            </div>
          )}
        </>
      )}
    </div>
  );
}

function BackLink({ back }: { back: () => void }) {
  return (
    <Link
      to="/investigations"
      search={parseQueue({})}
      onClick={(event) => {
        if (event.metaKey || event.ctrlKey) return;
        event.preventDefault();
        back();
      }}
      className={buttonClass("quiet", "-ml-2")}
    >
      <ArrowLeft size={15} aria-hidden="true" />
      All investigations
    </Link>
  );
}

interface NeighboursProps {
  before: string | null;
  after: string | null;
  go: (to: string | null) => unknown;
}

function Neighbours({ before, after, go }: NeighboursProps) {
  return (
    <span className="flex">
      <IconButton label="Previous investigation ( [ )" disabled={before === null} onClick={() => go(before)}>
        <ChevronUp size={16} aria-hidden="true" />
      </IconButton>
      <IconButton label="Next investigation ( ] )" disabled={after === null} onClick={() => go(after)}>
        <ChevronDown size={16} aria-hidden="true" />
      </IconButton>
    </span>
  );
}

function problemTitle(error: unknown): string {
  return error instanceof ApiError && error.status === 404
    ? "There is no such investigation, or it is not yours to see"
    : "The investigation could not be read";
}

/** Back to where the queue was left, filters and all. */
function useBack() {
  const router = useRouter();
  return () => router.history.push(lastPlace()?.href ?? "/investigations");
}

interface LoadedProps {
  detail: CaseDetail;
  /** The way back, and to the next. */
  children: [React.ReactNode, React.ReactNode];
}

function Loaded({ detail, children }: LoadedProps) {
  const me = useMe();
  const row = detail.investigation;
  const source = useMemo(() => caseAt(atConsole(row.rrn)), [row.rrn]);
  const pivot = usePivot(detail);
  useFollow(row.rrn, row.updated_time);
  useTitle(row.title);
  return (
    <CaseContext
      value={{
        row,
        source,
        mayEdit: detail.may_edit,
        mayComment: detail.may_edit,
        me: me.email,
        provider: true,
        other: row.customer.name,
      }}
    >
      <PivotContext value={pivot}>
        <Parts detail={detail}>{children}</Parts>
      </PivotContext>
    </CaseContext>
  );
}

/** Whatever changed of the row may have changed its parts. */
function useFollow(rrn: string, updated: string): void {
  const queries = useQueryClient();
  const last = useRef(updated);
  useEffect(() => {
    if (last.current === updated) return;
    last.current = updated;
    void queries.invalidateQueries({ queryKey: ["case", rrn] });
  }, [queries, rrn, updated]);
}

function Parts({ detail, children }: LoadedProps) {
  const search = useSearch({ from: "/frame/investigations/$rrn" });
  const navigate = useNavigate({ from: "/investigations/$rrn" });
  const { source, me, mayEdit } = useCase();
  const editor = useEditor();
  const patch = usePatch();
  const header = useRef<HTMLElement>(null);
  const comment = useRef<HTMLTextAreaElement>(null);
  const [open, setOpen] = useState<Open>(null);
  const { investigation: row, history } = detail;
  const looking = usePresence(source, me, row.looking ?? []);
  const tab = search.tab ?? "timeline";
  const change = (next: Partial<DetailSearch>) =>
    void navigate({ search: (now) => ({ ...now, ...next }), replace: true });
  const toTab = (next: DetailTab) => change({ tab: next === "timeline" ? undefined : next });
  const edit = (field: EditField) => {
    const anchor = header.current?.querySelector<HTMLElement>(`[data-field="${field}"]`);
    if (anchor && mayEdit) editor.open(row, field, anchor);
  };
  const write = () => {
    if (!mayEdit) return;
    toTab("comments");
    // The place to write is there once the tab is.
    setTimeout(() => comment.current?.focus());
  };
  useHotkeys({
    s: () => edit("status"),
    a: () => edit("assignee"),
    p: () => edit("priority"),
    e: () => (mayEdit && row.status !== "CLOSED" ? setOpen("close") : undefined),
    m: write,
  });
  const counted = [
    { id: "timeline" as const, label: "Timeline" },
    { id: "alerts" as const, label: "Alerts", count: row.signal_count },
    { id: "comments" as const, label: "Comments", count: row.comment_count },
    { id: "evidence" as const, label: "Evidence", count: row.evidence_count },
    { id: "files" as const, label: "Files", count: row.attachment_count },
    { id: "related" as const, label: "Related" },
    { id: "history" as const, label: "History", count: history.length },
    { id: "audit" as const, label: "Audit" },
  ];
  return (
    <>
      <div className="flex shrink-0 items-center gap-2">
        {children[0]}
        <span className="ml-auto" />
        <ClaimControl />
        <ActBar
          onOpen={setOpen}
          onWrite={write}
          onInherit={
            mayEdit && row.priority_inherited === false
              ? () => void patch(row, { inherit_priority: true } as Parameters<typeof patch>[1])
              : null
          }
        />
        {children[1]}
      </div>
      <DetailHeader ref={header} row={row} mayEdit={mayEdit} editor={editor} looking={looking} />
      <CaseTabs tabs={counted} tab={tab} onTab={toTab} />
      {tab === "timeline" ? <TimelinePart detail={detail} search={search} onChange={change} /> : null}
      {tab === "alerts" ? (
        <Alerts row={row} onOpen={(id) => change({ tab: undefined, entry: `signal-${id}` })} />
      ) : null}
      {tab === "comments" ? <Comments field={comment} /> : null}
      {tab === "evidence" ? <EvidenceList onAdd={() => setOpen("logs")} /> : null}
      {tab === "files" ? <Files /> : null}
      {tab === "related" ? <RelatedCases /> : null}
      {tab === "history" ? <History entries={history} /> : null}
      {tab === "audit" ? <CaseAuditLines /> : null}
      {editor.element}
      <MergeDialog open={open === "merge"} row={row} source={source} onClose={() => setOpen(null)} />
      <ExportDialog open={open === "export"} row={row} source={source} onClose={() => setOpen(null)} />
      <AddLogData open={open === "logs"} row={row} onClose={() => setOpen(null)} />
      <CloseDialog
        row={open === "close" ? row : null}
        finalFocus={header}
        onCancel={() => setOpen(null)}
        onClose={(disposition: Disposition) => {
          void patch(row, { status: "CLOSED", disposition });
          setOpen(null);
        }}
      />
    </>
  );
}
