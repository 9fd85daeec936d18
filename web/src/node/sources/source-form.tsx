import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import * as api from "../../api/node";
import { parsers } from "../../api/parsers";
import type { Collector, CreatedSource, Source, Tier } from "../../api/types";
import { DialogForm } from "../../components/dialog-form";
import { useAction } from "../../components/use-action";
import { faultOf } from "../../lib/problems";
import { BLANK_SOURCE, draftOf, newSource, patchOf, type SourceDraft } from "../../lib/source-form";
import { FORMAT, FORMATS, TIERS } from "../../lib/words";
import { Dialog } from "../../ui/dialog";
import { AreaField, CheckField, ChoiceField, TextField } from "../../ui/field";

interface Props {
  editing: { source: Source | null; collector: string | null } | null;
  collectors: readonly Collector[];
  onClose: () => void;
  /** With a new source and its key. */
  onMade: (made: CreatedSource) => void;
}

/** Adds a source, or changes one. */
export function SourceDialog({ editing, ...rest }: Props) {
  return (
    <Dialog
      open={editing !== null}
      onClose={rest.onClose}
      title={editing?.source ? `Edit ${editing.source.name}` : "Add a source"}
      description="One stream of logs, with a key of its own."
      className="w-[680px]"
    >
      {editing ? <Form key={editing.source?.id ?? "new"} editing={editing} {...rest} /> : null}
    </Dialog>
  );
}

const TIER_HINT: Record<Tier, string> = {
  continuous: "Searched all the time.",
  frequent: "Searched often.",
  infrequent: "Searched rarely.",
};
const SHOWN = Object.keys(BLANK_SOURCE);

interface PartProps {
  draft: SourceDraft;
  set: (change: Partial<SourceDraft>) => void;
  fault: (field: string) => string | null;
}

function Form({ editing, collectors, onClose, onMade }: Props & { editing: NonNullable<Props["editing"]> }) {
  const { source, collector } = editing;
  const [draft, setDraft] = useState<SourceDraft>(() =>
    source ? draftOf(source) : { ...BLANK_SOURCE, collector: collector ?? "" },
  );
  const save = useAction({
    run: async () => {
      if (source) await api.patchSource(source.id, patchOf(source, draft));
      else onMade(await api.addSource(newSource(draft)));
    },
    refresh: ["sources", "collectors"],
  });
  const part: PartProps = {
    draft,
    set: (change) => setDraft((before) => ({ ...before, ...change })),
    fault: (field) => faultOf(save.error, field),
  };
  return (
    <DialogForm
      label={source ? "Save" : "Add source"}
      busy={save.busy}
      error={save.error}
      fields={SHOWN}
      onSubmit={() => save.start(undefined, onClose)}
      onCancel={onClose}
    >
      <Identity {...part} collectors={collectors} />
      <Handling {...part} />
      <Syslog {...part} />
    </DialogForm>
  );
}

function Identity({ draft, set, fault, collectors }: PartProps & { collectors: readonly Collector[] }) {
  return (
    <div className="grid grid-cols-2 gap-4">
      <TextField
        label="Name"
        required
        value={draft.name}
        onChange={(name) => set({ name })}
        error={fault("name")}
        hint="Unique in this workspace"
      />
      <TextField
        label="Source category"
        required
        placeholder="windows/dc"
        value={draft.source_category}
        onChange={(source_category) => set({ source_category })}
        error={fault("source_category")}
        hint="A path-like word of your choice"
      />
      <ChoiceField
        label="Collector"
        value={draft.collector}
        onChange={(collector) => set({ collector })}
        error={fault("collector")}
        options={[{ value: "", label: "None" }, ...collectors.map((c) => ({ value: c.id, label: c.name }))]}
      />
      <TextField
        label="Host (optional)"
        placeholder="dc01"
        value={draft.host}
        onChange={(host) => set({ host })}
        error={fault("host")}
      />
    </div>
  );
}

function Handling({ draft, set, fault }: PartProps) {
  const known = useQuery({ queryKey: ["parsers"], queryFn: parsers, staleTime: 30_000, retry: false });
  const names = new Set([...(known.data?.data.map((p) => p.name) ?? []), draft.parser].filter((name) => name !== ""));
  return (
    <div className="grid grid-cols-2 gap-4">
      <ChoiceField
        label="Format"
        value={draft.format}
        onChange={(format) => set({ format })}
        error={fault("format")}
        options={FORMATS.map((f) => ({ value: f, label: FORMAT[f] }))}
      />
      <ChoiceField
        label="Parser"
        value={draft.parser}
        onChange={(parser) => set({ parser })}
        error={fault("parser")}
        options={[
          { value: "", label: "Decide by format and shape" },
          ...[...names].sort().map((name) => ({ value: name, label: name })),
        ]}
      />
      <ChoiceField
        label="Tier"
        value={draft.tier}
        onChange={(tier) => set({ tier })}
        error={fault("tier")}
        hint={TIER_HINT[draft.tier]}
        options={TIERS.map((t) => ({ value: t, label: t }))}
      />
      <div className="self-center">
        <CheckField
          label="Feed detection"
          hint="Rules look at its records. Without it they are kept and searched only."
          checked={draft.cse}
          onChange={(cse) => set({ cse })}
        />
      </div>
    </div>
  );
}

function Syslog({ draft, set, fault }: PartProps) {
  const any = Boolean(draft.syslog_tcp || draft.syslog_udp || draft.syslog_tls);
  return (
    <fieldset className="rounded-md border border-line p-3">
      <legend className="px-1 text-sm font-medium">Syslog ports of its own (optional)</legend>
      <div className="grid grid-cols-3 gap-4">
        {(["tcp", "udp", "tls"] as const).map((kind) => {
          const field = `syslog_${kind}` as const;
          return (
            <TextField
              key={kind}
              label={kind === "tls" ? "Syslog TLS port" : `Syslog ${kind.toUpperCase()} port`}
              placeholder="127.0.0.1:0"
              value={draft[field]}
              onChange={(value) => set({ [field]: value })}
              error={fault(field)}
            />
          );
        })}
      </div>
      <p className="mt-2 text-sm text-muted">An address and a port; port 0 takes any free one.</p>
      {any ? (
        <AreaField
          className="mt-3"
          label="Who may send to them"
          placeholder="10.0.0.0/8"
          rows={2}
          value={draft.allowed}
          onChange={(allowed) => set({ allowed })}
          error={fault("allowed")}
          hint="Addresses or networks, one a line; empty for anybody"
        />
      ) : null}
      {draft.syslog_tls ? (
        <TextField
          className="mt-3"
          label="Client certificate, SHA-256 (optional)"
          value={draft.client_certificate}
          onChange={(client_certificate) => set({ client_certificate })}
          error={fault("client_certificate")}
          hint="When given, only the holder of this certificate may send"
        />
      ) : null}
    </fieldset>
  );
}
