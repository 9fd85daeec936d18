/** What the credits of a dashboard's tiers come to. */
import type { Dashboard, PanelAnswer, TimeRange, VolumeTier } from "../../api/dashboard-types";
import { valueColumn } from "./frame";

export interface CreditsSum {
  total: number;
  tiers: Partial<Record<VolumeTier, number>>;
  /** A day, fractions of days counted. */
  daily: number;
  /** Customers that did not answer. */
  missing: number;
}

const DAY_MS = 86_400_000;

/** The sum of the panels that show one tier's credits over the page's range; null until all of them are there. */
export function creditsOf(
  { sections }: Dashboard,
  answers: ReadonlyMap<string, PanelAnswer>,
  range: TimeRange,
): CreditsSum | null {
  const tiers: CreditsSum["tiers"] = {};
  let missing = 0;
  for (const panel of sections.flatMap((section) => section.panels)) {
    const tier = panel.tiers?.length === 1 ? panel.tiers[0] : undefined;
    const whole = panel.bucket === undefined || panel.bucket === "none";
    if (panel.measure !== "credits" || !tier || !whole || panel.limit || panel.range || tier in tiers) continue;
    const frame = answers.get(panel.id)?.frame;
    if (!frame || (frame.range && Date.parse(frame.range.from) !== Date.parse(range.from))) return null;
    tiers[tier] = (valueColumn(frame)?.values ?? []).reduce<number>((sum, value) => sum + (Number(value) || 0), 0);
    missing = Math.max(missing, frame.missing ?? 0);
  }
  const total = Object.values(tiers).reduce((sum, value) => sum + value, 0);
  const days = (Date.parse(range.to) - Date.parse(range.from)) / DAY_MS;
  return Object.keys(tiers).length > 0 && days > 0 ? { total, tiers, daily: total / days, missing } : null;
}
