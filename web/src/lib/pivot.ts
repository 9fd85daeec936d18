/** From a value in an investigation to the logs it stands in: the question and the window. */
import { quoted, term } from "./query-text";

const FIELD = /^[A-Za-z_][\w.-]*$/;
/** Longer values are no names to look for. */
const LONGEST = 400;
const MOST_OF_A_LIST = 20;

/** How the dictionary's own names of a row are asked for. */
const OWN: Record<string, string> = {
  "bailiwick.source": "source",
  "bailiwick.source_category": "source_category",
  "bailiwick.parser": "parser",
  "bailiwick.record_type": "record_type",
};

/** The condition for one field as it was read, a list being any of its values; null when no search would find it. */
export function pivotQuery(field: string, value: string): string | null {
  const values = listOf(value) ?? [value];
  const asked = values.filter((each) => each.trim() !== "" && each.length <= LONGEST).slice(0, MOST_OF_A_LIST);
  if (asked.length === 0) return null;
  const name = OWN[field] ?? field;
  if (!FIELD.test(name)) return asked.map(quoted).join(" OR ");
  return asked.map((each) => term(name, each)).join(" OR ");
}

/** The texts of a JSON list of texts and numbers. */
function listOf(value: string): string[] | null {
  if (!value.startsWith("[")) return null;
  try {
    const parsed: unknown = JSON.parse(value);
    if (!Array.isArray(parsed)) return null;
    return parsed.filter((each) => typeof each === "string" || typeof each === "number").map(String);
  } catch {
    return null;
  }
}

const ENTITY_FIELDS: Record<string, readonly string[]> = {
  hostname: ["host.name"],
  username: ["user.name", "user.target.name"],
  ip: ["source.ip", "destination.ip"],
  domain: ["dns.question.name"],
  url: ["url.original"],
  process: ["process.name"],
  file: ["file.path"],
};

/** The condition for an entity, in every field that names its kind. */
export function entityQuery(kind: string, value: string): string {
  const fields = ENTITY_FIELDS[kind.toLowerCase()];
  return fields ? fields.map((field) => term(field, value)).join(" OR ") : quoted(value);
}

const AROUND_MS = 15 * 60_000;

/** A window with room before and after what happened. */
export function windowAround(...times: (string | null | undefined)[]): { from: string; to: string } | null {
  const known = times.map((time) => Date.parse(time ?? "")).filter((time) => !Number.isNaN(time));
  if (known.length === 0) return null;
  return {
    from: new Date(Math.min(...known) - AROUND_MS).toISOString(),
    to: new Date(Math.max(...known) + AROUND_MS).toISOString(),
  };
}
