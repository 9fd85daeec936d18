/** Writing queries of log search for people: terms put in by a click. */

const WORDS = new Set(["AND", "OR", "NOT", "TO", "IN"]);

/** `field:value`, the value in quotes where it needs them. */
export function term(field: string, value: string): string {
  const bare = /^[A-Za-z0-9_][\w.-]*$/.test(value) && !WORDS.has(value.toUpperCase());
  return `${field}:${bare ? value : quoted(value)}`;
}

/** One value of several words, in which nothing has a meaning of its own. */
export function quoted(value: string): string {
  return `"${value.replaceAll("\\", "\\\\").replaceAll('"', '\\"')}"`;
}

/** The query with one more condition; a query of alternatives is put in brackets first. */
export function addTerm(query: string, field: string, value: string, not: boolean): string {
  return addCondition(query, `${not ? "NOT " : ""}${term(field, value)}`);
}

/** The same for a condition already written; one of alternatives is put in brackets, too. */
export function addCondition(query: string, condition: string): string {
  const added = query.trim() !== "" && alternatives(condition) ? `(${condition})` : condition;
  const before = query.trim();
  if (before === "") return added;
  if (hasTerm(before, added)) return before;
  return `${alternatives(before) ? `(${before})` : before} AND ${added}`;
}

/** Whether a condition stands in a query as one of those that must all hold. */
function hasTerm(query: string, added: string): boolean {
  return query === added || query.endsWith(` AND ${added}`) || query.startsWith(`${added} AND `);
}

/** Whether a query is anything but conditions joined by AND: the grammar wants brackets around the rest. */
function alternatives(query: string): boolean {
  let plain = query.replace(/"(?:\\.|[^"\\])*"/g, "x");
  for (let before = ""; before !== plain; ) {
    before = plain;
    plain = plain.replace(/\([^()]*\)|\[[^\]]*\]/g, "x");
  }
  return plain.split(/\s+AND\s+/).some((part) => !/^(NOT\s+)?\S+$/.test(part));
}

/** Where in a JavaScript string a place counted in characters is. */
export function utf16(text: string, characters: number): number {
  let at = 0;
  let left = characters;
  for (const char of text) {
    if (left <= 0) break;
    at += char.length;
    left -= 1;
  }
  return at;
}
