import { useInfiniteQuery } from "@tanstack/react-query";
import { FolderPlus, Link2, Radar, Unlink } from "lucide-react";
import { useState } from "react";
import type { CaseRow } from "../../api/case-types";
import type { Signal } from "../../api/types";
import { CASE_LISTS, useCase } from "../../components/case/case-context";
import { Confirm, type Question } from "../../components/confirm";
import { PivotButton } from "../../components/pivot";
import { Rows } from "../../components/rows";
import { plural, zoneName } from "../../lib/format";
import { entityQuery } from "../../lib/pivot";
import { levelSeverity, levelWord } from "../../lib/words";
import { Button } from "../../ui/button";
import { Moment, SeverityMark } from "../../ui/marks";
import { Empty } from "../../ui/states";
import { Table, Td, Th, trClass } from "../../ui/table";
import { LinkAlertsDialog } from "./link-alerts";
import { NewCaseDialog, type NewCaseOf } from "./new-case";

/** The alerts of the case, newest first: linked, moved, taken off, made an investigation of their own. */
export function Alerts({ row, onOpen }: { row: CaseRow; onOpen: (signal: string) => void }) {
  const { source, mayEdit } = useCase();
  const [chosen, setChosen] = useState<ReadonlySet<string>>(new Set());
  const [linking, setLinking] = useState(false);
  const [question, setQuestion] = useState<Question | null>(null);
  const [creating, setCreating] = useState<NewCaseOf | null>(null);
  const query = useInfiniteQuery({
    queryKey: ["case", row.rrn, "alerts"],
    queryFn: ({ pageParam }) => source.alerts(pageParam ?? undefined),
    initialPageParam: null as string | null,
    getNextPageParam: (last) => last.next ?? undefined,
  });
  const rows = query.data?.pages.flatMap((page) => page.data);
  const picked = rows?.filter(({ id }) => chosen.has(id)) ?? [];
  const unlink = (alerts: readonly Signal[]) =>
    setQuestion({
      title: `Take off ${plural(alerts.length, "alert")}?`,
      meaning: (
        <>
          {alerts.length === 1 ? <strong>{alerts[0]?.name}</strong> : "They"} then{" "}
          {alerts.length === 1 ? "belongs" : "belong"} to no investigation, and correlation does not put{" "}
          {alerts.length === 1 ? "it" : "them"} back.
        </>
      ),
      action: "Take off",
      danger: false,
      done: "Taken off",
      run: async () => {
        for (const { id } of alerts) await source.unlink(id);
        setChosen(new Set());
      },
      refresh: CASE_LISTS,
    });
  return (
    <div className="flex min-h-80 flex-1 flex-col gap-2">
      {mayEdit ? (
        <div className="flex flex-wrap items-center gap-2">
          <Button icon={<Link2 size={14} aria-hidden="true" />} onClick={() => setLinking(true)}>
            Link alerts…
          </Button>
          <Button
            icon={<FolderPlus size={14} aria-hidden="true" />}
            disabled={picked.length === 0}
            onClick={() =>
              setCreating({
                customer: row.customer,
                title: picked[0]?.name ?? "",
                alerts: picked.map(({ id }) => id),
              })
            }
          >
            New investigation from these…
          </Button>
          <Button
            icon={<Unlink size={14} aria-hidden="true" />}
            disabled={picked.length === 0}
            onClick={() => unlink(picked)}
          >
            Take off…
          </Button>
          <span role="status" className="text-muted">
            {picked.length > 0 ? `${picked.length} chosen` : ""}
          </span>
        </div>
      ) : null}
      <Rows
        label="Alerts"
        className="flex-1"
        rows={rows}
        error={query.error}
        onRetry={() => void query.refetch()}
        more={query.hasNextPage}
        reading={query.isFetchingNextPage}
        onMore={() => void query.fetchNextPage()}
        empty={
          <Empty icon={<Radar size={18} />} title="No alerts">
            It was opened without any, or they were taken off.
          </Empty>
        }
      >
        {(rows) => <AlertTable rows={rows} chosen={chosen} onChosen={mayEdit ? setChosen : null} onOpen={onOpen} />}
      </Rows>
      {linking ? <LinkAlertsDialog row={row} onClose={() => setLinking(false)} /> : null}
      <NewCaseDialog of={creating} onClose={() => setCreating(null)} />
      <Confirm question={question} onClose={() => setQuestion(null)} />
    </div>
  );
}

interface TableProps {
  rows: readonly Signal[];
  chosen: ReadonlySet<string>;
  onChosen: ((chosen: ReadonlySet<string>) => void) | null;
  onOpen: (signal: string) => void;
}

function AlertTable({ rows, chosen, onChosen, onOpen }: TableProps) {
  const all = rows.every(({ id }) => chosen.has(id));
  const toggle = (id: string) => {
    const next = new Set(chosen);
    if (!next.delete(id)) next.add(id);
    onChosen?.(next);
  };
  return (
    <Table label="Alerts">
      <thead>
        <tr>
          {onChosen ? (
            <Th className="w-8">
              <input
                type="checkbox"
                aria-label="All alerts"
                className="size-4 align-middle accent-accent"
                checked={all}
                onChange={() => onChosen(all ? new Set() : new Set(rows.map(({ id }) => id)))}
              />
            </Th>
          ) : null}
          <Th className="w-40">Happened ({zoneName()})</Th>
          <Th>Level</Th>
          <Th>Alert</Th>
          <Th>Entity</Th>
          <Th>Message</Th>
        </tr>
      </thead>
      <tbody>
        {rows.map((alert) => (
          <tr key={alert.id} className={`${trClass} group`} data-alert={alert.id}>
            {onChosen ? (
              <Td>
                <input
                  type="checkbox"
                  aria-label={`Choose ${alert.name}`}
                  className="size-4 align-middle accent-accent"
                  checked={chosen.has(alert.id)}
                  onChange={() => toggle(alert.id)}
                />
              </Td>
            ) : null}
            <Td className="text-muted">
              <Moment time={alert.event_time} long />
            </Td>
            <Td className="whitespace-nowrap">
              <span className="flex items-center gap-1.5">
                <SeverityMark severity={levelSeverity(alert.level)} />
                {levelWord(alert.level)}
              </span>
            </Td>
            <Td className="max-w-0 min-w-48">
              <button
                type="button"
                className="block max-w-full truncate text-left font-medium hover:underline"
                title={alert.name}
                onClick={() => onOpen(alert.id)}
              >
                {alert.name}
              </button>
            </Td>
            <Td className="whitespace-nowrap">
              <span className="flex items-center gap-1">
                <span className="mono">{alert.entity.value}</span>
                <PivotButton
                  query={entityQuery(alert.entity.type, alert.entity.value)}
                  value={alert.entity.value}
                  time={alert.event_time}
                />
              </span>
            </Td>
            <Td className="mono max-w-0 min-w-40 truncate text-muted" title={alert.message}>
              {alert.message}
            </Td>
          </tr>
        ))}
      </tbody>
    </Table>
  );
}
