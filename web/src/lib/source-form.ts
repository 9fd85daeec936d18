import type * as T from "../api/types";

/** A source as its form holds it: every field a text or a tick, empty for what is absent. */
export interface SourceDraft {
  name: string;
  source_category: string;
  collector: string;
  host: string;
  format: T.Format;
  parser: string;
  tier: T.Tier;
  cse: boolean;
  syslog_tcp: string;
  syslog_udp: string;
  syslog_tls: string;
  /** Addresses or networks, divided by blanks, commas or lines. */
  allowed: string;
  client_certificate: string;
}

export const BLANK_SOURCE: SourceDraft = {
  name: "",
  source_category: "",
  collector: "",
  host: "",
  format: "auto",
  parser: "",
  tier: "continuous",
  cse: true,
  syslog_tcp: "",
  syslog_udp: "",
  syslog_tls: "",
  allowed: "",
  client_certificate: "",
};

/** Fields that may be absent, and are null on the wire then. */
const OPTIONAL = [
  "collector",
  "host",
  "parser",
  "syslog_tcp",
  "syslog_udp",
  "syslog_tls",
  "client_certificate",
] as const;

export function draftOf(source: T.Source): SourceDraft {
  const { name, source_category, format, tier, cse } = source;
  const absent = Object.fromEntries(OPTIONAL.map((field) => [field, source[field] ?? ""]));
  return { ...BLANK_SOURCE, ...absent, name, source_category, format, tier, cse, allowed: source.allowed.join("\n") };
}

/** The list in a text. */
export function split(text: string): string[] {
  return text.split(/[\s,]+/).filter((part) => part !== "");
}

/** A new source; what is empty is left out. */
export function newSource(draft: SourceDraft): T.NewSource {
  const { format, tier, cse } = draft;
  const given = OPTIONAL.filter((field) => draft[field].trim() !== "").map((field) => [field, draft[field].trim()]);
  return {
    name: draft.name.trim(),
    source_category: draft.source_category.trim(),
    format,
    tier,
    cse,
    allowed: split(draft.allowed),
    ...Object.fromEntries(given),
  };
}

/** Only what differs from how the source is; null takes away. */
export function patchOf(source: T.Source, draft: SourceDraft): T.SourcePatch {
  const before = draftOf(source);
  const patch: T.SourcePatch = {};
  for (const field of ["name", "source_category"] as const) {
    if (draft[field].trim() !== before[field]) patch[field] = draft[field].trim();
  }
  if (draft.format !== before.format) patch.format = draft.format;
  if (draft.tier !== before.tier) patch.tier = draft.tier;
  if (draft.cse !== before.cse) patch.cse = draft.cse;
  for (const field of OPTIONAL) {
    const now = draft[field].trim();
    if (now !== before[field]) patch[field] = now === "" ? null : now;
  }
  const allowed = split(draft.allowed);
  if (allowed.join("\n") !== before.allowed) patch.allowed = allowed;
  return patch;
}

/** Collectors with their sources, by name; the sources without one last. */
export function byCollector(
  collectors: readonly T.Collector[],
  sources: readonly T.Source[],
): { collector: T.Collector | null; sources: T.Source[] }[] {
  const named = (a: { name: string }, b: { name: string }) => a.name.localeCompare(b.name);
  const groups: { collector: T.Collector | null; sources: T.Source[] }[] = [...collectors]
    .sort(named)
    .map((collector) => ({ collector, sources: sources.filter((s) => s.collector === collector.id).sort(named) }));
  const known = new Set(collectors.map((c) => c.id));
  const rest = sources.filter((s) => !s.collector || !known.has(s.collector)).sort(named);
  if (rest.length > 0) groups.push({ collector: null, sources: rest });
  return groups;
}
