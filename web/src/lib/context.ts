/** Whose environment a page stands in: read from its address alone, so that a link carries it to a colleague. */
import type { Customer } from "../api/types";

/** Where in the product an address is. */
export type Place =
  /** Above the products: the customer table and its home. */
  | { area: "platform" }
  /** The SIEM over many customers. */
  | { area: "merged" }
  /** One customer's environment, named by its id or by its workspace. */
  | { area: "customer"; id?: string; workspace?: string; part: Part };

/** Which part of a customer's environment. */
export type Part = "investigations" | "logs" | "overview";

const PLATFORM = new Set(["customer-table", "home"]);

export function placeOf(pathname: string): Place {
  const [first = "", second, third] = pathname.split("/").slice(1).map(decoded);
  if (PLATFORM.has(first)) return { area: "platform" };
  if (first === "customers" && second) {
    const part = third === "investigations" || third === "logs" ? third : "overview";
    return { area: "customer", id: second, part };
  }
  const workspace = first === "investigations" && second ? workspaceOf(second) : null;
  if (workspace) return { area: "customer", workspace, part: "investigations" };
  return { area: "merged" };
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}

/** `rrn:investigation:<region>:<workspace>:investigation:<id>` names its workspace; null when it is no such name. */
export function workspaceOf(rrn: string): string | null {
  const [scheme, kind, , workspace] = rrn.split(":");
  return scheme === "rrn" && kind === "investigation" && workspace ? workspace : null;
}

/** The customer of a place among those that are known. */
export function customerOf(place: Place, customers: readonly Customer[] | undefined): Customer | undefined {
  if (place.area !== "customer") return undefined;
  return customers?.find((c) => (place.id ? c.id === place.id : c.workspace === place.workspace));
}

/** Customers opened lately in this tab, the last one first. Kept in memory: nothing of a customer is written down. */
const KEPT = 6;
let lately: readonly string[] = [];

export function visited(id: string): void {
  if (lately[0] !== id) lately = [id, ...lately.filter((one) => one !== id)].slice(0, KEPT);
}

export function recent(): readonly string[] {
  return lately;
}

export function forgetRecent(): void {
  lately = [];
}
