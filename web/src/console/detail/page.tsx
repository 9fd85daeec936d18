import { useQuery } from "@tanstack/react-query";
import { Link, useNavigate, useParams, useRouter, useSearch } from "@tanstack/react-router";
import { ArrowLeft, ChevronDown, ChevronUp } from "lucide-react";
import { useEffect, useRef } from "react";
import * as api from "../../api/console";
import { ApiError } from "../../api/http";
import type { CustomerInvestigation } from "../../api/types";
import { edits, useEdits } from "../../lib/edits";
import { plural } from "../../lib/format";
import { useHotkeys } from "../../lib/hotkeys";
import { parseQueue } from "../../lib/queue-search";
import { buttonClass, IconButton } from "../../ui/button";
import { Failure, SkeletonRows, useTitle } from "../../ui/states";
import { type EditField, useEditor } from "../edit/editor";
import { withEdits } from "../edit/use-patch";
import { lastPlace, neighbours } from "../queue/place";
import { DetailHeader } from "./header";
import { History } from "./history";
import { SignalPanel } from "./signal-panel";
import { Timeline } from "./timeline";

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
  return (
    <div className="flex h-full min-w-[892px] flex-col gap-2.5 p-3">
      <div className="flex items-center gap-1">
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
        <span className="ml-auto" />
        <IconButton label="Previous investigation ( [ )" disabled={before === null} onClick={() => go(before)}>
          <ChevronUp size={16} aria-hidden="true" />
        </IconButton>
        <IconButton label="Next investigation ( ] )" disabled={after === null} onClick={() => go(after)}>
          <ChevronDown size={16} aria-hidden="true" />
        </IconButton>
      </div>
      {query.error ? (
        <Failure
          error={query.error}
          title={query.data ? "This may be out of date: the node did not answer" : problemTitle(query.error)}
          onRetry={() => void query.refetch()}
        />
      ) : null}
      {query.data ? (
        <Loaded key={rrn} detail={withEdits(query.data)} />
      ) : query.error ? null : (
        <div className="flex-1 rounded-md border border-line bg-surface">
          <SkeletonRows label="Asking the customer's node" />
        </div>
      )}
    </div>
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

function Loaded({ detail }: { detail: CustomerInvestigation }) {
  const search = useSearch({ from: "/frame/investigations/$rrn" });
  const navigate = useNavigate({ from: "/investigations/$rrn" });
  const editor = useEditor();
  const header = useRef<HTMLElement>(null);
  const { investigation: row, signals, history } = detail;
  useTitle(row.title);
  const tab = search.tab ?? "timeline";
  const at = Math.max(
    0,
    signals.findIndex((s) => s.id === search.signal),
  );
  const selected = signals[at];
  const select = (id: string | undefined) =>
    void navigate({ search: (now) => ({ ...now, signal: id }), replace: true });
  const edit = (field: EditField) => {
    const anchor = header.current?.querySelector<HTMLElement>(`[data-field="${field}"]`);
    if (anchor && detail.may_edit) editor.open(row, field, anchor);
  };
  useHotkeys({
    j: () => select(signals[Math.min(signals.length - 1, at + 1)]?.id),
    k: () => select(signals[Math.max(0, at - 1)]?.id),
    s: () => edit("status"),
    a: () => edit("assignee"),
    p: () => edit("priority"),
  });
  return (
    <>
      <DetailHeader ref={header} row={row} mayEdit={detail.may_edit} editor={editor} />
      <div role="tablist" aria-label="Parts" className="flex gap-1 border-b border-line">
        <TabButton
          on={tab === "timeline"}
          onClick={() => void navigate({ search: (now) => ({ ...now, tab: undefined }), replace: true })}
        >
          Timeline <span className="text-muted">{row.signal_count}</span>
        </TabButton>
        <TabButton
          on={tab === "history"}
          onClick={() => void navigate({ search: (now) => ({ ...now, tab: "history" }), replace: true })}
        >
          History <span className="text-muted">{history.length}</span>
        </TabButton>
      </div>
      {tab === "history" ? (
        <History entries={history} />
      ) : (
        <div className="grid min-h-0 flex-1 grid-cols-[minmax(360px,5fr)_minmax(0,7fr)] gap-2.5">
          <div className="flex min-h-0 flex-col gap-1">
            {row.signal_count > signals.length ? (
              <p className="text-sm text-muted">
                The oldest {plural(signals.length, "signal")} of {row.signal_count} are shown.
              </p>
            ) : null}
            <Timeline signals={signals} selected={selected?.id ?? null} onSelect={select} />
          </div>
          {selected ? <SignalPanel key={selected.id} row={row} signal={selected} /> : null}
        </div>
      )}
      {editor.element}
    </>
  );
}

function TabButton({ on, onClick, children }: { on: boolean; onClick: () => void; children: React.ReactNode }) {
  return (
    <button
      type="button"
      role="tab"
      aria-selected={on}
      onClick={onClick}
      className="-mb-px h-8 border-b-2 border-transparent px-2.5 text-muted hover:text-text aria-selected:border-accent aria-selected:font-medium aria-selected:text-text"
    >
      {children}
    </button>
  );
}
