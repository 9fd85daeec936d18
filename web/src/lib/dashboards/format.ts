/** How the numbers of the dashboards read. */
import type { Unit } from "../../api/dashboard-types";
import { count } from "../format";

/** `4.6 h`, `12 min`, `2.3 d`; the unit apart, so that it can stand smaller. */
export function duration(seconds: number): [string, string] {
  const steps: [number, string][] = [
    [86_400, "d"],
    [3600, "h"],
    [60, "min"],
  ];
  const [size, unit] = steps.find(([step]) => seconds >= step) ?? [1, "s"];
  return [short(seconds / size), unit];
}

/** At most three digits that count: `0`, `0.04`, `4.6`, `128`, `12,345`. */
export function short(value: number): string {
  const size = Math.abs(value);
  if (Number.isInteger(value) || size >= 100) return count(Math.round(value));
  if (size >= 10) return trimmed(value.toFixed(1));
  if (size >= 1) return trimmed(value.toFixed(2));
  return size < 0.000_001 ? "0" : trimmed(value.toPrecision(3));
}

function trimmed(text: string): string {
  if (text.includes("e")) return text;
  return text.includes(".") ? text.replace(/\.?0+$/, "") : text;
}

/** `1.28 M`, `2.41 B`: for axes and single values. */
export function compact(value: number): [string, string] {
  const size = Math.abs(value);
  if (size >= 1e9) return [short(value / 1e9), "B"];
  if (size >= 1e6) return [short(value / 1e6), "M"];
  if (size >= 1e4) return [short(value / 1e3), "K"];
  return [short(value), ""];
}

const AFTER: Partial<Record<Unit, string>> = { gb: "GB", gb_per_day: "GB/d", credits: "credits" };

/** The number of a unit in full: `1,284`, `4.6 h`, `12.3 GB`. */
export function amount(value: number, unit: Unit | null | undefined): string {
  if (unit === "seconds") return duration(value).join(" ");
  const after = unit ? AFTER[unit] : undefined;
  return after ? `${short(value)} ${after}` : short(value);
}

/** For a single value: the number, and what stands small behind it. Counts are told in full up to a million. */
export function big(value: number, unit: Unit | null | undefined): [string, string] {
  if (unit === "seconds") return duration(value);
  const [text, scale] = Math.abs(value) < 1e6 ? [short(value), ""] : compact(value);
  return [text, [scale, unit ? (AFTER[unit] ?? "") : ""].filter(Boolean).join(" ")];
}

/** For an axis. */
export function tick(value: number, unit: Unit | null | undefined): string {
  if (unit === "seconds") return value === 0 ? "0" : duration(value).join(" ");
  const [text, scale] = compact(value);
  return `${text}${scale}`;
}

/** Seconds as a rhythm: `about every 5 minutes`. */
export function rhythm(seconds: number): string {
  const steps: [number, string][] = [
    [86_400, "day"],
    [3600, "hour"],
    [60, "minute"],
  ];
  const [size, unit] = steps.find(([step]) => seconds >= step) ?? [1, "second"];
  const n = Math.round(seconds / size);
  return n === 1 ? `about every ${unit}` : `about every ${count(n)} ${unit}s`;
}
