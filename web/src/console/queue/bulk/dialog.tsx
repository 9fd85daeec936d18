import { useMutation, useQuery } from "@tanstack/react-query";
import { type ReactNode, useEffect, useId, useRef, useState } from "react";
import { ApiError } from "../../../api/http";
import * as api from "../../../api/queue";
import type { Bulk, BulkResult, BulkSelect, BulkSet, QueueRow } from "../../../api/queue-types";
import { useTicking } from "../../../lib/clock";
import { cn } from "../../../lib/cn";
import { plural } from "../../../lib/format";
import { Button } from "../../../ui/button";
import { Dialog, DialogActions } from "../../../ui/dialog";
import { controlClass, FormError } from "../../../ui/field";
import { words } from "../../../ui/states";
import { offer } from "../../../ui/toast";
import { ActFields } from "./fields";
import { rememberBulk } from "./last";
import {
  ACTS,
  type ActKind,
  countOf,
  type Draft,
  EMPTY,
  MAX_CAP,
  newKey,
  retryable,
  selectOf,
  setOf,
  type Target,
  tally,
} from "./plan";
import { NotChanged, NotReached, Preview } from "./shown";
import { useUndo } from "./undo";

export interface Asked {
  kind: ActKind;
  target: Target;
  /** Rows in sight, by name: what is only counted elsewhere is named by them. */
  rows: ReadonlyMap<string, QueueRow>;
}

interface Props {
  asked: Asked | null;
  onClose: () => void;
  /** Something was changed: what was picked has been dealt with. */
  onDone: () => void;
}

/** An act on many: what is wanted, what that would do, what it did. */
export function BulkDialog({ asked, onClose, onDone }: Props) {
  const busy = useRef(false);
  return (
    <Dialog
      open={asked !== null}
      // What is on its way is waited for: its outcome would otherwise be told to nobody.
      onClose={() => (busy.current ? undefined : onClose())}
      title={asked ? ACTS[asked.kind].title : ""}
      description={asked ? about(asked.target) : ""}
      className="w-[640px]"
    >
      {asked ? <Act asked={asked} busy={busy} onClose={onClose} onDone={onDone} /> : null}
    </Dialog>
  );
}

function about(target: Target): string {
  return "rows" in target ? countOf(target, null) : "Everything that matches the filter, also what is not loaded";
}

interface ActProps extends Omit<Props, "asked"> {
  asked: Asked;
  busy: React.RefObject<boolean>;
}

interface Sent {
  body: Bulk;
  key: string;
}

function Act({ asked, busy, onClose, onDone }: ActProps) {
  const [draft, setDraft] = useState<Draft>(EMPTY);
  const [select, setSelect] = useState<BulkSelect>(() => selectOf(asked.target));
  const [cap, setCap] = useState("rows" in asked.target ? String(asked.target.rows.length) : "");
  const set = setOf(asked.kind, draft);
  const preview = usePreview(select, set);
  const undo = useUndo();
  const run = useMutation({
    mutationFn: ({ body, key }: Sent) => api.bulk(body, key),
    onSuccess: (result, { body }) => {
      rememberBulk(result, body.set);
      if (result.changed > 0) onDone();
    },
    onSettled: () => {
      busy.current = false;
    },
  });
  /** The try that got no answer: the next one of the same has its key, so that nothing is done twice. */
  const sent = useRef<Sent | null>(null);
  const start = (next: BulkSelect) => {
    if (!set || busy.current) return;
    busy.current = true;
    const body: Bulk = { select: next, set, cap: Number(cap), preview: false };
    const again = sent.current && JSON.stringify(sent.current.body) === JSON.stringify(body);
    sent.current = again && sent.current ? sent.current : { body, key: newKey() };
    run.mutate(sent.current);
  };
  const finish = (result: BulkResult) => {
    const { id } = result;
    onClose();
    if (id !== null && result.undo_until && result.changed > 0) {
      offer(`${plural(result.changed, "investigation")} changed`, "It can be taken back for ten minutes.", {
        label: "Undo",
        onClick: () => undo.start(id),
      });
    }
  };
  if (run.data) {
    const { id } = run.data;
    const again = retryable(run.data, asked.rows);
    return (
      <Outcome result={run.data} rows={asked.rows} onFinish={() => finish(run.data)}>
        {again.length > 0 ? (
          <Button
            onClick={() => {
              setSelect({ items: again });
              setCap(String(again.length));
              sent.current = null;
              run.reset();
            }}
          >
            Try the {again.length === 1 ? "one" : again.length} again
          </Button>
        ) : null}
        {id !== null && run.data.undo_until && run.data.changed > 0 ? (
          <Button
            onClick={() => {
              onClose();
              undo.start(id);
            }}
          >
            Undo
          </Button>
        ) : null}
      </Outcome>
    );
  }
  const blocked = whyNot(set, cap, preview.data);
  return (
    <form
      className="flex flex-col gap-3"
      onSubmit={(event) => {
        event.preventDefault();
        if (blocked === null) start(select);
      }}
    >
      <ActFields
        kind={asked.kind}
        draft={draft}
        rows={[...asked.rows.values()]}
        onChange={(change) => setDraft((now) => ({ ...now, ...change }))}
      />
      {set ? <Forecast preview={preview} asked={asked} /> : null}
      <FormError>{run.error ? failed(run.error) : null}</FormError>
      {run.isPending ? <Running preview={preview.data} /> : null}
      {blocked && set ? <p className="text-sm text-muted">{blocked}</p> : null}
      <DialogActions>
        <CapField cap={cap} hint={capHint(preview.data, "rows" in asked.target)} onChange={setCap} />
        <Button onClick={onClose} disabled={run.isPending}>
          Cancel
        </Button>
        <Button type="submit" look="primary" busy={run.isPending} disabled={blocked !== null}>
          {preview.data ? `Change ${preview.data.changed}` : ACTS[asked.kind].title}
        </Button>
      </DialogActions>
    </form>
  );
}

