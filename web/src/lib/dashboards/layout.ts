/** Where panels stand: rows of twelve columns, filled in the order of the definition. */
import type { PanelDef } from "../../api/dashboard-types";

export interface Block {
  /** One panel, or single values above one another. */
  panels: PanelDef[];
  span: number;
}

export interface Row {
  blocks: Block[];
  /** In units of 88 pixels. */
  height: number;
}

const COLUMNS = 12;
export const UNIT_PX = 88;
export const GAP_PX = 8;

export const pixels = (height: number): number => height * UNIT_PX + (height - 1) * GAP_PX;

interface Wish {
  panels: PanelDef[];
  least: number;
  likes: number;
  height: number;
}

const dims = ({ group_by = [] }: PanelDef) => group_by.length;

function wish(panel: PanelDef): Wish {
  const one = (least: number, likes: number, height: number): Wish => ({ panels: [panel], least, likes, height });
  switch (panel.chart) {
    case "single":
      return one(2, 3, 1);
    case "bar":
    case "pie":
      // Of a top ten all ten are in sight.
      return one(3, 4, (panel.limit ?? 0) > 6 ? 3 : 2);
    case "table":
      return panel.unit === "rows" || dims(panel) > 3 ? one(12, 12, 3) : one(5, 6, 2);
    case "outlier":
      return dims(panel) > 0 ? one(12, 12, 3) : one(5, 6, 2);
    default:
      // A legend takes up to three lines.
      return one(5, 6, dims(panel) > 0 ? 2.5 : 2);
  }
}

/** Rows of a section's panels. */
export function layout(panels: readonly PanelDef[]): Row[] {
  const rows: Row[] = [];
  let row: Wish[] = [];
  const room = () => COLUMNS - row.reduce((sum, { likes }) => sum + likes, 0);
  const close = () => {
    if (row.length > 0) rows.push(stretched(row));
    row = [];
  };
  for (const next of wishes(panels)) {
    if (next === "break") {
      close();
      continue;
    }
    if (next.likes <= room()) row.push(next);
    else if (room() >= 3 && next.least <= room()) row.push({ ...next, likes: room() });
    else {
      close();
      row.push(next);
    }
  }
  close();
  return rows;
}

/** What stands together: three single values and more are a row, two are a column; four of a kind are a row. */
function wishes(panels: readonly PanelDef[]): (Wish | "break")[] {
  const all: (Wish | "break")[] = [];
  for (let at = 0; at < panels.length; ) {
    const run = runAt(panels, at);
    at += run.length;
    const first = run[0];
    if (!first) continue;
    if (first.chart === "single" && run.length < 3) {
      all.push({ panels: run, least: 2, likes: run.length === 1 ? 3 : 4, height: 2 });
    } else if (first.chart === "single" || (first.chart === "bar" && run.length === 4)) {
      const each = Math.max(2, Math.floor(COLUMNS / Math.min(run.length, 6)));
      const wanted = run.map((panel) => ({ ...wish(panel), least: each, likes: each }));
      all.push("break", ...wanted, "break");
    } else {
      all.push(...run.map(wish));
    }
  }
  return all;
}

function runAt(panels: readonly PanelDef[], at: number): PanelDef[] {
  const kind = panels[at]?.chart;
  const rest = panels.slice(at);
  const end = rest.findIndex(({ chart }) => chart !== kind);
  return end === -1 ? rest : rest.slice(0, end);
}

/** The row as wide as the page: what is left over goes to what shows time, else to all in turn. */
function stretched(row: readonly Wish[]): Row {
  const spans = row.map(({ likes }) => likes);
  const wide = row.map((_, at) => at).filter((at) => (row[at]?.least ?? 0) >= 5);
  const stack = row.map((_, at) => at).filter((at) => (row[at]?.panels[0]?.chart ?? "") !== "single");
  const takers = wide.length > 0 ? wide : stack.length > 0 ? stack : row.map((_, at) => at);
  let left = COLUMNS - spans.reduce((sum, span) => sum + span, 0);
  for (let turn = 0; left > 0; turn += 1, left -= 1) {
    const at = takers[turn % takers.length] ?? 0;
    spans[at] = (spans[at] ?? 0) + 1;
  }
  return {
    blocks: row.map(({ panels }, at) => ({ panels, span: spans[at] ?? 1 })),
    height: Math.max(...row.map(({ height }) => height)),
  };
}
