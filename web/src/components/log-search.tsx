import { PanelLeftClose, PanelLeftOpen, SearchX } from "lucide-react";
import { type ReactNode, useState } from "react";
import type { LogSource } from "../api/logs";
import type { EventRow, Scope } from "../api/types";
import { cn } from "../lib/cn";
import { count, plural } from "../lib/format";
import { faultOf, positionOf } from "../lib/problems";
import { addCondition, addTerm } from "../lib/query-text";
import { missing } from "../lib/scope";
import { Button } from "../ui/button";
import { Empty, Failure, SkeletonRows, words } from "../ui/states";
import { LogBar, type LogState } from "./log-bar";
import { LogFacets } from "./log-facets";
import { LogHistogram } from "./log-histogram";
import { type Chosen, LogTable } from "./log-table";
import { PivotContext } from "./pivot";
import { QueryFault } from "./query-fault";
import { PAGE, useLogSearch } from "./use-log-search";

interface Props {
  /** Part of the cache key: whose logs these are. */
  of: string;
  source: LogSource;
  state: LogState;
  onState: (state: LogState) => void;
  /** What is said while the node is asked. */
  asking: string;
  scope?: (scope: Scope | undefined) => ReactNode;
  /** The fields whose values are offered; those of the server's choice unless told. */
  facetFields?: string[];
  /** What people call a value that is an id. */
  nameOf?: (field: string, value: string) => string;
  /** With it rows can be ticked. */
  chosen?: Chosen;
  onChosen?: (chosen: Chosen) => void;
  /** What can be done with the row that is open. */
  actions?: (row: EventRow) => ReactNode;
  /** Beside the count of rows: what else the page offers about this search. */
  tools?: ReactNode;
  /** There is little room. */
  narrow?: boolean;
}

/** Query bar, window, histogram, fields, newest-first rows, more on demand. */
export function LogSearchView(props: Props) {
  const { of, source, state, onState, asking, scope, facetFields, nameOf, tools, narrow = false } = props;
  const { rows: query, histogram, facets, again } = useLogSearch(of, source, state, facetFields);
  const [fields, setFields] = useState(!narrow);
  const pivot = {
    label: "Narrow the search to it",
    go: (asked: string) => onState({ ...state, q: addCondition(state.q, asked) }),
  };
  const rows = query.data?.pages.flatMap((page) => page.data);
  const answered = query.data?.pages.at(-1)?.scope;
  const absent = answered ? missing(answered)[0] : undefined;
  const position = positionOf(query.error);
  const zoom = (from: string, to: string) => onState({ q: state.q, range: "custom", from, to });
  return (
    <>
      <LogBar
        state={state}
        busy={query.isFetching}
        onSearch={(next) => {
          if (JSON.stringify(next) === JSON.stringify(state)) again();
          else onState(next);
        }}
      />
      {query.error ? (
        position ? (
          <QueryFault
            query={state.q}
            position={position}
            detail={faultOf(query.error, "query") ?? words(query.error)}
          />
        ) : (
          <Failure error={query.error} title="The search was not answered" onRetry={again} />
        )
      ) : null}
      {histogram.data && !query.error && !absent ? (
        <LogHistogram histogram={histogram.data} stale={histogram.isPlaceholderData} onZoom={zoom} />
      ) : null}
      <Partly what="The histogram" error={query.error ? null : histogram.error} />
      <Partly what="The fields" error={query.error ? null : facets.error} />
      <div className={cn("flex min-h-7 items-center gap-2 text-muted", query.error && !rows ? "hidden" : "")}>
        <Button
          look="quiet"
          className="-ml-2"
          aria-pressed={fields}
          icon={fields ? <PanelLeftClose size={14} /> : <PanelLeftOpen size={14} />}
          onClick={() => setFields(!fields)}
        >
          Fields
        </Button>
        <span role="status">
          {query.isPending
            ? asking
            : rows
              ? `${count(rows.length)}${query.hasNextPage ? " newest" : ""} ${rows.length === 1 ? "event" : "events"}`
              : ""}
        </span>
        {scope?.(answered)}
        {tools ? <span className="ml-auto flex items-center gap-2">{tools}</span> : null}
      </div>
      {rows === undefined && query.error ? null : (
        <div className="flex min-h-48 flex-1 gap-2.5">
          {fields && facets.data && !absent ? (
            <LogFacets
              facets={facets.data}
              stale={facets.isPlaceholderData}
              nameOf={nameOf}
              onAdd={(field, value, not) => onState({ ...state, q: addTerm(state.q, field, value, not) })}
            />
          ) : null}
          {rows === undefined ? (
            <Box>
              <SkeletonRows label={asking} />
            </Box>
          ) : rows.length === 0 ? (
            <Box>
              <Empty icon={<SearchX size={18} />} title={absent ? "The logs were not searched" : "No event matches"}>
                {absent ? (absent.detail ?? absent.reason) : <Help />}
              </Empty>
            </Box>
          ) : (
            <PivotContext value={pivot}>
              <LogTable
                rows={rows}
                chosen={props.chosen}
                onChosen={props.onChosen}
                actions={props.actions}
                narrow={narrow}
                footer={
                  query.hasNextPage ? (
                    <Button busy={query.isFetchingNextPage} onClick={() => void query.fetchNextPage()}>
                      Load {PAGE} more
                    </Button>
                  ) : (
                    <span className="text-sm text-muted">
                      {plural(rows.length, "event")}, oldest last. That is all.
                    </span>
                  )
                }
              />
            </PivotContext>
          )}
        </div>
      )}
    </>
  );
}

function Box({ children }: { children: ReactNode }) {
  return <div className="min-w-0 flex-1 self-start rounded-md border border-line bg-surface">{children}</div>;
}

/** A part of the page that is missing while the rows are there. */
function Partly({ what, error }: { what: string; error: unknown }) {
  return error ? (
    <p role="alert" className="text-sm text-warn-text">
      {what} cannot be shown: {words(error)}
    </p>
  ) : null;
}

function Help() {
  return (
    <>
      Try fewer words or a wider window. <code className="mono">field:value</code>,{" "}
      <code className="mono">"a phrase"</code>, <code className="mono">AND OR NOT</code> and{" "}
      <code className="mono">field:[a TO b]</code> are understood;{" "}
      <code className="mono">record_type:FailedRecord</code> lists what no parser could take.
    </>
  );
}
