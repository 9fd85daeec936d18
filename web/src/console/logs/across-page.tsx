import { useQuery } from "@tanstack/react-query";
import { Link, useLocation, useNavigate, useSearch } from "@tanstack/react-router";
import { Building2, CircleStop, Globe, SearchX } from "lucide-react";
import { useEffect, useState } from "react";
import type { AcrossRow } from "../../api/case-types";
import * as api from "../../api/console";
import type { EventRow } from "../../api/types";
import { LogBar, type LogState } from "../../components/log-bar";
import { LogTable } from "../../components/log-table";
import { MultiFilter } from "../../components/multi-filter";
import { PivotContext } from "../../components/pivot";
import { QueryFault } from "../../components/query-fault";
import { ScopeLine } from "../../components/scope-line";
import { type AcrossState, acrossKey, type CustomerProgress, logBody, SEARCH_STATE } from "../../lib/across";
import { count, plural } from "../../lib/format";
import { windowAround } from "../../lib/pivot";
import { faultOf, positionOf } from "../../lib/problems";
import { addCondition } from "../../lib/query-text";
import { readFragment, writeFragment } from "../../lib/search";
import { windowOf } from "../../lib/time-range";
import { Button, buttonClass } from "../../ui/button";
import { Badge } from "../../ui/marks";
import { Popover } from "../../ui/popover";
import { Empty, Failure, PageHead, SkeletonRows, words } from "../../ui/states";
import { Merged } from "../preferences/merged";
import { SavedSearches } from "../saved/saved-searches";
import { type Across, useAcross } from "./use-across";

/** Rows of each customer at most; the rest are found by narrowing. */
const LIMIT = 100;

/** The page, unless views over many customers are switched off. */
export function AcrossRoute() {
  return (
    <Merged>
      <AcrossPage />
    </Merged>
  );
}

/** One question to the logs of every customer this person may search. */
function AcrossPage() {
  const { customers: wanted, ...range } = useSearch({ from: "/frame/logs" });
  const q = readFragment(useLocation({ select: (l) => l.hash }));
  const navigate = useNavigate({ from: "/logs" });
  const customers = useQuery({ queryKey: ["customers"], queryFn: api.customers, staleTime: 30_000 });
  const across = useAcross();
  const { start } = across;
  const [attempt, setAttempt] = useState(0);
  const key = JSON.stringify({ q, range, wanted });
  // An empty question to everybody is asked only by a person, never by an address.
  const ask = q !== "" || attempt > 0;
  // biome-ignore lint/correctness/useExhaustiveDependencies: another attempt is another search, with a window of its own
  useEffect(() => {
    if (!ask) return;
    const asked = JSON.parse(key) as { q: string; range: Omit<LogState, "q">; wanted?: string[] };
    void start({ query: asked.q, ...windowOf(asked.range, Date.now()), customers: asked.wanted, limit: LIMIT });
  }, [key, ask, attempt, start]);
  const go = (state: LogState, whom: string[] | undefined) => {
    const { q: text, ...rest } = state;
    const search: AcrossState = { ...rest, customers: whom };
    // The same question again is another search, with a window of its own.
    setAttempt((n) => n + 1);
    void navigate({ search, hash: writeFragment(text) });
  };
  const searchable = customers.data?.data.filter((c) => c.role && c.role !== "viewer") ?? [];
  return (
    <div className="flex h-full min-w-[892px] flex-col gap-2.5 p-3">
      <PageHead title="Log search over all customers">
        <MultiFilter
          label="Customers"
          all="All customers"
          options={searchable.map((c) => ({ value: c.id, label: c.name, hint: c.region }))}
          chosen={wanted ?? []}
          onChange={(chosen) =>
            void navigate({ search: { ...range, customers: chosen.length > 0 ? chosen : undefined }, hash: true })
          }
        />
        <SavedSearches
          kind="LOGS"
          customer={null}
          body={{ q, ...range, ...(wanted ? { customers: wanted } : {}) }}
          onApply={(body) => {
            const { q: text, customers: whom, ...window } = logBody(body);
            go({ q: text, ...window }, whom);
          }}
        />
      </PageHead>
      <LogBar state={{ q, ...range }} busy={across.running} onSearch={(state) => go(state, wanted)} />
      <AcrossError across={across} q={q} onRetry={() => setAttempt((n) => n + 1)} />
      <Progress across={across} />
      <Result across={across} asked={ask} onNarrow={(term) => go({ ...range, q: addCondition(q, term) }, wanted)} />
    </div>
  );
}

function AcrossError({ across, q, onRetry }: { across: Across; q: string; onRetry: () => void }) {
  if (!across.error) return null;
  const position = positionOf(across.error);
  return position ? (
    <QueryFault query={q} position={position} detail={faultOf(across.error, "query") ?? words(across.error)} />
  ) : (
    <Failure error={across.error} title="The search was not answered" onRetry={onRetry} />
  );
}

