import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import * as nodeApi from "../../api/node";
import { parsers, startReplay } from "../../api/parsers";
import type { ReplayFilter } from "../../api/types";
import { DialogForm } from "../../components/dialog-form";
import { useAction } from "../../components/use-action";
import { zoneName } from "../../lib/format";
import { readAll } from "../../lib/pages";
import { faultOf } from "../../lib/problems";
import { fromLocalInput, toLocalInput } from "../../lib/time-range";
import { Dialog } from "../../ui/dialog";
import { ChoiceField, TextField } from "../../ui/field";

/** Asks which failed records are tried again, and starts it. */
export function ReplayDialog({ filter, onClose }: { filter: ReplayFilter | null; onClose: () => void }) {
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

function Form({ filter, onClose }: { filter: ReplayFilter; onClose: () => void }) {
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
  const replay = useAction({
    run: () =>
      startReplay({
        reason_code: draft.reason_code.trim() || undefined,
        parser: draft.parser || undefined,
        source: draft.source || undefined,
        from: fromLocalInput(draft.from),
        to: fromLocalInput(draft.to),
      }),
    done: () => "The replay has begun",
    refresh: ["replays"],
  });
  const names = [...new Set([...(known.data?.data.map((p) => p.name) ?? []), draft.parser])].filter((n) => n !== "");
  return (
    <DialogForm
      label="Replay"
      busy={replay.busy}
      error={replay.error}
      fields={["reason_code", "parser", "source", "from", "to"]}
      onSubmit={() => replay.start(undefined, onClose)}
      onCancel={onClose}
    >
      <TextField
        label="Reason"
        placeholder="Any"
        value={draft.reason_code}
        onChange={(reason_code) => set({ reason_code })}
        error={faultOf(replay.error, "reason_code")}
      />
      <div className="grid grid-cols-2 gap-4">
        <ChoiceField
          label="Parser"
          value={draft.parser}
          onChange={(parser) => set({ parser })}
          error={faultOf(replay.error, "parser")}
          options={[{ value: "", label: "Any" }, ...names.map((name) => ({ value: name, label: name }))]}
        />
        <ChoiceField
          label="Source"
          value={draft.source}
          onChange={(source) => set({ source })}
          error={faultOf(replay.error, "source")}
          options={[
            { value: "", label: "Any" },
            ...(sources.data ?? []).map((source) => ({ value: source.id as string, label: source.name })),
          ]}
        />
        <TextField
          label={`Received from (${zoneName()}, optional)`}
          type="datetime-local"
          step={1}
          value={draft.from}
          onChange={(from) => set({ from })}
          error={faultOf(replay.error, "from")}
        />
        <TextField
          label={`Received until (${zoneName()}, optional)`}
          type="datetime-local"
          step={1}
          value={draft.to}
          onChange={(to) => set({ to })}
          error={faultOf(replay.error, "to")}
        />
      </div>
    </DialogForm>
  );
}
