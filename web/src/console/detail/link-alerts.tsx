import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import type { CaseRow } from "../../api/case-types";
import * as api from "../../api/console";
import { CASE_LISTS, useCase } from "../../components/case/case-context";
import { DialogForm } from "../../components/dialog-form";
import { SearchBox } from "../../components/search-box";
import { useAction } from "../../components/use-action";
import { plural } from "../../lib/format";
import { type SignalHit, signalHit, signalsSql } from "../../lib/signal-sql";
import { levelSeverity, levelWord } from "../../lib/words";
import { Dialog } from "../../ui/dialog";
import { Badge, Moment, SeverityMark } from "../../ui/marks";
import { Failure, SkeletonRows } from "../../ui/states";

const SHOWN = 100;

/** Alerts of the customer, found by words, to be linked here. One that is elsewhere leaves that. */
export function LinkAlertsDialog({ row, onClose }: { row: CaseRow; onClose: () => void }) {
  return (
    <Dialog
      open
      onClose={onClose}
      title="Link alerts"
      description={`To ${row.title} · ${row.customer.name}`}
      className="w-[760px]"
    >
      <Form row={row} onClose={onClose} />
    </Dialog>
  );
}

function Form({ row, onClose }: { row: CaseRow; onClose: () => void }) {
  const { source } = useCase();
  const [words, setWords] = useState("");
  const [chosen, setChosen] = useState<ReadonlyMap<string, SignalHit>>(new Map());
  const here = row.rrn.split(":").at(-1) ?? "";
  const query = useQuery({
    queryKey: ["alerts-of", row.rrn, words],
    queryFn: async ({ signal }) => {
      const answer = await api.logsOf(row.customer.id).sql({ sql: signalsSql(words, here), limit: SHOWN }, signal);
      return { hits: answer.rows.map(signalHit), truncated: answer.truncated };
    },
    placeholderData: (before) => before,
    staleTime: 10_000,
    gcTime: 60_000,
    retry: false,
  });
  const link = useAction({
    run: () => source.link([...chosen.keys()]),
    done: () => `${plural(chosen.size, "alert")} linked`,
    refresh: CASE_LISTS,
  });
  const moved = [...chosen.values()].filter(({ investigation }) => investigation !== null).length;
  const toggle = (hit: SignalHit) => {
    const next = new Map(chosen);
    if (!next.delete(hit.id)) next.set(hit.id, hit);
    setChosen(next);
  };
  return (
    <DialogForm
      label={moved > 0 ? `Move ${moved} and link` : "Link"}
      busy={link.busy}
      error={link.error}
      blocked={chosen.size === 0 ? "Choose alerts" : null}
      onSubmit={() => link.start(undefined, onClose)}
      onCancel={onClose}
    >
      <SearchBox label="Find alerts" placeholder="Words in name, entity or message" value={words} onChange={setWords} />
      {query.error ? (
        <Failure error={query.error} title="The alerts could not be read" onRetry={() => void query.refetch()} />
      ) : null}
      <fieldset className="max-h-80 min-h-32 overflow-auto rounded-sm border border-line">
        <legend className="sr-only">Alerts of {row.customer.name}</legend>
        {query.data === undefined && !query.error ? <SkeletonRows rows={4} label="Asking the customer's node" /> : null}
        {query.data?.hits.length === 0 ? <p className="px-3 py-2 text-muted">No other alert has these words.</p> : null}
        {query.data?.hits.map((hit) => (
          <HitRow key={hit.id} hit={hit} chosen={chosen.has(hit.id)} onToggle={() => toggle(hit)} />
        ))}
      </fieldset>
      {query.data?.truncated ? (
        <p className="text-sm text-muted">The newest {SHOWN} are shown. Words find older ones.</p>
      ) : null}
      {moved > 0 ? (
        <p role="status" className="rounded-sm border border-warn bg-warn-soft px-3 py-2">
          {moved === 1 ? "One of them belongs" : `${moved} of them belong`} to another investigation and{" "}
          {moved === 1 ? "leaves" : "leave"} it: an alert belongs to one at most.
        </p>
      ) : null}
    </DialogForm>
  );
}

interface HitProps {
  hit: SignalHit;
  chosen: boolean;
  onToggle: () => void;
}

function HitRow({ hit, chosen, onToggle }: HitProps) {
  return (
    <label
      data-hit={hit.id}
      className="flex min-h-9 items-center gap-2.5 border-b border-line px-3 py-1 last:border-b-0 hover:bg-hover has-checked:bg-selected"
    >
      <input type="checkbox" className="size-4 shrink-0 accent-accent" checked={chosen} onChange={onToggle} />
      <span className="min-w-0 flex-1">
        <span className="block truncate font-medium">{hit.name}</span>
        <span className="flex flex-wrap items-center gap-x-3 text-sm text-muted">
          <span className="flex items-center gap-1.5">
            <SeverityMark severity={levelSeverity(hit.level)} />
            {levelWord(hit.level)}
          </span>
          <span>
            {hit.entity.type} <span className="mono text-text">{hit.entity.value}</span>
          </span>
          <Moment time={hit.time} long />
        </span>
      </span>
      {hit.investigation ? <Badge tone="warn">In another one</Badge> : null}
    </label>
  );
}
