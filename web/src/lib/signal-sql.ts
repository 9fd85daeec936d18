/** Questions about a workspace's signals, as statements of its log search. */

/** A text in a statement. */
function sqlText(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}

/** The ATT&CK techniques of a rule's tags; its tactics where it names none. */
export function techniques(tags: readonly string[]): string[] {
  const attack = tags.map((tag) => tag.toLowerCase()).filter((tag) => /^attack\.[\w.-]+$/.test(tag));
  const known = attack.filter((tag) => /^attack\.t\d/.test(tag));
  return (known.length > 0 ? known : attack).slice(0, 10);
}

/** Other rules with one of these tags, how often each matched and when it last did. */
export function siblingSql(tags: readonly string[], rule: string): string {
  const any = tags.map((tag) => `strpos(lower(tags), ${sqlText(`"${tag}"`)}) > 0`).join(" or ");
  return `select rule, max(name) as name, max(level) as level, count(*) as n, max(event_time) as last
from signals where (${any}) and rule <> ${sqlText(rule)} group by rule order by n desc`;
}

/** The newest signals outside an investigation, with these words in their name, entity or message. */
export function signalsSql(words: string, outside: string): string {
  const conditions = words
    .toLowerCase()
    .split(/\s+/)
    .filter(Boolean)
    .slice(0, 8)
    .map((word) => `strpos(lower(name || ' ' || entity_value || ' ' || message), ${sqlText(word)}) > 0`);
  const all = [`coalesce(investigation, '') <> ${sqlText(outside)}`, ...conditions].join(" and ");
  return `select id, name, level, entity_type, entity_value, event_time, investigation
from signals where ${all} order by event_time desc`;
}

/** One row of `signalsSql`. */
export interface SignalHit {
  id: string;
  name: string;
  level: string;
  entity: { type: string; value: string };
  time: string;
  /** The id of the investigation it is in. */
  investigation: string | null;
}

export function signalHit(row: readonly unknown[]): SignalHit {
  const [id, name, level, type, value, time, investigation] = row.map((cell) => (cell === null ? "" : String(cell)));
  return {
    id: id ?? "",
    name: name ?? "",
    level: level ?? "",
    entity: { type: type ?? "", value: value ?? "" },
    time: time ?? "",
    investigation: investigation || null,
  };
}
