import { useQuery } from "@tanstack/react-query";
import { useLocation, useNavigate, useSearch } from "@tanstack/react-router";
import { Inbox, ListFilter } from "lucide-react";
import { useEffect, useMemo, useRef, useState } from "react";
import * as api from "../../api/console";
import type { QueueRow } from "../../api/queue-types";
import type { Role } from "../../api/types";
import { useRowMenu } from "../../components/row-menu";
import { ScopeLine } from "../../components/scope-line";
import { useHotkeys } from "../../lib/hotkeys";
import { useKept } from "../../lib/person";
import {
  DEFAULT_SORT,
  isNarrowed,
  NOT_CLOSED,
  parseQueue,
  type QueueSearch,
  queueFilter,
  readSought,
  type Sought,
  writeSought,
} from "../../lib/queue-search";
import { atLeast } from "../../lib/scope";
import { useLook } from "../../lib/theme";
import { useStable } from "../../lib/use-stable";
import { Button } from "../../ui/button";
import { Empty, Failure, PageHead, SkeletonRows } from "../../ui/states";
import { useEditor } from "../edit/editor";
import { usePatch } from "../edit/use-patch";
import { useMe } from "../me";
import { MissingLink } from "../missing/link";
import { SavedSearches } from "../saved/saved-searches";
import { BulkBar } from "./bulk/bar";
import { type Asked, BulkDialog } from "./bulk/dialog";
import type { ActKind } from "./bulk/plan";
import { UndoBar } from "./bulk/undo";
import { ColumnChooser } from "./column-chooser";
import { layoutOf } from "./columns";
import { CreateDialog } from "./create-dialog";
import { FilterBuilder } from "./filter/builder";
import { SaidFilter } from "./filter/said";
import { QueueGrid } from "./grid";
import { RowActions } from "./row-actions";
import { type Selection, useSelection } from "./selection";
import { type Change, QueueToolbar } from "./toolbar";
import { useClaim } from "./use-claim";
import { type Queue, useQueue } from "./use-queue";

interface Props {
  /** In the context of one customer: only its investigations. */
  customer?: { id: string; name: string };
}

const NO_ROWS: QueueRow[] = [];

