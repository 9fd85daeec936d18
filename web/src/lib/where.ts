/** The boolean tree of the filter builder: as a person edits it, as the wire has it, and as a sentence. */
import type { Where, WhereLeaf, WhereOp, WhereValue } from "../api/queue-types";
import { DISPOSITION, DISPOSITIONS, ORIGIN, PRIORITIES, PRIORITY, STATUS, STATUSES } from "./words";

export const MAX_DEPTH = 8;
export const MAX_LEAVES = 100;

export type Kind = "text" | "choice" | "rank" | "number" | "time" | "customer";

interface FieldInfo {
  label: string;
  kind: Kind;
  group: "Investigation" | "People and tags" | "Customer" | "What it is about" | "Times" | "Counts";
  /** The words it may be, for a choice. */
  words?: Readonly<Record<string, string>>;
  order?: readonly string[];
  placeholder?: string;
}

export const RESPONSIBILITY: Record<string, string> = { MSSP: "MSSP", CUSTOMER: "Customer" };

export const FIELDS = {
  title: { label: "Title", kind: "text", group: "Investigation" },
  status: { label: "Status", kind: "choice", group: "Investigation", words: STATUS, order: STATUSES },
  priority: { label: "Priority", kind: "rank", group: "Investigation", words: PRIORITY, order: PRIORITIES },
  disposition: {
    label: "Disposition",
    kind: "choice",
    group: "Investigation",
    words: DISPOSITION,
    order: DISPOSITIONS,
  },
  source: { label: "Source", kind: "choice", group: "Investigation", words: ORIGIN, order: Object.keys(ORIGIN) },
  responsibility: {
    label: "Responsibility",
    kind: "choice",
    group: "Investigation",
    words: RESPONSIBILITY,
    order: Object.keys(RESPONSIBILITY),
  },
  comment: { label: "Comment", kind: "text", group: "Investigation", placeholder: "Words of a comment" },
  evidence: { label: "Evidence", kind: "text", group: "Investigation", placeholder: "Words of an added log row" },
  rrn: { label: "Name (RRN)", kind: "text", group: "Investigation", placeholder: "rrn:investigation:…" },
  assignee: { label: "Assignee", kind: "text", group: "People and tags", placeholder: "Mail address" },
  tag: { label: "Tag", kind: "text", group: "People and tags" },
  customer: { label: "Customer", kind: "customer", group: "Customer" },
  region: { label: "Region", kind: "text", group: "Customer" },
  entity: { label: "Entity", kind: "text", group: "What it is about" },
  entity_type: { label: "Kind of entity", kind: "text", group: "What it is about", placeholder: "hostname" },
  hostname: { label: "Host name", kind: "text", group: "What it is about" },
  username: { label: "User name", kind: "text", group: "What it is about" },
  ip: { label: "IP address", kind: "text", group: "What it is about" },
  rule_name: { label: "Rule", kind: "text", group: "What it is about", placeholder: "Title of a rule" },
  rule: { label: "Rule id", kind: "text", group: "What it is about" },
  technique: { label: "ATT&CK technique", kind: "text", group: "What it is about", placeholder: "T1003" },
  created_time: { label: "Created", kind: "time", group: "Times" },
  updated_time: { label: "Updated", kind: "time", group: "Times" },
  first_alert_time: { label: "First signal", kind: "time", group: "Times" },
  latest_alert_time: { label: "Latest signal", kind: "time", group: "Times" },
  closed_time: { label: "Closed", kind: "time", group: "Times" },
  last_accessed_time: { label: "Last looked at", kind: "time", group: "Times" },
  signal_count: { label: "Signals", kind: "number", group: "Counts" },
  comment_count: { label: "Comments", kind: "number", group: "Counts" },
} as const satisfies Record<string, FieldInfo>;

export type FieldName = keyof typeof FIELDS;
export const FIELD_NAMES = Object.keys(FIELDS) as FieldName[];

export function fieldInfo(field: string): FieldInfo | undefined {
  return (FIELDS as Record<string, FieldInfo>)[field];
}

const OPS: Record<Kind, readonly WhereOp[]> = {
  text: ["contains", "equals", "starts_with", "in", "exists"],
  choice: ["in", "equals", "exists"],
  rank: ["in", "equals", "gte", "gt", "lte", "lt"],
  number: ["gte", "gt", "equals", "lte", "lt"],
  time: ["gte", "lt", "exists"],
  customer: ["in", "equals", "contains", "starts_with"],
};

