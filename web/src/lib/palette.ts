/** Finding one of many names by a few typed letters. */

export interface Entry {
  key: string;
  label: string;
  /** Said beside the label, and found by, too. */
  hint?: string;
  /** Other words it is found by. */
  also?: string;
}

/** How well a text answers what was typed, lower is better; null when it does not. */
export function rank(entry: Entry, typed: string): number | null {
  const words = typed.toLowerCase().split(/\s+/).filter(Boolean);
  if (words.length === 0) return 0;
  const label = entry.label.toLowerCase();
  const all = `${label} ${entry.hint ?? ""} ${entry.also ?? ""}`.toLowerCase();
  if (label.startsWith(words.join(" "))) return 0;
  const starts = all.split(/[^\p{L}\p{N}]+/u);
  if (words.every((word) => starts.some((start) => start.startsWith(word)))) return 1;
  if (words.every((word) => all.includes(word))) return 2;
  const initials = label
    .split(/[^\p{L}\p{N}]+/u)
    .map((word) => word.charAt(0))
    .join("");
  return words.length === 1 && initials.startsWith(words[0] ?? "") ? 3 : null;
}

/** The best of the entries, at most `limit`; equals keep the order they came in. */
export function find<E extends Entry>(entries: readonly E[], typed: string, limit: number): E[] {
  const ranked = entries.flatMap((entry) => {
    const at = rank(entry, typed);
    return at === null ? [] : [{ entry, at }];
  });
  return ranked
    .sort((a, b) => a.at - b.at)
    .slice(0, limit)
    .map(({ entry }) => entry);
}
