import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import * as nodeApi from "../../api/node";
import { parsers, startReplay } from "../../api/parsers";
import type { NewReplay } from "../../api/pending";
import { readAll } from "../../lib/pages";
import { faultOf, faultOfForm } from "../../lib/problems";
import { fromLocalInput, toLocalInput } from "../../lib/time-range";
import { Button } from "../../ui/button";
import { Dialog, DialogActions } from "../../ui/dialog";
import { ChoiceField, FormError, TextField } from "../../ui/field";
import { notify } from "../../ui/toast";

/** Asks which failed records are tried again, and starts it. */
export function ReplayDialog({ filter, onClose }: { filter: NewReplay | null; onClose: () => void }) {
  return (
    <Dialog
      open={filter !== null}
      onClose={onClose}
      title="Replay failed records?"
      description="They go through the parsers as they are now. What becomes a record leaves the failed ones; nothing is doubled."
    >
      {filter ? <Form key={JSON.stringify(filter)} filter={filter} onClose={onClose} /> : null}
    </Dialog>
  );
}

function Form({ filter, onClose }: { filter: NewReplay; onClose: () => void }) {
  const [draft, setDraft] = useState({
    reason_code: filter.reason_code ?? "",
    parser: filter.parser ?? "",
    source: filter.source ?? "",
    from: toLocalInput(filter.from),
    to: toLocalInput(filter.to),
  });
  const set = (change: Partial<typeof draft>) => setDraft((before) => ({ ...before, ...change }));
  const known = useQuery({ queryKey: ["parsers"], queryFn: parsers });
  const sources = useQuery({ queryKey: ["sources"], queryFn: () => readAll(nodeApi.sources) });
  const queries = useQueryClient();
  const start = useMutation({
    mutationFn: () =>
      startReplay({
        reason_code: draft.reason_code.trim() || undefined,
        parser: draft.parser || undefined,
        source: draft.source || undefined,
        from: fromLocalInput(draft.from),
        to: fromLocalInput(draft.to),
      }),
    onSuccess: () => {
      notify("The replay has begun");
      void queries.invalidateQueries({ queryKey: ["replays"] });
      onClose();
    },
  });
  const names = [...new Set([...(known.data?.data.map((p) => p.name) ?? []), draft.parser])].filter((n) => n !== "");
  return (
    <form
      className="flex flex-col gap-4"
      onSubmit={(event) => {
        event.preventDefault();
        start.mutate();
      }}
    >
      <TextField
        label="Reason"
        placeholder="Any"
        value={draft.reason_code}
        onChange={(reason_code) => set({ reason_code })}
        error={faultOf(start.error, "reason_code")}
      />
      <div className="grid grid-cols-2 gap-4">
        <ChoiceField
          label="Parser"
          value={draft.parser}
          onChange={(parser) => set({ parser })}
          error={faultOf(start.error, "parser")}
          options={[{ value: "", label: "Any" }, ...names.map((name) => ({ value: name, label: name }))]}
        />
        <ChoiceField
          label="Source"
          value={draft.source}
          onChange={(source) => set({ source })}
          error={faultOf(start.error, "source")}
          options={[
            { value: "", label: "Any" },
            ...(sources.data ?? []).map((source) => ({ value: source.id as string, label: source.name })),
          ]}
        />
        <TextField
          label="Received from (optional)"
          type="datetime-local"
          step={1}
          value={draft.from}
          onChange={(from) => set({ from })}
          error={faultOf(start.error, "from")}
        />
        <TextField
          label="Received until (optional)"
          type="datetime-local"
          step={1}
          value={draft.to}
          onChange={(to) => set({ to })}
          error={faultOf(start.error, "to")}
        />
      </div>
      <FormError>{faultOfForm(start.error, ["reason_code", "parser", "source", "from", "to"])}</FormError>
      <DialogActions>
        <Button onClick={onClose}>Cancel</Button>
        <Button type="submit" look="primary" busy={start.isPending}>
          Replay
        </Button>
      </DialogActions>
    </form>
  );
}
