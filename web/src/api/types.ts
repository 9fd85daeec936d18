/** Wire types of both servers, by the names the servers use. */

export type Status = "OPEN" | "INVESTIGATING" | "WAITING" | "CLOSED";
export type Priority = "UNSPECIFIED" | "LOW" | "MEDIUM" | "HIGH" | "CRITICAL";
export type Disposition =
  | "UNDECIDED"
  | "BENIGN"
  | "MALICIOUS"
  | "NOT_APPLICABLE"
  | "FALSE_POSITIVE"
  | "SECURITY_TEST"
  | "UNKNOWN";
export type Origin = "ALERT" | "USER" | "HUNT" | "AUTOMATION";
export type Role = "viewer" | "analyst" | "administrator";
export type Tier = "continuous" | "frequent" | "infrequent";
export type Format = "auto" | "json" | "syslog" | "windows" | "cloudtrail" | "web-access";
export type SkipReason = "NO_GRANT" | "NO_ROLE" | "NO_LICENCE" | "TOGGLE_OFF" | "RELATIONSHIP_REVOKED";
export type FailCode = "NODE_DOWN" | "TIMEOUT" | "VERSION";
export type Health = "up" | "down" | "unknown";
export type Scheme = "http" | "https";
export type GrantState = "APPLIED" | "PENDING" | "REFUSED";
export type Sort = "-priority" | "-created_time" | "created_time" | "-updated_time";

export interface Problem {
  status: number;
  title: string;
  code: string;
  detail?: string | null;
  field?: string | null;
  current?: unknown;
}

export interface CustomerRef {
  id: string;
  name: string;
  region: string;
}

export interface Skipped {
  customer?: CustomerRef | null;
  count: number;
  reason: SkipReason;
}

export interface Failed {
  customer: CustomerRef;
  region: string;
  code: FailCode;
  message: string;
}

export interface Scope {
  complete: boolean;
  asked: number;
  answered: number;
  skipped: Skipped[];
  failed: Failed[];
}

export interface Page<T> {
  data: T[];
  next?: string | null;
  scope: Scope;
}

export interface EventPage {
  data: EventRow[];
  next?: string | null;
}

export interface List<T> {
  data: T[];
}

export interface Assignee {
  email: string;
  name?: string;
}

export interface EntityRef {
  type: string;
  value: string;
}

export interface InvestigationRow {
  rrn: string;
  workspace: string;
  version: number;
  title: string;
  status: Status;
  priority: Priority;
  disposition: Disposition;
  source: Origin;
  assignee?: Assignee | null;
  entity?: EntityRef | null;
  tags: string[];
  signal_count: number;
  created_time: string;
  updated_time: string;
  first_alert_time?: string | null;
  latest_alert_time?: string | null;
  closed_time?: string | null;
}

export type Investigation = InvestigationRow & { customer: CustomerRef };

export interface MatchedField {
  field: string;
  value: string;
}

export interface Signal {
  id: string;
  rule_id: string;
  name: string;
  level: string;
  severity: number;
  entity: EntityRef;
  created_time: string;
  event_time: string;
  event_ids: string[];
  matched: MatchedField[];
  message: string;
  tags: string[];
  suppressed?: string | null;
}

export interface RuleInfo {
  id: string;
  title: string;
  level: string;
  description: string;
  tags: string[];
  author?: string | null;
  false_positives: string[];
  references: string[];
  source: string;
}

export interface HistoryEntry {
  time: string;
  actor: string;
  field: string;
  from?: string | null;
  to?: string | null;
}

export interface CustomerInvestigation {
  investigation: Investigation;
  signals: Signal[];
  history: HistoryEntry[];
  may_edit: boolean;
}

export interface InvestigationPatch {
  version: number;
  title?: string;
  status?: Status;
  priority?: Priority;
  disposition?: Disposition;
  assignee?: Assignee | null;
  tags?: string[];
}

