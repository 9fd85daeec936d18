/** The words of the dashboards for people: what is counted, by what, in what. */
import type { Chart, Dimension, Measure, Unit, VolumeTier } from "../../api/dashboard-types";

interface MeasureWords {
  label: string;
  dataset: "Health" | "Volume" | "Failed records" | "Signals" | "Insights";
  /** What is counted, as a sentence. */
  says: string;
  /** What stands there when there is none. */
  none: string;
  units: readonly [Unit, ...Unit[]];
  by: readonly Dimension[];
  rows?: true;
  /** A mean: it does not add up. */
  mean?: true;
}

const HEALTH: readonly Dimension[] = ["org", "tracker", "error", "severity", "resource_type"];
const VOLUME: readonly Dimension[] = ["org", "tier", "source_category", "collector", "source"];
const FAILED: readonly Dimension[] = [
  "org",
  "source_category",
  "reason",
  "reason_code",
  "vendor",
  "product",
  "event_id",
  "parser",
];
const INSIGHT: readonly Dimension[] = ["org", "user", "priority", "status"];

export const MEASURE: Record<Measure, MeasureWords> = {
  health_orgs: {
    label: "Customers with health issues",
    dataset: "Health",
    says: "Distinct customers with an issue that was open at any instant of the range.",
    none: "No customer had a health issue",
    units: ["orgs"],
    by: [],
  },
  health_resources: {
    label: "Resources with health issues",
    dataset: "Health",
    says: "Distinct collectors and sources with an issue that was open at any instant of the range.",
    none: "No resource had a health issue",
    units: ["resources"],
    by: HEALTH,
  },
  health_events: {
    label: "Health events",
    dataset: "Health",
    says: "Events that said something is unhealthy, by their time.",
    none: "No health events",
    units: ["events"],
    by: HEALTH,
  },
  health_resource_rows: {
    label: "Impacted resources",
    dataset: "Health",
    says: "Resources with an issue that was open at any instant of the range, what is wrong, and whether it still is.",
    none: "No resource had a health issue",
    units: ["rows"],
    by: [],
    rows: true,
  },
  health_event_rows: {
    label: "Latest health failures",
    dataset: "Health",
    says: "The events that said something is unhealthy, newest first.",
    none: "No health events",
    units: ["rows"],
    by: [],
    rows: true,
  },
  bytes: {
    label: "Volume",
    dataset: "Volume",
    says: "Bytes received, decompressed, by time of receipt. 1 GB = 2^30 bytes.",
    none: "Nothing was received",
    units: ["gb", "gb_per_day"],
    by: VOLUME,
  },
  events: {
    label: "Events received",
    dataset: "Volume",
    says: "Events received, by time of receipt.",
    none: "Nothing was received",
    units: ["events"],
    by: VOLUME,
  },
  credits: {
    label: "Credits",
    dataset: "Volume",
    says: "Bytes received / 2^30, times the rate of the tier that held when they were received.",
    none: "No credits were used",
    units: ["credits"],
    by: VOLUME,
  },
  silent_category_rows: {
    label: "Source categories no longer sending",
    dataset: "Volume",
    says: "Source categories of a tier with 24 hours or more without data inside the range, or silent now. They stay until acknowledged.",
    none: "Every source category is sending",
    units: ["rows"],
    by: [],
    rows: true,
  },
  failed_records: {
    label: "Failed records",
    dataset: "Failed records",
    says: "Events no parser could take, by time of receipt.",
    none: "No failed records",
    units: ["records"],
    by: FAILED,
  },
  failed_record_rows: {
    label: "Newest failed records",
    dataset: "Failed records",
    says: "Events no parser could take, newest first.",
    none: "No failed records",
    units: ["rows"],
    by: [],
    rows: true,
  },
  signals: {
    label: "Signals",
    dataset: "Signals",
    says: "Signals by the time of their event; suppressed ones and those of rules on trial count, too.",
    none: "No signals",
    units: ["signals"],
    by: ["org", "state"],
  },
  signal_rows: {
    label: "Newest signals",
    dataset: "Signals",
    says: "Signals, newest first; suppressed ones and those of rules on trial, too.",
    none: "No signals",
    units: ["rows"],
    by: [],
    rows: true,
  },
  insights_created: {
    label: "Insights created",
    dataset: "Insights",
    says: "Investigations opened in the range, by correlation or by a person here.",
    none: "No insights were created",
    units: ["insights"],
    by: INSIGHT,
  },
  insights_updated: {
    label: "Insights updated",
    dataset: "Insights",
    says: "Distinct investigations that were changed in the range; one that was changed five times counts once.",
    none: "No insights were updated",
    units: ["insights"],
    by: INSIGHT,
  },
  insights_closed: {
    label: "Insights closed",
    dataset: "Insights",
    says: "Distinct investigations that were closed in the range.",
    none: "No insights were closed",
    units: ["insights"],
    by: INSIGHT,
  },
  insights_status: {
    label: "Insights by latest status",
    dataset: "Insights",
    says: "Investigations opened or changed in the range, by what their status was last.",
    none: "No insights were created or updated",
    units: ["insights"],
    by: INSIGHT,
  },
  time_to_detect: {
    label: "Time to detect",
    dataset: "Insights",
    says: "From the first record to the opening, by time of opening. One sample an investigation.",
    none: "n/a: no insights were created",
    units: ["seconds"],
    by: INSIGHT,
    mean: true,
  },
  time_to_respond: {
    label: "Time to respond",
    dataset: "Insights",
    says: "From the opening to the first change by a person, by time of that change. One sample an investigation.",
    none: "n/a: no insights were responded to",
    units: ["seconds"],
    by: INSIGHT,
    mean: true,
  },
  time_to_progress: {
    label: "Time to progress",
    dataset: "Insights",
    says: "From the opening to Investigating, by time of that change. One sample an investigation.",
    none: "n/a: no insights were taken up",
    units: ["seconds"],
    by: INSIGHT,
    mean: true,
  },
  time_to_remediate: {
    label: "Time to remediate",
    dataset: "Insights",
    says: "From the opening to the last closing, by time of closing. One sample an investigation.",
    none: "n/a: no insights were closed",
    units: ["seconds"],
    by: INSIGHT,
    mean: true,
  },
};

