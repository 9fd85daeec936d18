import { useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { ArrowDown, ArrowUp, Plus, Trash2 } from "lucide-react";
import { useState } from "react";
import type { Dashboard, PanelDef } from "../../api/dashboard-types";
import * as api from "../../api/dashboards";
import { ApiError } from "../../api/http";
import { useAction } from "../../components/use-action";
import { faultOfDraft, filtersOf, fitted, MOST_PANELS, newPanel, sampleFrame } from "../../lib/dashboards/draft";
import { RANGES, spanWords, TIMESLICES } from "../../lib/dashboards/state";
import { CHART, MEASURE } from "../../lib/dashboards/words";
import { faultOfForm } from "../../lib/problems";
import { Button, IconButton } from "../../ui/button";
import { Dialog, DialogActions } from "../../ui/dialog";
import { ChoiceField, FormError, TextField } from "../../ui/field";
import { type DashboardPage, DashboardPageContext } from "./context";
import { PanelBody } from "./panel-body";
import { PanelForm } from "./panel-form";

interface Props {
  /** What is begun with; null: the dialog is closed. */
  start: Dashboard | null;
  /** It is not saved yet. */
  fresh: boolean;
  onClose: () => void;
}

/** An own dashboard: its title, its panels, each as a form with a drawing of how it will look. */
export function DashboardEditor({ start, fresh, onClose }: Props) {
  return (
    <Dialog
      open={start !== null}
      onClose={onClose}
      title={fresh ? "New dashboard" : `Edit “${start?.title ?? ""}”`}
      className="top-[4vh] h-[92vh] max-h-[92vh] w-[1120px]"
    >
      {start ? <Editor start={start} fresh={fresh} onClose={onClose} /> : null}
    </Dialog>
  );
}

function Editor({ start, fresh, onClose }: Props & { start: Dashboard }) {
  const [draft, setDraft] = useState(start);
  const panels = draft.sections.flatMap((section) => section.panels);
  const [at, setAt] = useState(0);
  const chosen = panels[Math.min(at, panels.length - 1)];
  const put = (next: PanelDef[]) => setDraft({ ...draft, sections: inSections(draft, next) });
  const save = useSave(fresh, onClose);
  const fault = faultOfDraft(draft);
  return (
    <form
      className="flex min-h-full flex-col gap-4"
      onSubmit={(event) => {
        event.preventDefault();
        if (fault === null) save.start(draft);
      }}
    >
      <div className="grid grid-cols-[2fr_1fr_1fr] gap-3">
        <TextField label="Title" value={draft.title} onChange={(title) => setDraft({ ...draft, title })} />
        <ChoiceField
          label="Time range"
          value={draft.range}
          options={spans(RANGES, draft.range).map((value) => ({ value, label: `Last ${spanWords(value)}` }))}
          onChange={(range) => setDraft({ ...draft, range })}
        />
        <ChoiceField
          label="timeslice"
          value={draft.timeslice}
          options={spans(TIMESLICES, draft.timeslice).map((value) => ({ value, label: spanWords(value) }))}
          onChange={(timeslice) => setDraft({ ...draft, timeslice })}
        />
      </div>
      <TextField
        label="What it is for"
        value={draft.description ?? ""}
        onChange={(description) => setDraft({ ...draft, description })}
      />
      <div className="grid min-h-0 flex-1 grid-cols-[280px_minmax(0,1fr)] gap-4">
        <PanelList panels={panels} at={at} onAt={setAt} onPut={put} />
        {chosen ? (
          <div className="flex min-w-0 flex-col gap-3">
            <PanelForm
              key={chosen.id}
              panel={chosen}
              onChange={(panel) =>
                put(panels.map((one) => (one.id === chosen.id ? fitted({ ...panel, id: one.id }) : one)))
              }
            />
            <Preview panel={chosen} />
          </div>
        ) : (
          <p className="py-10 text-center text-muted">Add a panel to begin with.</p>
        )}
      </div>
      {conflict(save.error) ? (
        <FormError>
          Somebody else has changed this dashboard since it was read here. Close this, read it again, and make your
          changes anew; or save yours under another title with “Save as”.
        </FormError>
      ) : (
        <FormError>{faultOfForm(save.error, [])}</FormError>
      )}
      <DialogActions>
        {fault ? <span className="mr-auto text-sm text-muted">{fault}</span> : null}
        <Button onClick={onClose}>Cancel</Button>
        <Button type="submit" look="primary" busy={save.busy} disabled={fault !== null}>
          {fresh ? "Save" : "Save changes"}
        </Button>
      </DialogActions>
    </form>
  );
}

const conflict = (error: unknown): boolean => error instanceof ApiError && error.code === "VERSION_CONFLICT";

const spans = (offered: readonly string[], now: string): string[] =>
  offered.includes(now) ? [...offered] : [...offered, now];

/** Panels stay under their headings; new ones come under the last. */
function inSections({ sections }: Dashboard, panels: PanelDef[]): Dashboard["sections"] {
  if (sections.length <= 1) return [{ title: sections[0]?.title ?? "", panels }];
  const home = new Map(sections.flatMap((section, at) => section.panels.map(({ id }) => [id, at] as const)));
  return sections
    .map((section, at) => ({
      ...section,
      panels: panels.filter(({ id }) => (home.get(id) ?? sections.length - 1) === at),
    }))
    .filter((section) => section.panels.length > 0);
}

function useSave(fresh: boolean, onClose: () => void) {
  const navigate = useNavigate();
  const queries = useQueryClient();
  return useAction({
    run: (draft: Dashboard) => {
      const body = { ...draft, filters: filtersOf(draft.sections.flatMap((section) => section.panels)) };
      return fresh ? api.addDashboard(body) : api.putDashboard(body);
    },
    done: (saved) => `“${saved.title}” is saved`,
    after: (saved) => {
      queries.setQueryData(["dashboards", saved.name], saved);
      onClose();
      void navigate({ to: "/dashboards/$name", params: { name: saved.name }, search: {} });
    },
    refresh: ["dashboards"],
  });
}

interface ListProps {
  panels: PanelDef[];
  at: number;
  onAt: (at: number) => void;
  onPut: (panels: PanelDef[]) => void;
}

function PanelList({ panels, at, onAt, onPut }: ListProps) {
  const add = () => {
    onPut([...panels, newPanel(panels.map(({ id }) => id))]);
    onAt(panels.length);
  };
  const move = (from: number, to: number) => {
    const next = [...panels];
    const [one] = next.splice(from, 1);
    if (!one || to < 0 || to >= panels.length) return;
    next.splice(to, 0, one);
    onPut(next);
    onAt(to);
  };
  return (
    <div className="flex min-h-0 flex-col gap-2">
      <ol aria-label="Panels" className="flex flex-col gap-0.5 overflow-auto">
        {panels.map((panel, index) => (
          <li
            key={panel.id}
            className={`flex items-center rounded-sm pr-1 ${index === at ? "bg-selected" : "hover:bg-hover"}`}
          >
            <button
              type="button"
              aria-current={index === at ? "true" : undefined}
              onClick={() => onAt(index)}
              className="min-w-0 flex-1 px-2 py-1 text-left"
            >
              <span className="block truncate">{panel.title || "No title"}</span>
              <span className="block truncate text-sm text-muted">
                {MEASURE[panel.measure].label} · {CHART[panel.chart]}
              </span>
            </button>
            {index === at ? (
              <>
                <IconButton
                  label={`Move ${panel.title} up`}
                  className="size-6"
                  disabled={index === 0}
                  onClick={() => move(index, index - 1)}
                >
                  <ArrowUp size={13} aria-hidden="true" />
                </IconButton>
                <IconButton
                  label={`Move ${panel.title} down`}
                  className="size-6"
                  disabled={index === panels.length - 1}
                  onClick={() => move(index, index + 1)}
                >
                  <ArrowDown size={13} aria-hidden="true" />
                </IconButton>
                <IconButton
                  label={`Remove ${panel.title}`}
                  className="size-6"
                  onClick={() => {
                    onPut(panels.filter((one) => one.id !== panel.id));
                    onAt(Math.max(0, index - 1));
                  }}
                >
                  <Trash2 size={13} aria-hidden="true" />
                </IconButton>
              </>
            ) : null}
          </li>
        ))}
      </ol>
      <Button icon={<Plus size={14} aria-hidden="true" />} disabled={panels.length >= MOST_PANELS} onClick={add}>
        Add a panel
      </Button>
    </div>
  );
}

const nothing = () => {};
const SAMPLE_RANGE = { from: "2026-01-05T00:00:00.000Z", to: "2026-01-06T00:00:00.000Z" };

/** Around a panel that is only looked at. */
const SAMPLE: DashboardPage = {
  dashboard: { name: "", title: "", range: "24h", timeslice: "1h", filters: [], sections: [] },
  query: SAMPLE_RANGE,
  whom: { customers: null, globs: undefined, tiers: undefined },
  scope: undefined,
  rangeOf: () => SAMPLE_RANGE,
  wordsOf: () => "",
  ownRange: () => null,
  zoom: nothing,
  retry: nothing,
  open: nothing,
  menu: nothing,
  trendOf: () => null,
  refresh: nothing,
};

/** How a panel will look. Its numbers are invented, and say so. */
function Preview({ panel }: { panel: PanelDef }) {
  if (MEASURE[panel.measure].rows) {
    return (
      <p className="rounded-md border border-line px-3 py-6 text-center text-muted">
        A table of single things, newest first.
      </p>
    );
  }
  return (
    <section
      aria-label="Preview"
      className="flex h-56 flex-col gap-1 rounded-md border border-dashed border-control bg-surface px-2.5 py-1.5"
    >
      <p className="text-sm text-muted">
        How it will look. These numbers are invented: the real ones come once it is saved.
      </p>
      <div inert className="flex min-h-0 flex-1 flex-col">
        <DashboardPageContext value={SAMPLE}>
          <PanelBody panel={panel} frame={sampleFrame(panel)} />
        </DashboardPageContext>
      </div>
    </section>
  );
}
