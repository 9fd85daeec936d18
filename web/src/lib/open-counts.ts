/** Open investigations by priority, added up over customers. */
import type { Customer, OpenCounts, Priority } from "../api/types";

export const OPEN_KEYS: Record<Priority, keyof OpenCounts> = {
  CRITICAL: "critical",
  HIGH: "high",
  MEDIUM: "medium",
  LOW: "low",
  UNSPECIFIED: "unspecified",
};

/** The sum, and for how many customers nothing is known. */
export function openOfAll(customers: readonly Customer[]): { open: OpenCounts; unknown: number } {
  const open: OpenCounts = { critical: 0, high: 0, medium: 0, low: 0, unspecified: 0 };
  let unknown = 0;
  for (const customer of customers) {
    if (!customer.open) unknown += 1;
    else for (const key of Object.values(OPEN_KEYS)) open[key] += customer.open[key];
  }
  return { open, unknown };
}