/** The queue: of all customers, or of one. What narrows it lives in the address of whichever page shows it. */
export function QueueView({ customer }: Props) {
  const { search, sought, change } = useAddress();
  const filter = queueFilter(customer ? { ...search, customers: [customer.id], regions: undefined } : search, sought);
  const queue = useHeld(useQueue(filter));
  const rows = queue.rows ?? NO_ROWS;
  const me = useMe();
  const query = JSON.stringify(filter);
  const selection = useSelection(query, rows);
  const [kept, keep] = useKept("queue.columns", me.email);
  const single = customer !== undefined;
  const layout = useMemo(() => layoutOf(kept, single), [kept, single]);
  const { customers, roles } = useCustomers();
  const [building, setBuilding] = useState(false);
  const [creating, setCreating] = useState(false);
  const { singleKeys } = useLook();
  const acts = useActs(rows, selection, filter);
  useHotkeys({ f: () => setBuilding((now) => !now), n: () => setCreating(true) });
  return (
    <div className="flex h-full min-w-[892px] flex-col gap-2.5 p-3">
      <PageHead
        title={customer ? `Investigations of ${customer.name}` : "All investigations"}
        note={<Counted queue={queue} />}
      >
        <LiveMark queue={queue} />
        <ScopeLine scope={queue.scope}>
          <MissingLink customer={customer?.id} />
        </ScopeLine>
      </PageHead>
      <QueueToolbar
        search={search}
        sought={sought}
        customers={customers}
        single={single}
        rows={rows}
        building={building}
        onBuild={() => setBuilding(!building)}
        onChange={change}
        onCreate={() => setCreating(true)}
      >
        <SavedSearches
          kind="INVESTIGATIONS"
          customer={customer?.id ?? null}
          body={savedBody(search, sought)}
          onApply={(body) => change(parseQueue(body), soughtOf(body))}
        />
        <ColumnChooser layout={layout} kept={kept} onKeep={keep} />
      </QueueToolbar>
      {building ? (
        <FilterBuilder
          key={sought.where}
          where={sought.where}
          customers={customers}
          onApply={(where) => change({}, { where })}
          onClose={() => setBuilding(false)}
        />
      ) : (
        <SaidFilter
          where={sought.where}
          customers={customers}
          onEdit={() => setBuilding(true)}
          onClear={() => change({}, { where: "" })}
        />
      )}
      {queue.error && queue.rows ? (
        <Failure error={queue.error} title="The queue is not up to date" onRetry={queue.retry} />
      ) : null}
      <Body
        queue={queue}
        search={search}
        sought={sought}
        onReset={() => change(parseQueue({}), { q: "", where: "" })}
        onAll={() => change({ statuses: "all" })}
      >
        <QueueGrid
          rows={rows}
          query={query}
          roles={roles}
          me={me.email.toLowerCase()}
          layout={layout}
          sort={search.sort ?? DEFAULT_SORT}
          onSort={(sort) => change({ sort: sort === DEFAULT_SORT ? undefined : sort })}
          editor={acts.editor}
          queue={queue}
          selection={selection}
          onAct={acts.act}
          onMenu={acts.menu.show}
          onClaim={acts.claim.toggle}
          onAssignMe={acts.assignMe}
        />
      </Body>
      <UndoBar rows={acts.named} />
      <BulkBar
        selection={selection}
        queue={queue}
        singleKeys={singleKeys}
        onAct={(kind) => acts.act(kind, undefined)}
      />
      <Arrived queue={queue} />
      <RowActions
        menu={acts.menu}
        roles={roles}
        me={me.email}
        single={single}
        editor={acts.editor}
        onAct={acts.act}
        onClaim={acts.claim.toggle}
        onAssignMe={acts.assignMe}
      />
      <BulkDialog asked={acts.asked} onClose={acts.drop} onDone={selection.clear} />
      <CreateDialog
        open={creating}
        customers={customers}
        customer={customer?.id}
        onClose={() => setCreating(false)}
        onCreated={queue.retry}
      />
      {acts.editor.element}
      {acts.claim.element}
    </div>
  );
}

/** What narrows the queue, from the address and into it: filters in the query, what is sought in the fragment. */
function useAddress(): { search: QueueSearch; sought: Sought; change: Change } {
  const raw = useSearch({ strict: false });
  const hash = useLocation({ select: (l) => l.hash });
  const navigate = useNavigate();
  const search = useMemo(() => parseQueue({ ...raw }), [raw]);
  const sought = useMemo(() => readSought(hash), [hash]);
  const newest = useRef(sought);
  newest.current = sought;
  const change = useStable<Parameters<Change>, void>((next, words) => {
    if (words) newest.current = { ...newest.current, ...words };
    void navigate({
      to: ".",
      search: (now: Record<string, unknown>) => ({ ...now, ...next }),
      hash: writeSought(newest.current),
      replace: true,
    });
  });
  return { search, sought, change };
}

/** All that narrows and orders the queue, as it is saved; and what of it is sought. */
function savedBody(search: QueueSearch, { q, where }: Sought): Record<string, unknown> {
  return { ...search, ...(q ? { q } : {}), ...(where ? { where } : {}) };
}

function soughtOf({ q, where }: Record<string, unknown>): Sought {
  return { q: typeof q === "string" ? q : "", where: typeof where === "string" ? where : "" };
}

/** While another question is on its way, the rows of the one before stay, marked as such: nobody loses the place or the focus. */
function useHeld(queue: Queue): Queue & { held: boolean } {
  const last = useRef<Queue | null>(null);
  useEffect(() => {
    if (queue.rows) last.current = queue;
  }, [queue]);
  const before = last.current;
  if (queue.rows || queue.error || !before?.rows?.length) return { ...queue, held: false };
  return { ...queue, rows: before.rows, scope: before.scope, more: false, held: true };
}

function useCustomers() {
  const query = useQuery({ queryKey: ["customers"], queryFn: api.customers, staleTime: 30_000 });
  return useMemo(() => {
    const customers = query.data?.data ?? [];
    return { customers, roles: new Map<string, Role | null>(customers.map((c) => [c.id, c.role ?? null])) };
  }, [query.data]);
}

