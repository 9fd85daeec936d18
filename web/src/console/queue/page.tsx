import { useQuery } from "@tanstack/react-query";
import { useLocation, useNavigate, useSearch } from "@tanstack/react-router";
import { Inbox, ListFilter } from "lucide-react";
import { useMemo } from "react";
import * as api from "../../api/console";
import type { Role } from "../../api/types";
import { ScopeLine } from "../../components/scope-line";
import { isNarrowed, NOT_CLOSED, parseQueue, type QueueSearch } from "../../lib/queue-search";
import { atLeast } from "../../lib/scope";
import { readFragment, writeFragment } from "../../lib/search";
import { Button } from "../../ui/button";
import { Empty, Failure, PageHead, SkeletonRows } from "../../ui/states";
import { useEditor } from "../edit/editor";
import { MissingLink } from "../missing/link";
import { SavedSearches } from "../saved/saved-searches";
import { QueueGrid } from "./grid";
import { QueueToolbar } from "./toolbar";
import { type Queue, useQueue } from "./use-queue";

/** All investigations this person may see, or those of one customer inside its environment. */
export function QueuePage({ customer }: { customer?: string }) {
  const raw = useSearch({ strict: false });
  const search = useMemo(() => parseQueue(raw), [raw]);
  const q = readFragment(useLocation({ select: (l) => l.hash }));
  const navigate = useNavigate();
  const asked = useMemo(() => (customer ? { ...search, customers: [customer] } : search), [search, customer]);
  const queue = useQueue(asked, q);
  const editor = useEditor();
  const customers = useQuery({ queryKey: ["customers"], queryFn: api.customers, staleTime: 30_000 });
  const roles = useMemo(
    () => new Map<string, Role | null>(customers.data?.data.map((c) => [c.id, c.role ?? null])),
    [customers.data],
  );
  const here = customers.data?.data.find(({ id }) => id === customer);
  const change = (next: Partial<QueueSearch>, text?: string) =>
    void navigate({
      to: ".",
      search: (now) => ({ ...parseQueue(now), ...next }),
      hash: text === undefined ? true : writeFragment(text),
      replace: true,
    });
  return (
    <div className="flex h-full min-w-[892px] flex-col gap-2.5 p-3">
      <PageHead title={here ? `Investigations of ${here.name}` : "All investigations"} note={<Counted queue={queue} />}>
        <LiveMark queue={queue} />
        <ScopeLine scope={queue.scope}>
          <MissingLink customer={customer} />
        </ScopeLine>
      </PageHead>
      <QueueToolbar
        search={search}
        q={q}
        customers={customer ? null : (customers.data?.data ?? [])}
        rows={queue.rows ?? []}
        onChange={change}
      >
        <SavedSearches
          kind="INVESTIGATIONS"
          customer={customer ?? null}
          body={{ ...search, ...(q ? { q } : {}) }}
          onApply={({ q: words, ...body }) => change(parseQueue(body), typeof words === "string" ? words : "")}
        />
      </QueueToolbar>
      {queue.error && queue.rows ? (
        <Failure error={queue.error} title="The queue is not up to date" onRetry={queue.retry} />
      ) : null}
      <Body
        queue={queue}
        search={search}
        q={q}
        onReset={() => change(parseQueue({}), "")}
        onAll={() => change({ statuses: "all" })}
      >
        <QueueGrid
          rows={queue.rows ?? []}
          roles={roles}
          sort={search.sort ?? "-priority"}
          onSort={(sort) => change({ sort })}
          editor={editor}
          queue={queue}
        />
      </Body>
      {editor.element}
    </div>
  );
}

function Counted({ queue }: { queue: Queue }) {
  return queue.rows?.length ? (
    <span data-testid="count">{atLeast(queue.rows.length, queue.scope, queue.more)}</span>
  ) : null;
}

function LiveMark({ queue }: { queue: Queue }) {
  return (
    <span className="inline-flex items-center gap-1.5 text-sm text-muted" role="status">
      <span className={`size-1.5 rounded-full ${queue.connected ? "bg-up" : "bg-unknown"}`} aria-hidden="true" />
      {queue.connected ? "Live" : "Reconnecting…"}
    </span>
  );
}

interface BodyProps {
  queue: Queue;
  search: QueueSearch;
  q: string;
  onReset: () => void;
  onAll: () => void;
  children: React.ReactNode;
}

function Body({ queue, search, q, onReset, onAll, children }: BodyProps) {
  if (!queue.rows) {
    if (queue.error) return <Failure error={queue.error} title="The queue could not be read" onRetry={queue.retry} />;
    return (
      <div className="min-h-0 flex-1 overflow-hidden rounded-md border border-line bg-surface">
        <SkeletonRows rows={28} label="Asking every customer's node" />
      </div>
    );
  }
  if (queue.rows.length > 0) return children;
  const narrowed = isNarrowed(search, q);
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
