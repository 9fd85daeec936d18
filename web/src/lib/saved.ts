/** Searches kept to be used again: which of them is the present one, and the link that opens one. */
import type { SavedSearch } from "../api/me-types";

/** A value with its keys in order and without what is undefined, as text: two searches alike read alike. */
export function fingerprint(body: unknown): string {
  return JSON.stringify(body, (_key, value: unknown) =>
    value !== null && typeof value === "object" && !Array.isArray(value)
      ? Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)))
      : value,
  );
}

/** The one that says what is searched for now. */
export function presentOf(all: readonly SavedSearch[], body: Record<string, unknown>): SavedSearch | undefined {
  const now = fingerprint(body);
  return all.find((one) => fingerprint(one.body) === now);
}

/** One's own first, then what colleagues share; each by name. */
export function ordered(all: readonly SavedSearch[]): { mine: SavedSearch[]; shared: SavedSearch[] } {
  const byName = [...all].sort((a, b) => a.name.localeCompare(b.name, "en", { sensitivity: "base" }));
  return { mine: byName.filter((one) => one.mine), shared: byName.filter((one) => !one.mine) };
}

/** Which saved search an address asks for. It stands in the fragment, which no server log sees. */
export function savedOf(hash: string): string | null {
  return new URLSearchParams(hash.replace(/^#/, "")).get("saved");
}

/** The address that opens one for a colleague with access to where it is kept. */
export function linkTo(here: { origin: string; pathname: string }, id: string): string {
  return `${here.origin}${here.pathname}#${new URLSearchParams({ saved: id })}`;
}
