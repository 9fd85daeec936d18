/** Where a number leads: to the rows behind it, with the same customers, the same conditions and the same time. */

import type { Dimension, Measure, PanelDef, TimeRange, Value, VolumeTier } from "../../api/dashboard-types";
import { VOLUME_TIERS } from "../../api/dashboard-types";
import type { Where, WhereLeaf } from "../../api/queue-types";
import type { Origin, Priority, Status } from "../../api/types";
import { windowAround } from "../pivot";
import { term } from "../query-text";
import { writeSought } from "../queue-search";
import { writeFragment } from "../search";
import { asGlob } from "./state";

/** A link, as the router takes it. */
export interface Drill {
  to: string;
  params?: Record<string, string>;
  search: Record<string, unknown>;
  hash?: string;
  /** Where it leads, for people. */
  says: string;
}

/** Whose numbers the page shows. */
export interface Whom {
  /** The customers the filter leaves; null: everybody. */
  customers: readonly { id: string; name: string }[] | null;
  /** The filter as it was typed. */
  globs: readonly string[] | undefined;
  tiers: readonly VolumeTier[] | undefined;
}

/** One number: of a panel, of a customer and of values, of a time. */
export interface Point {
  panel: PanelDef;
  range: TimeRange;
  /** The customer it is of; absent: all of them. */
  org?: { id: string; name: string } | null;
  keys?: Partial<Record<Dimension, string | null>>;
}

type Kind = "health" | "volume" | "silent" | "failed" | "signals" | "insights";

const KIND: Record<Measure, Kind> = {
  health_orgs: "health",
  health_resources: "health",
  health_events: "health",
  health_resource_rows: "health",
  health_event_rows: "health",
  bytes: "volume",
  events: "volume",
  credits: "volume",
  silent_category_rows: "silent",
  failed_records: "failed",
  failed_record_rows: "failed",
  signals: "signals",
  signal_rows: "signals",
  insights_created: "insights",
  insights_updated: "insights",
  insights_closed: "insights",
  insights_status: "insights",
  time_to_detect: "insights",
  time_to_respond: "insights",
  time_to_progress: "insights",
  time_to_remediate: "insights",
};

/** Where a number leads. */
export function drill(point: Point, whom: Whom): Drill {
  switch (KIND[point.panel.measure]) {
    case "health":
      return toHealth(point, whom);
    case "signals":
      return toSignals(point, whom);
    case "insights":
      return toQueue(point, whom);
    default:
      return toLogs(volumeQuery(point, whom), point, whom);
  }
}

/** The log search of a panel as a whole: for each panel there is one. */
export function logSearch(point: Point, whom: Whom): Drill {
  const kind = KIND[point.panel.measure];
  if (kind === "volume" || kind === "failed" || kind === "silent") return toLogs(volumeQuery(point, whom), point, whom);
  const only = onlyOne(point, whom);
  if (kind === "signals" && only) return toSql(only.id, point);
  return logsWithin("", point, whom);
}

function onlyOne({ org }: Point, { customers }: Whom): { id: string; name: string } | null {
  if (org) return org;
  return customers?.length === 1 ? (customers[0] ?? null) : null;
}

const ids = ({ org }: Point, { customers }: Whom) => (org ? [org.id] : customers?.map(({ id }) => id));

/** Conditions of a query, all of which hold. */
function volumeQuery({ panel, range, keys = {} }: Point, { tiers }: Whom): string {
  const failed = KIND[panel.measure] === "failed";
  const parts = [
    failed ? "record_type:FailedRecord" : null,
    `receipt_time:[${range.from} TO ${range.to}}`,
    failed ? null : tierCondition(keys.tier ? [keys.tier] : (panel.tiers ?? []), tiers),
    ...Object.entries(keys).map(([dim, value]) => condition(dim as Dimension, value)),
  ];
  return parts.filter((part) => part !== null).join(" AND ");
}

const FIELD: Partial<Record<Dimension, string>> = {
  source_category: "source_category",
  source: "source",
  vendor: "vendor",
  product: "product",
  event_id: "event_code",
  parser: "parser",
  reason: "reason",
  reason_code: "reason_code",
};

function condition(dim: Dimension, value: string | null | undefined): string | null {
  const field = FIELD[dim];
  if (!field || value === undefined) return null;
  return value === null ? `NOT ${field}:*` : term(field, value);
}

/** Events know in which tier they are kept; what was fed to detection is kept in one of them. */
function tierCondition(own: readonly string[], chosen: readonly VolumeTier[] | undefined): string | null {
  const wanted = own.length > 0 ? own : (chosen ?? []);
  const kept = VOLUME_TIERS.filter((tier) => tier !== "cse" && wanted.includes(tier));
  if (kept.length === 0 || wanted.includes("cse") || kept.length === 3) return null;
  return kept.length === 1 ? `tier:${kept[0]}` : `tier:(${kept.join(" OR ")})`;
}

/** The window stands in the query as time of receipt: what came late belongs to it, too. */
function toLogs(query: string, point: Point, whom: Whom): Drill {
  const hash = writeFragment(query);
  const only = onlyOne(point, whom);
  if (only) {
    return {
      to: "/customers/$id/logs",
      params: { id: only.id },
      search: { range: "all" },
      hash,
      says: `The logs of ${only.name}`,
    };
  }
  return {
    to: "/logs",
    search: { range: "all", customers: ids(point, whom) },
    hash,
    says: "The logs of these customers",
  };
}