/** What a field can be asked, the likeliest first. */
export function opsOf(field: string): readonly WhereOp[] {
  return OPS[fieldInfo(field)?.kind ?? "text"];
}

const OP_WORDS: Record<WhereOp, string> = {
  contains: "contains",
  equals: "is",
  starts_with: "begins with",
  in: "is any of",
  exists: "is set",
  gt: "is more than",
  gte: "is at least",
  lt: "is less than",
  lte: "is at most",
};
const OP_NEGATED: Record<WhereOp, string> = {
  contains: "does not contain",
  equals: "is not",
  starts_with: "does not begin with",
  in: "is none of",
  exists: "is not set",
  gt: "is not more than",
  gte: "is not at least",
  lt: "is not less than",
  lte: "is not at most",
};
const TIME_WORDS: Partial<Record<WhereOp, [string, string]>> = {
  gte: ["is since", "is not since"],
  gt: ["is after", "is not after"],
  lt: ["is before", "is not before"],
  lte: ["is up to", "is not up to"],
};

export function opWords(field: string, op: WhereOp, negated: boolean): string {
  const time = fieldInfo(field)?.kind === "time" ? TIME_WORDS[op] : undefined;
  if (time) return time[negated ? 1 : 0];
  return (negated ? OP_NEGATED : OP_WORDS)[op];
}

/** What a person edits: a group of conditions, or one. `key` is for the page alone. */
export interface Group {
  key: number;
  join: "and" | "or";
  negated: boolean;
  children: Node[];
}
export interface Condition {
  key: number;
  field: FieldName;
  op: WhereOp;
  negated: boolean;
  value: WhereValue | null;
}
export type Node = Group | Condition;

export const isGroup = (node: Node): node is Group => "children" in node;

let keys = 0;
const nextKey = () => ++keys;

export function newCondition(field: FieldName = "title"): Condition {
  return { key: nextKey(), field, op: opsOf(field)[0] ?? "equals", negated: false, value: null };
}

export function newGroup(join: "and" | "or" = "and", children: Node[] = [newCondition()]): Group {
  return { key: nextKey(), join, negated: false, children };
}

/** The condition about another field: the question stays where the field can be asked it, and the value where it fits. */
export function withField(condition: Condition, field: FieldName): Condition {
  const ops = opsOf(field);
  const same = fieldInfo(field)?.kind === fieldInfo(condition.field)?.kind && fieldInfo(field)?.kind !== "choice";
  const op = ops.includes(condition.op) ? condition.op : (ops[0] ?? "equals");
  return { ...condition, field, op, value: same ? fitting(op, condition.value) : null };
}

/** Another question about the same field. */
export function withOp(condition: Condition, op: WhereOp, negated: boolean): Condition {
  return { ...condition, op, negated, value: fitting(op, condition.value) };
}

function fitting(op: WhereOp, value: WhereValue | null): WhereValue | null {
  if (op === "exists" || value === null) return null;
  if (op === "in") return Array.isArray(value) ? value : [String(value)];
  return Array.isArray(value) ? (value[0] ?? null) : value;
}

/** Whether a condition says enough to be asked. */
export function isComplete({ op, value }: Condition): boolean {
  if (op === "exists") return true;
  if (Array.isArray(value)) return value.length > 0;
  return value !== null && value !== "" && !(typeof value === "number" && Number.isNaN(value));
}

/** The tree as the wire has it; conditions without a value are left out. Undefined when nothing is asked. */
export function toWhere(node: Node): Where | undefined {
  const plain = isGroup(node) ? groupWhere(node) : leafWhere(node);
  return plain && node.negated ? { not: plain } : plain;
}

function groupWhere({ join, children }: Group): Where | undefined {
  const parts = children.map(toWhere).filter((part) => part !== undefined);
  if (parts.length <= 1) return parts[0];
  return join === "and" ? { and: parts } : { or: parts };
}

function leafWhere(condition: Condition): Where | undefined {
  if (!isComplete(condition)) return undefined;
  const { field, op, value } = condition;
  return op === "exists" ? { field, op } : { field, op, value: value ?? "" };
}

/** The other way round; always a group, so that there is somewhere to add to. */
export function fromWhere(where: Where | undefined): Group {
  const node = where ? toNode(where, false) : null;
  if (node === null) return newGroup();
  return isGroup(node) && !node.negated ? node : newGroup("and", [node]);
}