/** More rows than this, and nothing is changed: asked for whatever is done with many. */
function CapField({ cap, hint, onChange }: { cap: string; hint: string; onChange: (cap: string) => void }) {
  const id = useId();
  const wrong = cap !== "" && !isCap(cap);
  return (
    <span className="mr-auto flex min-w-0 items-center gap-2">
      <label htmlFor={id} className="shrink-0 text-sm font-medium">
        Change at most
      </label>
      <input
        id={id}
        inputMode="numeric"
        autoComplete="off"
        className={cn(controlClass, "w-16 shrink-0")}
        aria-invalid={wrong}
        aria-describedby={`${id}-note`}
        value={cap}
        onChange={(event) => onChange(event.target.value.trim())}
      />
      <span id={`${id}-note`} className={cn("text-sm", wrong ? "text-danger" : "text-muted")}>
        {wrong ? `A whole number from 1 to ${MAX_CAP}` : hint}
      </span>
    </span>
  );
}

const PAUSE_MS = 350;

/** What the act would do, asked when the form rests. */
function usePreview(select: BulkSelect, set: BulkSet | null) {
  const body = set ? JSON.stringify({ select, set, cap: MAX_CAP, preview: true } satisfies Bulk) : null;
  const [rested, setRested] = useState(body);
  useEffect(() => {
    const timer = setTimeout(() => setRested(body), PAUSE_MS);
    return () => clearTimeout(timer);
  }, [body]);
  const query = useQuery({
    queryKey: ["bulk-preview", rested],
    enabled: rested !== null && rested === body,
    queryFn: () => api.bulk(JSON.parse(rested ?? "") as Bulk, newKey()),
    gcTime: 0,
    staleTime: Number.POSITIVE_INFINITY,
    retry: false,
  });
  const current = rested === body;
  return {
    data: current ? query.data : undefined,
    error: current ? query.error : null,
    busy: !current || query.isFetching,
    retry: () => void query.refetch(),
  };
}

function Forecast({ preview, asked }: { preview: ReturnType<typeof usePreview>; asked: Asked }) {
  if (preview.error) {
    return (
      <div className="flex flex-col items-start gap-2">
        <FormError>{failed(preview.error)}</FormError>
        <Button onClick={preview.retry}>Look again</Button>
      </div>
    );
  }
  if (!preview.data) {
    return (
      <p role="status" aria-busy={preview.busy} className="text-muted">
        Asking the customers' nodes what would change…
      </p>
    );
  }
  return <Preview result={preview.data} rows={asked.rows} />;
}

const isCap = (cap: string) => /^\d{1,4}$/.test(cap) && Number(cap) >= 1 && Number(cap) <= MAX_CAP;

function capHint(preview: BulkResult | undefined, picked: boolean): string {
  return preview && !picked ? `${preview.matched} match now; if more, nothing changes.` : "If more, nothing changes.";
}

function whyNot(set: BulkSet | null, cap: string, preview: BulkResult | undefined): string | null {
  if (!set) return "Say what is wanted first.";
  if (!isCap(cap)) return "Say how many may change at most.";
  if (!preview) return "The preview comes first.";
  if (preview.matched > Number(cap)) return `${preview.matched} match, more than ${cap}: nothing would be changed.`;
  return preview.changed === 0 ? "Nothing would change." : null;
}

function failed(error: unknown): string {
  if (error instanceof ApiError && error.code === "CAP_EXCEEDED") {
    return `${words(error)} Nothing was changed.`;
  }
  if (error instanceof ApiError && error.status === 0) {
    return "No answer came: it may have been done or not. Try again: nothing is done twice.";
  }
  return words(error);
}

/** It runs at every node at once: how long it has been, and over how much. */
function Running({ preview }: { preview: BulkResult | undefined }) {
  const since = useRef(Date.now()).current;
  const seconds = useTicking((now) => String(Math.max(0, Math.floor((now - since) / 1000))));
  return (
    <div role="status" className="flex flex-col gap-1.5 text-muted">
      <span>
        Changing {preview ? plural(preview.changed, "investigation") : "them"}
        {preview ? ` at ${plural(preview.customers.length, "customer")}` : ""}… {seconds} s
      </span>
      <span className="block h-1 overflow-hidden rounded-full bg-line" aria-hidden="true">
        <span className="skeleton block h-1 w-full bg-accent" />
      </span>
    </div>
  );
}

interface OutcomeProps {
  result: BulkResult;
  rows: ReadonlyMap<string, QueueRow>;
  onFinish: () => void;
  children: ReactNode;
}

/** What became of each. */
export function Outcome({ result, rows, onFinish, children }: OutcomeProps) {
  return (
    <div className="flex flex-col gap-3">
      <p role="status" data-testid="outcome" className="font-medium">
        {tally(result)}.
      </p>
      <NotChanged result={result} rows={rows} />
      <NotReached result={result} />
      <DialogActions>
        {children}
        <Button look="primary" onClick={onFinish}>
          Done
        </Button>
      </DialogActions>
    </div>
  );
}
