/** What a dashboard's address says, and the question it stands for. */
import type { Dashboard, DashboardQuery, Rates, TimeRange, VolumeTier } from "../../api/dashboard-types";
import { VOLUME_TIERS } from "../../api/dashboard-types";
import { list, oneOf, text, words } from "../search";

export const RANGES = ["1h", "4h", "12h", "24h", "2d", "7d", "14d", "30d", "90d"] as const;
export const TIMESLICES = ["5m", "15m", "1h", "4h", "1d", "1w"] as const;
export const REFRESHES = ["30s", "1m", "5m"] as const;
export type Refresh = (typeof REFRESHES)[number];

/** The inputs for rates, named as in the document the dashboards come from. */
export const RATE_INPUTS = {
  FrequentTierBurndownRate: "frequent",
  InfrequentBurndownRate: "infrequent",
  ContinuousTierBurndownRate: "continuous",
  CSETierBurndownRate: "cse",
} as const satisfies Record<string, VolumeTier>;
export type RateInput = keyof typeof RATE_INPUTS;
export const RATE_NAMES = Object.keys(RATE_INPUTS) as RateInput[];
export const DEFAULT_RATES: Rates = { continuous: 20, frequent: 9, infrequent: 0.4, cse: 25 };
const MOST_RATE = 1_000_000;

/** A span that ends now, or two fixed times. */
export type Range = string | TimeRange;

export type DashboardState = {
  /** Names with `*` and `?`; absent: everybody. */
  org_name?: string[];
  /** Absent: the dashboard's own. */
  range?: string;
  from?: string;
  to?: string;
  timeslice?: string;
  tier?: VolumeTier[];
  /** Time ranges of single panels: `id~24h`, `id~FROM~TO`. */
  panels?: string[];
  open_now?: "yes";
  every?: Refresh;
  /** The panel the page begins at. */
  panel?: string;
} & Partial<Record<RateInput, number>>;

export function parseDashboard(raw: Record<string, unknown>): DashboardState {
  const fixed = between(raw.from, raw.to);
  const tiers = words(raw.tier, VOLUME_TIERS);
  const state: DashboardState = {
    org_name: list(raw.org_name)?.filter((name) => name !== "*"),
    range: fixed ? undefined : span(raw.range),
    ...fixed,
    timeslice: span(raw.timeslice),
    tier: tiers && tiers.length < VOLUME_TIERS.length ? tiers : undefined,
    panels: list(raw.panels)?.filter((one) => panelRange(one) !== null),
    open_now: raw.open_now === "yes" ? "yes" : undefined,
    every: oneOf(raw.every, REFRESHES),
    panel: text(raw.panel),
  };
  for (const name of RATE_NAMES) {
    const rate = parseRate(raw[name]);
    if (rate !== undefined) state[name] = rate;
  }
  if (state.org_name?.length === 0) state.org_name = undefined;
  return state;
}

/** A rate as typed; undefined for what is none. */
export function parseRate(raw: unknown): number | undefined {
  if (raw === "" || raw === null || raw === undefined) return undefined;
  const rate = Number(raw);
  return Number.isFinite(rate) && rate >= 0 && rate <= MOST_RATE ? rate : undefined;
}

/** `15m`, `24h`, `7d`, `1w`; undefined for what is none. */
export function span(raw: unknown): string | undefined {
  const value = text(raw);
  return value && /^[1-9]\d{0,3}[mhdw]$/.test(value) ? value : undefined;
}

function between(from: unknown, to: unknown): TimeRange | null {
  const [start, end] = [Date.parse(String(from ?? "")), Date.parse(String(to ?? ""))];
  if (Number.isNaN(start) || Number.isNaN(end) || end <= start) return null;
  return { from: new Date(start).toISOString(), to: new Date(end).toISOString() };
}

const UNIT_MS: Record<string, number> = { m: 60_000, h: 3_600_000, d: 86_400_000, w: 604_800_000 };

export function spanMs(value: string): number {
  return Number.parseInt(value, 10) * (UNIT_MS[value.slice(-1)] ?? 0);
}

const UNIT_WORDS: Record<string, string> = { m: "minute", h: "hour", d: "day", w: "week" };

/** `24 hours`, `7 days`, `1 day`. */
export function spanWords(value: string): string {
  const n = Number.parseInt(value, 10);
  const word = UNIT_WORDS[value.slice(-1)] ?? "";
  return `${n} ${word}${n === 1 ? "" : "s"}`;
}