export const DIMENSION: Record<Dimension, string> = {
  org: "Customer",
  tier: "Tier",
  source_category: "Source category",
  collector: "Collector",
  source: "Source",
  tracker: "Tracker",
  error: "Error",
  severity: "Severity",
  resource_type: "Kind of resource",
  reason: "Reason",
  reason_code: "Reason code",
  vendor: "Vendor",
  product: "Product",
  event_id: "Event id",
  parser: "Parser",
  state: "State",
  status: "Status",
  user: "Person",
  priority: "Priority",
};

export const TIER: Record<VolumeTier, string> = {
  continuous: "Continuous",
  frequent: "Frequent",
  infrequent: "Infrequent",
  cse: "CSE",
};

export const CHART: Record<Chart, string> = {
  single: "Single value",
  table: "Table",
  bar: "Bars",
  pie: "Pie",
  columns: "Stacked columns over time",
  lines: "Lines over time",
  outlier: "Outliers over time",
};

export const UNIT: Record<Unit, string> = {
  orgs: "customers",
  resources: "resources",
  events: "events",
  gb: "GB",
  gb_per_day: "GB a day",
  credits: "credits",
  records: "failed records",
  signals: "signals",
  insights: "insights",
  seconds: "duration",
  rows: "rows",
};

/** What columns of a frame are called beyond its dimensions. */
const COLUMN: Record<string, string> = {
  time: "Time",
  org_name: "Customer",
  resource: "Resource",
  resource_id: "Resource id",
  collector_id: "Collector id",
  description: "What is wrong",
  first_seen: "First seen",
  last_seen: "Last seen",
  events: "Events",
  open: "Open now",
  since: "Since",
  gb: "GB",
  back: "Came back",
  cadence_seconds: "Usual rhythm",
  acknowledged_by: "Acknowledged by",
  acknowledged: "Acknowledged",
  raw: "Raw text",
  id: "Id",
  name: "Name",
  rule: "Rule",
  entity_type: "Kind of entity",
  entity: "Entity",
  attack_stage: "Attack stage",
  tags: "Tags",
  suppressed: "Suppressed",
  prototype: "On trial",
  investigation: "Investigation",
  seconds: "Mean",
  median_seconds: "Median",
  p90_seconds: "90 % within",
  count: "Insights",
  orgs: "Customers",
};

export function columnWords(name: string): string {
  if (name in COLUMN) return COLUMN[name] ?? name;
  if (name in DIMENSION) return DIMENSION[name as Dimension];
  const outlier = /^(.*)_(mean|std|error|lower|upper|indicator|violation|severity|1d|\d+[mhdw])$/.exec(name);
  if (outlier) return `${columnWords(outlier[1] ?? "")}, ${SUFFIX[outlier[2] ?? ""] ?? `${outlier[2]} before`}`;
  const words = name.replaceAll("_", " ");
  return words.charAt(0).toUpperCase() + words.slice(1);
}

const SUFFIX: Record<string, string> = {
  mean: "mean before",
  std: "deviation",
  error: "off the mean",
  lower: "expected from",
  upper: "expected to",
  indicator: "outside",
  violation: "outlier",
  severity: "deviations off",
};
