/** Search params as plain text and comma lists, so that a URL can be read, edited and pasted. */

export type Raw = Record<string, string>;

/** `?a=1&b=x,y` as a record; of repeated names the last one counts. */
export function parseSearch(text: string): Raw {
  return Object.fromEntries(new URLSearchParams(text));
}

/** The other way round: lists joined by commas, what is empty or undefined left out. */
export function stringifySearch(search: Record<string, unknown>): string {
  const query = toQuery(search);
  return query ? `?${query}` : "";
}

/** A query string without its question mark. */
export function toQuery(search: Record<string, unknown>): string {
  return Object.entries(search)
    .map(([name, value]) => [name, Array.isArray(value) ? value.join(",") : value] as const)
    .filter(([, value]) => value !== undefined && value !== null && value !== "")
    .map(([name, value]) => `${encodeURIComponent(name)}=${encodeURIComponent(String(value)).replaceAll("%2C", ",")}`)
    .join("&");
}

/** A comma list; undefined when there is nothing in it. */
export function list(value: unknown): string[] | undefined {
  const text = Array.isArray(value) ? value.join(",") : value;
  if (typeof text !== "string") return undefined;
  const parts = text.split(",").filter((p) => p !== "");
  return parts.length > 0 ? [...new Set(parts)] : undefined;
}

/** A comma list of known words, in any case; unknown ones are dropped. */
export function words<W extends string>(value: unknown, known: readonly W[]): W[] | undefined {
  const parts = list(value)?.map((p) => p.toUpperCase());
  const found = known.filter((word) => parts?.includes(word.toUpperCase()));
  return found.length > 0 ? found : undefined;
}

/** One known word, else undefined. */
export function oneOf<W extends string>(value: unknown, known: readonly W[]): W | undefined {
  return known.find((word) => word === value);
}

/** Text, else undefined. */
export function text(value: unknown): string | undefined {
  return typeof value === "string" && value !== "" ? value : undefined;
}

/** What a person searches for stays out of every query string: it travels in the fragment, which no server log sees. */
export function readFragment(hash: string, name: "q" | "sql" | "where" = "q"): string {
  return new URLSearchParams(hash.replace(/^#/, "")).get(name) ?? "";
}

/** The fragment for a search text. */
export function writeFragment(text: string, name: "q" | "sql" = "q"): string {
  return text === "" ? "" : new URLSearchParams({ [name]: text }).toString();
}
