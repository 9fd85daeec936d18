import { useNavigate } from "@tanstack/react-router";
import { CircleHelp, Download, Image, Table2, TextSearch } from "lucide-react";
import type { PanelAnswer, PanelDef } from "../../api/dashboard-types";
import { usePalette } from "../../charts/palette";
import { hasPicture, picture } from "../../charts/picture";
import { useFollow } from "../../components/drill-link";
import { useAction } from "../../components/use-action";
import { save } from "../../lib/csv";
import { logSearch } from "../../lib/dashboards/drill";
import { type DashboardState, RANGES, type Range, span, spanWords, withPanelRange } from "../../lib/dashboards/state";
import { fullTime } from "../../lib/format";
import { AnchoredMenu, MenuItem, MenuLabel, MenuRadio, MenuSeparator } from "../../ui/menu";
import { useDashboardPage } from "./context";
import { saveCsv } from "./dialogs";
import { wholePanel } from "./use-all";

export interface OpenMenu {
  kind: "actions" | "clock";
  panel: PanelDef;
  anchor: Element;
}

interface Props {
  open: OpenMenu | null;
  answer: PanelAnswer | undefined;
  onClose: () => void;
  onRange: (panel: PanelDef, range: Range | null) => void;
}

/** One menu for all panels: what can be done with the one it is open for. */
export function PanelMenus({ open, answer, onClose, onRange }: Props) {
  if (!open) return null;
  return open.kind === "actions" ? (
    <Actions open={open} answer={answer} onClose={onClose} />
  ) : (
    <Clock open={open} onClose={onClose} onRange={onRange} />
  );
}

function Actions({ open: { panel, anchor }, answer, onClose }: Omit<Props, "onRange" | "open"> & { open: OpenMenu }) {
  const page = useDashboardPage();
  const palette = usePalette();
  const follow = useFollow();
  const range = page.rangeOf(panel);
  const frame = answer?.frame;
  const note = `${page.dashboard.title} · ${fullTime(range.from)} to ${fullTime(range.to)}${frame?.missing ? ` · ${frame.missing} customers missing, not zero` : ""}`;
  const file = useAction({
    run: async () => {
      const whole = await wholePanel(page.dashboard.name, page.query, panel.id, AbortSignal.timeout(30_000));
      saveCsv(page.dashboard.name, panel, whole.frame);
    },
    refused: "No file was made",
  });
  const image = useAction({
    run: async () => {
      if (frame) save(`${page.dashboard.name}-${panel.id}.png`, await picture(panel, frame, palette, note));
    },
    refused: "No picture was made",
  });
  return (
    <AnchoredMenu anchor={anchor} label={`Menu of ${panel.title}`} onClose={onClose}>
      <MenuItem onClick={() => page.open("table", panel)}>
        <Table2 size={14} aria-hidden="true" />
        View as table
      </MenuItem>
      <MenuItem onClick={() => file.start()}>
        <Download size={14} aria-hidden="true" />
        CSV
      </MenuItem>
      {hasPicture(panel) ? (
        <MenuItem onClick={() => image.start()} disabled={!frame}>
          <Image size={14} aria-hidden="true" />
          PNG
        </MenuItem>
      ) : null}
      <MenuSeparator />
      <MenuItem onClick={() => follow(logSearch({ panel, range }, page.whom))}>
        <TextSearch size={14} aria-hidden="true" />
        Open in log search
      </MenuItem>
      <MenuItem onClick={() => page.open("explain", panel)}>
        <CircleHelp size={14} aria-hidden="true" />
        Explain
      </MenuItem>
    </AnchoredMenu>
  );
}

const AS_PAGE = "page";
const FIXED = "fixed";

function Clock({ open: { panel, anchor }, onClose, onRange }: Omit<Props, "answer" | "open"> & { open: OpenMenu }) {
  const page = useDashboardPage();
  const own = page.ownRange(panel);
  const options = [
    { value: AS_PAGE, label: panel.range ? `As defined: last ${spanWords(panel.range)}` : "As the dashboard" },
    ...RANGES.map((range) => ({ value: range as string, label: `Last ${spanWords(range)}` })),
    { value: FIXED, label: "Between two times…" },
  ];
  const value = own === null ? AS_PAGE : typeof own === "string" ? own : FIXED;
  return (
    <AnchoredMenu anchor={anchor} label={`Time range of ${panel.title}`} onClose={onClose}>
      <MenuLabel>Time range of this panel</MenuLabel>
      <MenuRadio
        label="Time range of this panel"
        value={value}
        options={options}
        onChoose={(chosen) => {
          if (chosen === FIXED) page.open("range", panel);
          else onRange(panel, span(chosen) ?? null);
        }}
      />
    </AnchoredMenu>
  );
}

/** Puts a panel's own range into the address. */
export function useSetPanelRange(state: DashboardState): (panel: PanelDef, range: Range | null) => void {
  const navigate = useNavigate({ from: "/dashboards/$name" });
  return (panel, range) => void navigate({ search: withPanelRange(state, panel.id, range) });
}
