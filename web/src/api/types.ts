/** The wire types of both servers by their own names: aliases of what is generated from their OpenAPI documents. */
import type { components as console } from "./console.gen";
import type { components as node } from "./node.gen";

type C = console["schemas"];
type N = node["schemas"];

export type Status = C["Status"];
export type Priority = C["Priority"];
export type Disposition = C["Disposition"];
export type Origin = C["Origin"];
export type Role = C["Role"];
export type Sort = C["Sort"];
export type SkipReason = C["SkipReason"];
export type FailCode = C["FailCode"];
export type Health = C["Health"];
export type Scheme = C["Scheme"];
export type GrantState = C["GrantState"];
export type HealthCause = C["HealthCause"];
export type Direction = C["Direction"];
export type MailSecurity = C["MailSecurity"];
export type NotificationChannel = C["NotificationChannel"];
export type NotificationState = C["NotificationState"];
export type UserState = C["UserState"];
export type AccessLink = C["AccessLink"];
export type AuditModule = C["AuditModule"];
export type AuditFormat = "ndjson" | "csv";

export type Problem = C["Problem"];
export type Scope = C["Scope"];
export type CustomerRef = C["CustomerRef"];
export type Assignee = C["Assignee"];

export type Customer = C["Customer"];
export type NewCustomer = C["NewCustomer"];
export type CustomerPatch = C["CustomerPatch"];
export type Registration = C["Registration"];
export type Preflight = C["Preflight"];
export type PreflightStep = C["PreflightStep"];
export type PreflightCheck = C["PreflightCheck"];
export type PreflightResult = C["PreflightResult"];
export type ImportLine = C["ImportLine"];
export type ImportResult = C["ImportResult"];
export type Removal = C["Removal"];
export type RemovalKind = C["RemovalKind"];
export type RemovalState = C["RemovalState"];
export type OpenCounts = C["OpenCounts"];
export type CustomerHealth = C["CustomerHealth"];
export type LinkDirection = C["LinkDirection"];
export type LatencyBucket = C["LatencyBucket"];
export type HealthChange = C["HealthChange"];
export type Notifications = C["Notifications"];
export type PutNotifications = C["PutNotifications"];
export type Notification = C["Notification"];
export type NotificationTrial = C["NotificationTrial"];
export type Access = C["Access"];
export type AccessStep = C["AccessStep"];
export type Grant = C["Grant"];
export type NewGrant = C["NewGrant"];
export type Via = C["Via"];
export type Delegation = C["Delegation"];
export type NewDelegations = C["NewDelegations"];
export type Group = C["Group"];
export type GroupRef = C["GroupRef"];
export type NewGroup = C["NewGroup"];
export type GroupPatch = C["GroupPatch"];
export type User = C["User"];
export type UserPatch = C["UserPatch"];
export type NewUser = C["NewUser"];
export type CreatedUser = C["CreatedUser"];
export type Me = C["Me"];
export type UseLink = C["UseLink"];

export type Investigation = C["Investigation"];
export type InvestigationRow = C["InvestigationRow"];
export type InvestigationFilter = C["InvestigationFilter"];
export type InvestigationPatch = C["InvestigationPatch"];
export type CustomerInvestigation = C["CustomerInvestigation"];
export type Signal = C["Signal"];
export type MatchedField = C["MatchedField"];
export type RuleInfo = C["RuleInfo"];
export type HistoryEntry = C["HistoryEntry"];

export type Position = C["Position"];
export type LogSearch = C["LogSearch"];
export type LogHistogram = C["LogHistogram"];
export type Histogram = C["Histogram"];
export type LogFacets = C["LogFacets"];
export type Facets = C["Facets"];
export type Facet = C["Facet"];
export type SqlQuery = C["SqlQuery"];
/** A value of a row may be any JSON, which the document cannot say. */
export type SqlAnswer = Omit<C["SqlAnswer"], "rows"> & { rows: unknown[][] };
export type RunningSql = C["RunningSql"];
export type EventRow = C["EventRow"];
export type AuditEntry = C["AuditEntry"];
export type AuditCheck = C["AuditCheck"];

