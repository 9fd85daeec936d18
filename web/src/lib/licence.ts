/** Licences as people read and type them. A GB is 2^30 bytes; on the wire volumes are bytes. */
import { ApiError } from "../api/http";
import type * as T from "../api/types";
import { count } from "./format";

export const GB = 2 ** 30;

export const RESOURCES: readonly T.LicenceResource[] = [
  "sources",
  "users",
  "continuous_daily_bytes",
  "frequent_daily_bytes",
  "infrequent_daily_bytes",
  "retention_days",
];

interface About {
  name: string;
  short: string;
  /** What stands behind a number of it. */
  unit: string;
  hint: string;
  volume: boolean;
}

export const RESOURCE: Record<T.LicenceResource, About> = {
  sources: { name: "Sources", short: "Sources", unit: "sources", hint: "One more is refused", volume: false },
  users: { name: "Users", short: "Users", unit: "users", hint: "Technicians; one more is refused", volume: false },
  continuous_daily_bytes: {
    name: "Tier continuous",
    short: "Continuous",
    unit: "GB a day",
    hint: "More is shown, and still collected",
    volume: true,
  },
  frequent_daily_bytes: {
    name: "Tier frequent",
    short: "Frequent",
    unit: "GB a day",
    hint: "More is shown, and still collected",
    volume: true,
  },
  infrequent_daily_bytes: {
    name: "Tier infrequent",
    short: "Infrequent",
    unit: "GB a day",
    hint: "More is shown, and still collected",
    volume: true,
  },
  retention_days: {
    name: "Retention",
    short: "Days kept",
    unit: "days",
    hint: "Longer is refused; a maximum for each customer, not a sum",
    volume: false,
  },
};

export const ALLOCATION_STATE: Record<T.AllocationState, string> = {
  NONE: "None",
  PENDING: "Pending",
  APPLIED: "Applied",
};

/** A volume in GB, as short as it can be read: `0`, `<0.001`, `0.25`, `12.5`, `1,000`. */
export function gb(bytes: number): string {
  const value = bytes / GB;
  if (value === 0) return "0";
  if (value < 0.001) return "<0.001";
  if (value >= 100) return count(Math.round(value));
  return String(Number(value.toFixed(value < 1 ? 3 : 1)));
}

/** A number of a resource without its unit. */
export function amount(resource: T.LicenceResource, value: number): string {
  return RESOURCE[resource].volume ? gb(value) : count(value);
}

/** `100 sources`, `12.5 GB a day`, `no limit`. */
export function amountWords(resource: T.LicenceResource, value: number | null | undefined): string {
  if (value === null || value === undefined) return "no limit";
  const { unit } = RESOURCE[resource];
  return `${amount(resource, value)} ${value === 1 ? unit.replace(/s$/, "") : unit}`;
}

export type LicenceDraft = Record<T.LicenceResource, string>;

/** What a field holds for a number; empty is no limit. */
export function typed(resource: T.LicenceResource, value: number | null | undefined): string {
  if (value === null || value === undefined) return "";
  return RESOURCE[resource].volume ? String(Number((value / GB).toFixed(6))) : String(value);
}

/** The number in a field: null for no limit, undefined for what is none. `was` stays to the byte when it was not changed. */
export function parsed(resource: T.LicenceResource, text: string, was?: number | null): number | null | undefined {
  const plain = text.trim();
  if (plain === "") return null;
  if (was !== null && was !== undefined && plain === typed(resource, was)) return was;
  const value = Number(plain);
  const { volume } = RESOURCE[resource];
  if (!/^\d+(\.\d+)?$/.test(plain) || !Number.isSafeInteger(Math.round(volume ? value * GB : value))) return undefined;
  if (volume) return Math.round(value * GB);
  return Number.isInteger(value) ? value : undefined;
}

export type LicenceFaults = { [resource in T.LicenceResource]?: string };

/** Numbers for the wire, or what is wrong with the fields. */
export function numbersOf(
  draft: LicenceDraft,
  was: (resource: T.LicenceResource) => number | null | undefined,
): { numbers: Record<T.LicenceResource, number | null>; faults: LicenceFaults } {
  const numbers = {} as Record<T.LicenceResource, number | null>;
  const faults: LicenceFaults = {};
  for (const resource of RESOURCES) {
    const number = parsed(resource, draft[resource], was(resource));
    if (number === undefined) {
      faults[resource] = RESOURCE[resource].volume ? "A number of GB." : "A whole number.";
    }
    numbers[resource] = number ?? null;
  }
  return { numbers, faults };
}

/** The numbers a refusal brings along. */
interface Numbers {
  resource?: T.LicenceResource;
  requested?: number;
  available?: number;
  used?: number;
}

/** What a refusal says of the resources, at its own. */
export function licenceFaults(error: unknown): LicenceFaults {
  if (!(error instanceof ApiError)) return {};
  const { code, field, current, detail } = error.problem;
  const numbers = (current ?? {}) as Numbers;
  const resource = RESOURCES.find((each) => each === (numbers.resource ?? field));
  if (!resource) return {};
  const say = (value: number | undefined) => (value === undefined ? "–" : amountWords(resource, value));
  if (code === "OVER_ALLOCATED") {
    const requested = amount(resource, numbers.requested ?? 0);
    return { [resource]: `${requested} requested, ${say(numbers.available)} available.` };
  }
  if (code === "BELOW_USAGE") return { [resource]: `${say(numbers.used)} in use.` };
  return { [resource]: (detail ?? "Refused").replace(new RegExp(`^${resource}: `), "") };
}

/** The part of what is allowed that is used; null where nothing is limited or nothing is known. */
export function share(used: number | null | undefined, most: number | null | undefined): number | null {
  if (used === null || used === undefined || most === null || most === undefined) return null;
  return most === 0 ? (used > 0 ? 2 : 0) : used / most;
}

/** Where the servers begin to warn. */
const NEAR = 0.9;

export type Mark = "near" | "full" | "over" | null;

/** How close use is to what is allowed. Days kept are as many as allowed where all is well. */
export function mark(resource: T.LicenceResource, part: number | null): Mark {
  if (part === null) return null;
  if (part > 1) return "over";
  if (resource === "retention_days" || part < NEAR) return null;
  return part === 1 ? "full" : "near";
}

export const MARK: Record<Exclude<Mark, null>, string> = { near: "Near", full: "Full", over: "Over" };

/** What the end of a licence means, in a sentence. Null while nobody needs to be told. */
export function expiryNotice(pool: T.LicencePool): { bad: boolean; text: string } | null {
  const days = pool.days_left;
  if (pool.state === "GRACE" || pool.state === "EXPIRED") {
    const since = days === null || days === undefined ? "" : ` ${daysWord(-days - 1)} ago`;
    return {
      bad: true,
      text: `The licence ended${since}. Nothing stops collecting, but allocations cannot be changed.`,
    };
  }
  if (pool.warning === null || pool.warning === undefined || days === null || days === undefined) return null;
  return { bad: pool.warning <= 7, text: `The licence ends in ${daysWord(days)}.` };
}

function daysWord(days: number): string {
  if (days < 1) return "less than a day";
  return days === 1 ? "1 day" : `${count(days)} days`;
}
