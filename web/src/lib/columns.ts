import { jsonText } from "./format";

const CHAR_PX = 7.3;
const MIN_PX = 64;
const MAX_PX = 420;
/** Rows looked at when widths are chosen. */
const LOOKED_AT = 200;

/** Widths for columns by what stands in them, in pixels. */
export function columnWidths(names: readonly string[], rows: readonly (readonly unknown[])[]): number[] {
  return names.map((name, at) => {
    const longest = rows
      .slice(0, LOOKED_AT)
      .reduce((most, row) => Math.max(most, cellText(row[at]).length), name.length);
    return Math.round(Math.min(MAX_PX, Math.max(MIN_PX, longest * CHAR_PX + 24)));
  });
}

/** A value as one line of a table. */
export function cellText(value: unknown): string {
  return value === null || value === undefined ? "null" : jsonText(value);
}