export type SyncState = C["SyncState"];
export type SyncModuleName = C["SyncModuleName"];
export type SyncSummary = C["SyncSummary"];
export type SyncStatus = C["SyncStatus"];
export type SyncModule = C["SyncModule"];
export type SyncRun = C["SyncRun"];
export type Component = C["Component"];
export type ComponentState = C["ComponentState"];
export type TechnicianCheck = C["TechnicianCheck"];
export type ContentVersion = C["ContentVersion"];
export type SettingOrigin = C["SettingOrigin"];
export type SettingOrigins = C["SettingOrigins"];
export type ReverseProxy = C["Proxy"];
export type PoolState = C["PoolState"];
export type CustomerSettings = C["CustomerSettings"];
export type CustomerSettingsNow = C["CustomerSettingsNow"];
export type LicenceResource = C["LicenceResource"];
export type LicencePool = C["LicencePool"];
export type PoolResource = C["PoolResource"];
export type PutPool = C["PutPool"];
export type Allocation = C["Allocation"];
export type AllocatedResource = C["AllocatedResource"];
export type AllocationState = C["AllocationState"];
export type PutAllocation = C["PutAllocation"];
export type Licences = C["Licences"];
export type NewEnrolmentCode = C["NewEnrolmentCode"];
export type CreatedEnrolmentCode = C["CreatedEnrolmentCode"];
export type EnrolmentCodeInfo = C["EnrolmentCodeInfo"];

export type NodeMe = N["NodeMe"];
export type Technician = N["Technician"];
export type EnrolmentInfo = N["EnrolmentInfo"];
export type Source = N["Source"];
export type NewSource = N["NewSource"];
export type HealthIssue = N["HealthIssue"];
export type CreatedSource = N["CreatedSource"];
export type Format = N["Format"];
export type Tier = N["Tier"];
export type SourcePatch = N["SourcePatch"];
export type Collector = N["Collector"];
export type CollectorState = N["CollectorState"];
export type NewCollector = N["NewCollector"];
export type CollectorPatch = N["CollectorPatch"];
export type HealthEvent = N["HealthEvent"];
export type IssueState = N["IssueState"];
export type Meter = N["Meter"];
export type MeterPage = N["MeterPage"];
export type DropCount = N["DropCount"];
export type DropCause = N["DropCause"];
export type Volume = N["Volume"];
export type VolumePage = N["VolumePage"];
export type LicenceState = N["LicenceState"];
export type Retention = N["Retention"];
export type Storage = N["Storage"];
export type TierStorage = N["TierStorage"];
export type Parser = N["Parser"];
export type ParserState = N["ParserState"];
export type ParserSource = N["ParserSource"];
export type NewParser = N["NewParser"];
export type NextParser = N["NextParser"];
export type ParserTest = N["ParserTest"];
export type TestedLine = N["TestedLine"];
export type FailedSummary = N["FailedSummary"];
export type FailedCount = N["FailedCount"];
export type ReplayFilter = N["ReplayFilter"];
export type Replay = N["Replay"];
export type RuleRow = N["RuleRow"];
export type RuleDetail = N["RuleDetail"];
export type RulePatch = N["RulePatch"];
export type RuleState = N["RuleState"];
export type NewRule = N["NewRule"];
export type RuleTest = N["RuleTest"];
export type RuleTestResult = N["RuleTestResult"];
export type TriedEvent = N["TriedEvent"];
export type SignalRow = N["SignalRow"];
export type Exception = N["Exception"];
export type ExceptionBody = N["ExceptionBody"];
export type NewException = N["NewException"];
export type EntityRow = N["EntityRow"];
export type EntitySetting = N["EntitySetting"];
export type CustomInsight = N["CustomInsight"];
export type NewCustomInsight = N["NewCustomInsight"];
export type CustomPriority = N["CustomPriority"];
export type DetectionSettings = N["DetectionSettings"];
export type WorkspaceInfo = N["WorkspaceInfo"];
export type NewWorkspace = N["NewWorkspace"];
export type CreatedWorkspace = N["CreatedWorkspace"];

/** A federated page. */
export interface Page<T> {
  data: T[];
  next?: string | null;
  scope: Scope;
}

/** Which lines of an audit are asked for; criteria are ANDed. */
export interface AuditFilter {
  actor?: string;
  /** An id, or `provider`. At a workspace there is no such question. */
  customer?: string;
  module?: AuditModule;
  outcome?: string;
  from?: string;
  to?: string;
}

/** A plain, bounded list of one server. */
export interface List<T> {
  data: T[];
}

/** The last object of an answer about a file of customers; the document names only those before it. */
export interface ImportReport {
  added: number;
  unchanged: number;
  failed: number;
}

/** A page of events, of one workspace or of one customer. */
export interface EventPage {
  data: EventRow[];
  next?: string | null;
  scope?: Scope;
}
