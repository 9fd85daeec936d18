/** In which order customers stand, and which of them: the primary is pinned first whatever the order. */
import type { Customer, Health, OpenCounts } from "../api/types";

export const CUSTOMER_SORTS = ["health", "priority"] as const;
/** Without one it is by name. */
export type CustomerSort = (typeof CUSTOMER_SORTS)[number];

export const SORT_WORDS: Record<CustomerSort | "name", string> = {
  name: "By name",
  health: "By health, the worst first",
  priority: "By worst open priority",
};

const WORST: Record<Health, number> = { down: 0, degraded: 1, unknown: 2, up: 3 };
const PRIORITIES = [
  "critical",
  "high",
  "medium",
  "low",
  "unspecified",
] as const satisfies readonly (keyof OpenCounts)[];

/** The worst priority decides, then how many there are of it, then the next worst; unknown counts stand behind none. */
function byPriority(a: Customer, b: Customer): number {
  if (!a.open || !b.open) return Number(!a.open) - Number(!b.open);
  for (const priority of PRIORITIES) {
    const more = b.open[priority] - a.open[priority];
    if (more !== 0) return more;
  }
  return 0;
}

const groupsOf = ({ groups }: Customer) => groups ?? [];

const byName = (a: Customer, b: Customer) => a.name.localeCompare(b.name, "en", { sensitivity: "base" });

interface Asked {
  find: string;
  group?: string | undefined;
  sort?: CustomerSort | undefined;
}

export function ordered(customers: readonly Customer[], { find, group, sort }: Asked): Customer[] {
  const word = find.trim().toLowerCase();
  const said = (c: Customer) =>
    [c.name, c.region, c.mail, ...groupsOf(c).map(({ name }) => name)].join(" ").toLowerCase();
  const found = customers.filter(
    (c) => (!group || groupsOf(c).some(({ id }) => id === group)) && said(c).includes(word),
  );
  const order = (a: Customer, b: Customer) => {
    const pinned = Number(b.primary) - Number(a.primary);
    if (pinned !== 0) return pinned;
    const first = sort === "health" ? WORST[a.health] - WORST[b.health] : sort === "priority" ? byPriority(a, b) : 0;
    return first || byName(a, b);
  };
  return found.sort(order);
}

/** The groups there are among customers, by name. */
export function groupsAmong(customers: readonly Customer[]): { id: string; name: string }[] {
  const all = new Map(customers.flatMap((c) => groupsOf(c).map(({ id, name }) => [id, name] as const)));
  return [...all].map(([id, name]) => ({ id, name })).sort((a, b) => a.name.localeCompare(b.name));
}
