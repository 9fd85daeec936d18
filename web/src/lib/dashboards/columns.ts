/** How wide the columns of a table are: as their texts need, the longest taking what is left. */
import type { Column } from "../../api/dashboard-types";
import { columnWords } from "./words";

const LOOKED_AT = 100;
const CHARACTER_PX = 6.8;
const LEAST = 56;
const MOST = 300;
/** What is long and read last. */
const NARROW: Record<string, number> = {
  tags: 120,
  suppressed: 120,
  investigation: 110,
  resource_type: 122,
  parser: 110,
};

function wanted({ name, type, values }: Column): number {
  const head = columnWords(name).length;
  if (type === "time") return Math.max(92, head * CHARACTER_PX);
  if (type === "boolean") return Math.max(LEAST, head * CHARACTER_PX + 8);
  if (name === "cadence_seconds") return 140;
  let longest = head;
  for (const value of values.slice(0, LOOKED_AT)) {
    const text = Array.isArray(value) ? value.join(", ") : value === null ? "" : String(value);
    const length = type === "number" ? Math.min(text.length, 12) : text.length;
    if (length > longest) longest = length;
  }
  return Math.min(NARROW[name] ?? MOST, Math.max(LEAST, longest * CHARACTER_PX + 8));
}

/** Tracks of a grid, and how wide they are together at the least. */
export function columnWidths(columns: readonly Column[]): { tracks: string[]; least: number } {
  const widths = columns.map((column) => Math.round(wanted(column)));
  const texts = columns.map(({ type }, at) => ({
    at,
    width: type === "text" || type === "list" ? (widths[at] ?? 0) : 0,
  }));
  const widest = texts.reduce((best, one) => (one.width > best.width ? one : best), { at: -1, width: 0 }).at;
  const kept = widths.map((width, at) => Math.min(width, at === widest ? 180 : 200));
  return {
    tracks: kept.map((width, at) => (at === widest ? `minmax(${width}px, 1fr)` : `${width}px`)),
    least: kept.reduce((sum, width) => sum + width, 0),
  };
}