function toNode(where: Where, negated: boolean): Node | null {
  if ("not" in where) return toNode(where.not, !negated);
  if ("and" in where || "or" in where) {
    const [join, parts] = "and" in where ? (["and", where.and] as const) : (["or", where.or] as const);
    const children = parts.map((part) => toNode(part, false)).filter((child) => child !== null);
    return { key: nextKey(), join, negated, children };
  }
  const field = FIELD_NAMES.find((name) => name === where.field);
  if (!field) return null;
  return { key: nextKey(), field, op: where.op ?? "equals", negated, value: where.value ?? null };
}

export function countLeaves(where: Where | undefined): number {
  if (!where) return 0;
  if ("not" in where) return countLeaves(where.not);
  if ("and" in where) return where.and.reduce((sum, part) => sum + countLeaves(part), 0);
  if ("or" in where) return where.or.reduce((sum, part) => sum + countLeaves(part), 0);
  return 1;
}

export function depthOf(where: Where | undefined): number {
  if (!where) return 0;
  if ("not" in where) return 1 + depthOf(where.not);
  if ("and" in where) return 1 + Math.max(0, ...where.and.map(depthOf));
  if ("or" in where) return 1 + Math.max(0, ...where.or.map(depthOf));
  return 1;
}

/** Why the servers would refuse the tree for its size; null when they would not. */
export function tooLarge(where: Where | undefined): string | null {
  if (countLeaves(where) > MAX_LEAVES) return `At most ${MAX_LEAVES} conditions can be asked at once.`;
  if (depthOf(where) > MAX_DEPTH) return `Groups can stand at most ${MAX_DEPTH} deep.`;
  return null;
}

/** Text of an address as a tree; undefined for anything that is none. */
export function parseWhere(text: string): Where | undefined {
  if (text === "") return undefined;
  try {
    const value: unknown = JSON.parse(text);
    return isWhere(value, 0) ? value : undefined;
  } catch {
    return undefined;
  }
}

const ALL_OPS = Object.keys(OP_WORDS);

function isWhere(value: unknown, depth: number): value is Where {
  if (typeof value !== "object" || value === null || depth > MAX_DEPTH) return false;
  const node = value as Record<string, unknown>;
  const parts = node.and ?? node.or;
  if (parts !== undefined) return Array.isArray(parts) && parts.every((part) => isWhere(part, depth + 1));
  if (node.not !== undefined) return isWhere(node.not, depth + 1);
  const known = typeof node.field === "string" && node.field in FIELDS;
  return known && (node.op === undefined || ALL_OPS.includes(String(node.op)));
}

interface Names {
  /** A customer's name by its id. */
  customer: (id: string) => string;
  time: (time: string) => string;
}

/** The tree as people read it: `Title contains “x” and not (Status is Open or …)`. */
export function sentence(where: Where, names: Names): string {
  return say(where, names, false, false);
}

function say(where: Where, names: Names, negated: boolean, inside: boolean): string {
  if ("not" in where) {
    const inner = where.not;
    if ("not" in inner) return say(inner.not, names, negated, inside);
    if ("field" in inner) return sayLeaf(inner, names, !negated);
    return `not ${bracketed(say(inner, names, false, false))}`;
  }
  if ("field" in where) return sayLeaf(where, names, negated);
  const [word, parts] = "and" in where ? ["and", where.and] : ["or", where.or];
  const said = parts.map((part) => say(part, names, false, parts.length > 1)).join(` ${word} `);
  return inside && parts.length > 1 ? bracketed(said) : said;
}

const bracketed = (text: string) => `(${text})`;

function sayLeaf({ field, op = "equals", value }: WhereLeaf, names: Names, negated: boolean): string {
  const label = fieldInfo(field)?.label ?? field;
  const asks = opWords(field, op, negated);
  if (op === "exists") return `${label} ${asks}`;
  const values = Array.isArray(value) ? value : [value ?? ""];
  return `${label} ${asks} ${values.map((one) => sayValue(field, String(one), names)).join(", ")}`;
}

function sayValue(field: string, value: string, names: Names): string {
  const info = fieldInfo(field);
  if (info?.words) return info.words[value.toUpperCase()] ?? value;
  if (info?.kind === "customer") return names.customer(value);
  if (info?.kind === "time") return names.time(value);
  return info?.kind === "number" ? value : `“${value}”`;
}