function logsWithin(query: string, point: Point, whom: Whom): Drill {
  const only = onlyOne(point, whom);
  const search = { range: "custom", from: point.range.from, to: point.range.to };
  const hash = writeFragment(query);
  if (only)
    return { to: "/customers/$id/logs", params: { id: only.id }, search, hash, says: `The logs of ${only.name}` };
  return { to: "/logs", search: { ...search, customers: ids(point, whom) }, hash, says: "The logs of these customers" };
}

const quote = (text: string) => `'${text.replaceAll("'", "''")}'`;

const STATE_SQL: Record<string, string> = {
  active: "suppressed is null and not prototype",
  suppressed: "suppressed is not null and not prototype",
  prototype: "prototype",
};

function toSql(id: string, { range, keys }: Point): Drill {
  const state = keys?.state ? STATE_SQL[keys.state] : undefined;
  const where = [
    `event_time >= ${quote(range.from)}`,
    `event_time < ${quote(range.to)}`,
    ...(state ? [state] : []),
  ].join(" and ");
  const sql = `select event_time, name, rule, severity, entity_type, entity_value, suppressed, prototype, investigation, id\nfrom signals\nwhere ${where}\norder by event_time desc`;
  return {
    to: "/customers/$id/logs",
    params: { id },
    search: { range: "all", view: "sql" },
    hash: writeFragment(sql, "sql"),
    says: "Its signals, in SQL",
  };
}

/** One customer's signals as rows of its node; of several, the rows of the dashboard that lists them. */
function toSignals(point: Point, whom: Whom): Drill {
  const only = onlyOne(point, whom);
  if (only) return toSql(only.id, point);
  return toDashboard("signals-analysis", "signals-details", point, whom, "These signals, row by row");
}

function toHealth(point: Point, whom: Whom): Drill {
  const { measure } = point.panel;
  const rows = measure === "health_events" || measure === "health_event_rows";
  const panel = rows ? "latest-health-failure-summary" : "impacted-resource-details";
  return toDashboard("collector-health-issues", panel, point, whom, "What is unhealthy, row by row");
}

function toDashboard(name: string, panel: string, { org, range }: Point, { globs }: Whom, says: string): Drill {
  const org_name = org ? [asGlob(org.name)] : globs ? [...globs] : undefined;
  return { to: "/dashboards/$name", params: { name }, search: { org_name, ...range, panel }, says };
}

const COUNTED: Origin[] = ["ALERT", "USER"];
const STATUS_WORDS: readonly Status[] = ["OPEN", "INVESTIGATING", "WAITING", "CLOSED"];

/** The queue of the investigations counted. */
function toQueue(point: Point, whom: Whom): Drill {
  const { panel, range, keys = {} } = point;
  const time = TIME_FIELD[panel.measure] ?? "updated_time";
  const leaves: WhereLeaf[] = [
    { field: time, op: "gte", value: range.from },
    { field: time, op: "lt", value: range.to },
  ];
  const status = STATUS_WORDS.find((word) => word === keys.status?.toUpperCase());
  const closed = panel.measure === "insights_closed" || panel.measure === "time_to_remediate";
  const where: Where = { and: leaves };
  return {
    to: "/investigations",
    search: {
      customers: ids(point, whom),
      statuses: status ? [status] : closed ? (["CLOSED"] satisfies Status[]) : "all",
      priorities: keys.priority ? [keys.priority.toUpperCase() as Priority] : undefined,
      sources: COUNTED,
      sort: time === "created_time" ? "-created_time" : time === "closed_time" ? "-closed_time" : "-updated_time",
    },
    hash: writeSought({ q: "", where: JSON.stringify(where) }),
    says: point.org ? `The investigations of ${point.org.name}` : "These investigations",
  };
}

const TIME_FIELD: Partial<Record<Measure, string>> = {
  insights_created: "created_time",
  time_to_detect: "created_time",
  insights_closed: "closed_time",
  time_to_remediate: "closed_time",
};

/** Where a row of a table of single things leads. */
export function drillRow(panel: PanelDef, row: Record<string, Value>): Drill | null {
  const id = text(row.org_id);
  if (!id) return null;
  const name = text(row.org_name) ?? "this customer";
  const params = { id };
  switch (panel.measure) {
    case "health_resource_rows":
    case "health_event_rows":
      return { to: "/customers/$id", params, search: { tab: "health" }, says: `The health of ${name}` };
    case "silent_category_rows": {
      const last = Date.parse(text(row.last_seen) ?? "");
      if (Number.isNaN(last)) return null;
      const from = new Date(last - 86_400_000).toISOString();
      const query = [
        condition("source_category", text(row.source_category)),
        tierCondition([text(row.tier) ?? ""], undefined),
        `receipt_time:[${from} TO ${new Date(last).toISOString()}}`,
      ];
      const hash = writeFragment(query.filter((part) => part !== null).join(" AND "));
      return { to: "/customers/$id/logs", params, search: { range: "all" }, hash, says: "The last day it sent" };
    }
    case "failed_record_rows":
      return around(params, text(row.time), "record_type:FailedRecord", "This record in the log search");
    case "signal_rows": {
      const rrn = text(row.investigation);
      if (rrn) return { to: "/investigations/$rrn", params: { rrn }, search: {}, says: "Its investigation" };
      return around(params, text(row.time), "", "The logs around it");
    }
    default:
      return null;
  }
}

function around(params: { id: string }, time: string | null, query: string, says: string): Drill | null {
  if (!time) return null;
  const window = windowAround(time);
  return {
    to: "/customers/$id/logs",
    params,
    search: { range: "custom", ...window },
    hash: writeFragment(query),
    says,
  };
}

const text = (value: Value | undefined): string | null => (typeof value === "string" && value !== "" ? value : null);