export interface InvestigationFilter {
  customers?: string[];
  regions?: string[];
  statuses?: Status[];
  priorities?: Priority[];
  assignee?: string;
  q?: string;
  sort?: Sort;
  limit?: number;
  cursor?: string;
}

export interface OpenCounts {
  critical: number;
  high: number;
  medium: number;
  low: number;
  unspecified: number;
}

export interface Customer {
  id: string;
  name: string;
  mail: string;
  region: string;
  primary: boolean;
  node: string;
  workspace: string;
  server: string;
  port: number;
  scheme: Scheme;
  health: Health;
  health_since?: string | null;
  health_detail?: string | null;
  open?: OpenCounts | null;
  role?: Role | null;
  created_time: string;
}

export interface NewCustomer {
  name: string;
  mail: string;
  server: string;
  port: number;
  scheme: Scheme;
  admin: { user: string; password: string };
  primary: boolean;
}

export interface Access {
  customer?: CustomerRef | null;
  count: number;
  allowed: boolean;
  reason?: SkipReason | null;
}

export interface Grant {
  id: string;
  user: string;
  email: string;
  customer: string;
  customer_name: string;
  desired?: Role | null;
  applied?: Role | null;
  state: GrantState;
  detail?: string | null;
  granted_by: string;
  updated_time: string;
}

export interface NewGrant {
  user: string;
  customer: string;
  role: Role | null;
}

export interface Me {
  id: string;
  email: string;
  name: string;
  role: Role;
  csrf: string;
}

export interface NodeMe {
  user: string;
  kind: string;
  workspace?: string | null;
  workspace_name?: string | null;
  region: string;
  csrf: string;
}

export interface UseLink {
  token: string;
  name?: string | null;
  password: string;
}

export interface Link {
  link: string;
  token: string;
  expires_time: string;
}

export interface NewUser {
  email: string;
  name: string;
  role: Role;
}

export interface User {
  id: string;
  email: string;
  name: string;
  role: Role;
  active: boolean;
}

export interface CreatedUser {
  user: User;
  link: Link;
}

export interface LogSearch {
  query: string;
  from?: string | null;
  to?: string | null;
  limit?: number | null;
  cursor?: string | null;
}

export interface EventRow {
  id: string;
  event_time: string;
  receipt_time: string;
  source: string;
  source_category: string;
  record_type: string;
  reason_code?: string | null;
  reason?: string | null;
  vendor?: string | null;
  product?: string | null;
  parser?: string | null;
  event_code?: string | null;
  message: string;
  raw: string;
  ecs: Record<string, unknown>;
  fields: Record<string, unknown>;
}

export interface AuditEntry {
  id: number;
  time: string;
  actor: string;
  verb: string;
  customer?: string | null;
  outcome: string;
}

export interface Technician {
  email: string;
  name: string;
  role: Role;
  granted_by: string;
  granted_time: string;
  revoked_time?: string | null;
  last_seen?: string | null;
}

export interface EnrolmentInfo {
  console: string;
  console_name: string;
  enrolled_time: string;
  enrolled_by: string;
}

export interface NewSource {
  name: string;
  source_category: string;
  format: Format;
  tier: Tier;
  syslog_tcp?: string | null;
}

export interface Source {
  id: string;
  name: string;
  source_category: string;
  format: Format;
  tier: Tier;
  syslog_tcp?: string | null;
  syslog_error?: string | null;
  enabled: boolean;
  key_hint: string;
  stored: number;
  failed: number;
  bytes: number;
  dropped: number;
  last_seen?: string | null;
  created_time: string;
}

export interface CreatedSource {
  source: Source;
  ingest_key: string;
}

export interface NewWorkspace {
  name: string;
  admin: string;
}

export interface WorkspaceInfo {
  id: string;
  name: string;
  admin: string;
  created_time: string;
}

export interface CreatedWorkspace {
  workspace: WorkspaceInfo;
  link: Link;
}