/** How far it is, how many of each customer, who did not answer, and the way to end it. */
function Progress({ across }: { across: Across & { stop: () => void } }) {
  const { rows, dropped, progress, customers, scope, running, stopped, stop } = across;
  const found = customers.filter((each) => each.rows > 0).length;
  const cut = customers.filter(({ more }) => more).length;
  if (!running && !scope && !stopped) return null;
  return (
    <div className="flex min-h-7 flex-wrap items-center gap-3">
      {running ? (
        <>
          <progress
            aria-label="Customers that have answered"
            className="h-1.5 w-40 accent-accent"
            value={progress ? progress.answered : undefined}
            max={progress ? Math.max(1, progress.asked) : undefined}
          />
          <Button icon={<CircleStop size={14} aria-hidden="true" />} onClick={stop}>
            Cancel
          </Button>
        </>
      ) : null}
      <span role="status" className="text-muted" data-testid="across">
        {running
          ? progress
            ? `${progress.answered} of ${plural(progress.asked, "customer")} answered`
            : "Asking the customers’ nodes…"
          : stopped
            ? `Cancelled after ${progress?.answered ?? 0} of ${plural(progress?.asked ?? 0, "customer")}`
            : ""}
      </span>
      <span className="text-muted">
        {plural(rows.length, "event")}
        {dropped > 0 ? `, the newest; ${count(dropped)} older ones are left out` : ""}
      </span>
      {customers.length > 0 ? (
        <Popover
          label="How far each customer is"
          className="w-[420px]"
          trigger={
            <button type="button" className={buttonClass("quiet")}>
              <Building2 size={14} aria-hidden="true" />
              {plural(found, "customer")} with events
            </button>
          }
        >
          <CustomerList customers={customers} />
        </Popover>
      ) : null}
      {cut > 0 ? (
        <Badge
          tone="warn"
          title={`The newest ${LIMIT} of each are shown. Narrow the question, or open the customer’s own log search.`}
        >
          {plural(cut, "customer")} with more than {LIMIT}
        </Badge>
      ) : null}
      {scope ? <ScopeLine scope={scope} /> : null}
    </div>
  );
}

function CustomerList({ customers }: { customers: readonly CustomerProgress[] }) {
  return (
    <ul aria-label="Customers" className="max-h-80 overflow-auto py-1">
      {customers.map(({ customer, state, rows, more }) => (
        <li key={customer.id} data-state={state} className="flex items-center gap-2 px-3 py-1">
          <span className="min-w-0 flex-1 truncate">{customer.name}</span>
          <span className="text-sm text-muted">{customer.region}</span>
          <span className={state === "FAILED" ? "w-32 text-danger" : "w-32 text-muted"}>{SEARCH_STATE[state]}</span>
          <span className="w-14 text-right">
            {count(rows)}
            {more ? "+" : ""}
          </span>
        </li>
      ))}
    </ul>
  );
}

interface ResultProps {
  across: Across;
  asked: boolean;
  onNarrow: (term: string) => void;
}

function Result({ across, asked, onNarrow }: ResultProps) {
  const { rows, running, error, scope, stopped } = across;
  if (rows.length === 0) {
    if (error) return null;
    return (
      <div className="rounded-md border border-line bg-surface">
        {running ? (
          <SkeletonRows label="Asking the customers' nodes" />
        ) : !asked ? (
          <Empty icon={<Globe size={18} />} title="Ask every customer at once">
            The question goes to each customer’s node, and rows appear as they are found. Each customer’s audit says who
            searched. Begin with an address, a name or a hash.
          </Empty>
        ) : (
          <Empty
            icon={<SearchX size={18} />}
            title={stopped ? "Cancelled before anything was found" : "No event matches"}
          >
            {scope && !scope.complete ? "Among the customers that answered. Some did not: see the line above." : null}
          </Empty>
        )}
      </div>
    );
  }
  return (
    <PivotContext value={{ label: "Narrow the search to it", go: onNarrow }}>
      <LogTable
        rows={rows as AcrossRow[]}
        keyOf={(row) => acrossKey(row as AcrossRow)}
        customerOf={(row) => (row as AcrossRow).customer.name}
        actions={(row) => <ToCustomer row={row as AcrossRow} />}
        footer={
          <span className="text-sm text-muted">
            {running
              ? "More may come…"
              : `${plural(rows.length, "event")}, at most the newest ${LIMIT} of each customer.`}
          </span>
        }
      />
    </PivotContext>
  );
}

/** The same moment in the customer's own log search, where rows can be taken into a case. */
function ToCustomer({ row }: { row: AcrossRow }) {
  const event: EventRow = row;
  return (
    <Link
      to="/customers/$id/logs"
      params={{ id: row.customer.id }}
      search={{ range: "custom", ...windowAround(event.event_time) }}
      className={buttonClass()}
    >
      The logs of {row.customer.name} at this time
    </Link>
  );
}