/** Everything that is done with rows: with one in place, with many after a preview. */
function useActs(rows: QueueRow[], selection: Selection, filter: ReturnType<typeof queueFilter>) {
  const me = useMe();
  const editor = useEditor();
  const menu = useRowMenu<QueueRow>();
  const claim = useClaim();
  const patch = usePatch();
  const [asked, setAsked] = useState<Asked | null>(null);
  const named = useMemo(() => {
    const inSight: [string, QueueRow][] = rows.map((row) => [row.rrn, row]);
    return new Map([...selection.picked, ...inSight]);
  }, [rows, selection.picked]);
  const act = useStable((kind: ActKind, row: QueueRow | undefined) => {
    if (row) setAsked({ kind, target: { rows: [row] }, rows: new Map([[row.rrn, row]]) });
    else if (selection.all) setAsked({ kind, target: { filter }, rows: named });
    else setAsked({ kind, target: { rows: [...selection.picked.values()] }, rows: selection.picked });
  });
  const assignMe = useStable((row: QueueRow) => {
    if (row.assignee?.email.toLowerCase() === me.email.toLowerCase()) return;
    void patch(row, { assignee: { email: me.email, name: me.name } });
  });
  const show = useStable(menu.show);
  return { editor, menu: { ...menu, show }, claim, asked, act, assignMe, named, drop: () => setAsked(null) };
}

function Counted({ queue }: { queue: Queue }) {
  if (!queue.rows?.length) return null;
  const { count } = queue;
  const said = count ? `${count.at_least ? "at least " : ""}${count.value}` : null;
  return <span data-testid="count">{said ?? atLeast(queue.rows.length, queue.scope, queue.more)}</span>;
}

function LiveMark({ queue }: { queue: Queue }) {
  return (
    <span className="inline-flex items-center gap-1.5 text-sm text-muted" role="status">
      <span className={`size-1.5 rounded-full ${queue.connected ? "bg-up" : "bg-unknown"}`} aria-hidden="true" />
      {queue.connected ? "Live" : "Reconnecting…"}
    </span>
  );
}

/** Says to those who do not see it that rows came in. */
function Arrived({ queue }: { queue: Queue }) {
  const fresh = [...queue.marks.values()].filter((mark) => mark === "new").length;
  const [said, setSaid] = useState("");
  useEffect(() => {
    if (fresh > 0) setSaid(fresh === 1 ? "One new investigation" : `${fresh} new investigations`);
  }, [fresh]);
  return (
    <span className="sr-only" role="status">
      {said}
    </span>
  );
}

interface BodyProps {
  queue: Queue;
  search: QueueSearch;
  sought: Sought;
  onReset: () => void;
  onAll: () => void;
  children: React.ReactNode;
}

function Body({ queue, search, sought, onReset, onAll, children }: BodyProps) {
  if (!queue.rows) {
    if (queue.error) return <Failure error={queue.error} title="The queue could not be read" onRetry={queue.retry} />;
    return (
      <div className="min-h-0 flex-1 overflow-hidden rounded-md border border-line bg-surface">
        <SkeletonRows rows={28} label="Asking every customer's node" />
      </div>
    );
  }
  if (queue.rows.length > 0) return children;
  const narrowed = isNarrowed(search, sought);
  const incomplete = queue.scope !== undefined && queue.scope.failed.length > 0;
  return (
    <div className="min-h-0 flex-1 rounded-md border border-line bg-surface">
      <Empty
        icon={narrowed ? <ListFilter size={18} /> : <Inbox size={18} />}
        title={narrowed ? "No investigation matches these filters" : "Nothing waits for you"}
        action={
          <span className="flex gap-2">
            {narrowed ? <Button onClick={onReset}>Clear the filters</Button> : null}
            {search.statuses === "all" ? null : <Button onClick={onAll}>Show closed ones, too</Button>}
          </span>
        }
      >
        <span className="mb-1 block">
          <MissingLink />
        </span>
        {incomplete ? "Among the customers that answered. Some did not: see the line at the top right. " : null}
        {narrowed || search.statuses === "all"
          ? null
          : `No investigation is ${NOT_CLOSED.join(", ").toLowerCase()}. New ones appear here by themselves.`}
      </Empty>
    </div>
  );
}