const FIVE_MINUTES = 300_000;
const HOUR = 3_600_000;
const DAY = 86_400_000;

/**
 * The instants of a range. One that ends now ends with the five minutes that are running, of two days and more with the
 * hour: so what is asked twice within them is the same question.
 */
export function resolve(range: Range, now: number): TimeRange {
  if (typeof range !== "string") return range;
  const long = spanMs(range);
  const grain = long >= 2 * DAY ? HOUR : FIVE_MINUTES;
  const to = Math.ceil(now / grain) * grain;
  return { from: new Date(to - long).toISOString(), to: new Date(to).toISOString() };
}

export function rangeOf(state: DashboardState, dashboard: Pick<Dashboard, "range">): Range {
  if (state.from && state.to) return { from: state.from, to: state.to };
  return state.range ?? dashboard.range;
}

/** `id~24h` or `id~FROM~TO`. */
export function panelRange(one: string): { id: string; range: Range } | null {
  const [id, from, to] = one.split("~");
  if (!id || !from) return null;
  if (to === undefined) {
    const value = span(from);
    return value ? { id, range: value } : null;
  }
  const fixed = between(from, to);
  return fixed && { id, range: fixed };
}

export function panelRanges(state: DashboardState): Map<string, Range> {
  const all = (state.panels ?? []).map(panelRange).filter((one) => one !== null);
  return new Map(all.map(({ id, range }) => [id, range]));
}

/** The state with a panel's own range set, or taken away. */
export function withPanelRange(state: DashboardState, id: string, range: Range | null): DashboardState {
  const rest = (state.panels ?? []).filter((one) => panelRange(one)?.id !== id);
  const own = range === null ? [] : [`${id}~${typeof range === "string" ? range : `${range.from}~${range.to}`}`];
  const panels = [...rest, ...own];
  return { ...state, panels: panels.length > 0 ? panels : undefined };
}

export function withRange(state: DashboardState, range: Range | null): DashboardState {
  const none = { range: undefined, from: undefined, to: undefined };
  if (range === null) return { ...state, ...none };
  return typeof range === "string" ? { ...state, ...none, range } : { ...state, ...none, ...range };
}

/** The rates the page sets over those of the cards; undefined when it sets none. */
export function ratesOf(state: DashboardState): Rates | undefined {
  if (RATE_NAMES.every((name) => state[name] === undefined)) return undefined;
  const rates = { ...DEFAULT_RATES };
  for (const name of RATE_NAMES) rates[RATE_INPUTS[name]] = state[name] ?? DEFAULT_RATES[RATE_INPUTS[name]];
  return rates;
}

/** Series a chart tells apart; the others are added up by the server. */
export const SERIES = 8;

export function viewerZone(): string {
  return Intl.DateTimeFormat().resolvedOptions().timeZone || "UTC";
}

/** The question as the API wants it. Filters the dashboard does not have are not asked. */
export function queryOf(state: DashboardState, dashboard: Dashboard, now: number): DashboardQuery {
  const has = (filter: Dashboard["filters"][number]) => dashboard.filters.includes(filter);
  const panels = Object.fromEntries(
    [...panelRanges(state)]
      .filter(([id]) => dashboard.sections.some((section) => section.panels.some((panel) => panel.id === id)))
      .map(([id, range]) => [id, resolve(range, now)]),
  );
  const query: DashboardQuery = {
    org_name: state.org_name,
    ...resolve(rangeOf(state, dashboard), now),
    timeslice: has("timeslice") ? state.timeslice : undefined,
    zone: viewerZone(),
    tier: has("tier") ? state.tier : undefined,
    rates: has("rates") ? ratesOf(state) : undefined,
    panels: Object.keys(panels).length > 0 ? panels : undefined,
    series: SERIES,
    open_now: has("open_now") && state.open_now === "yes" ? true : undefined,
    progress: true,
  };
  return Object.fromEntries(Object.entries(query).filter(([, value]) => value !== undefined));
}

/** Whether a name answers to a glob, in any case. */
export function answersTo(name: string, glob: string): boolean {
  const pattern = glob
    .replace(/[.+^${}()|[\]\\]/g, "\\$&")
    .replaceAll("*", ".*")
    .replaceAll("?", ".");
  return new RegExp(`^${pattern}$`, "isu").test(name);
}

/** A name as a filter that means it alone; a comma would part it in two. */
export function asGlob(name: string): string {
  return name.replaceAll(",", "?");
}

/** The part of a title that tells it apart. */
export function shortTitle(title: string): string {
  return title.replace(/^MSSP - /, "");
}
