/** Every call of the console's API that the pages make. */
import type { paths } from "./console.gen";
import { answer, call, client, send } from "./http";
import { readLines } from "./lines";
import type { LogSource } from "./logs";
import type * as T from "./types";

const api = client<paths>();

export const me = () => answer(api.GET("/api/v1/me"));
export const signIn = (email: string, password: string) =>
  answer(api.POST("/api/v1/session", { body: { email, password } }));
export const signOut = () => answer(api.DELETE("/api/v1/session"));
export const openLink = (body: T.UseLink) => answer(api.POST("/api/v1/setup", { body }));

export const customers = (): Promise<T.Page<T.Customer>> => answer(api.GET("/api/v1/customers"));
export const customer = (id: string) => answer(api.GET("/api/v1/customers/{id}", { params: { path: { id } } }));
export const addCustomer = (body: T.NewCustomer) => answer(api.POST("/api/v1/customers", { body }));
export const updateCustomer = (id: string, body: T.CustomerPatch) =>
  answer(api.PATCH("/api/v1/customers/{id}", { params: { path: { id } }, body }));

const LINES = "application/x-ndjson";

/** The last object of an answer that holds one a line; those before it are told as they come. */
async function lastOf<Each extends object, Last extends object>(
  body: ReadableStream<Uint8Array> | null | undefined,
  how: {
    signal: AbortSignal;
    isLast: (object: Each | Last) => object is Last;
    told: (each: Each) => void;
    early: string;
  },
): Promise<Last> {
  let last: Last | null = null;
  try {
    for await (const each of readLines(body)) {
      const object = each as Each | Last;
      if (how.isLast(object)) last = object;
      else how.told(object);
    }
  } catch (cause) {
    if (how.signal.aborted) throw cause;
  }
  if (last === null) throw new Error(how.early);
  return last;
}

/** Looks at everything that saving would; each step is told as it ends. `customer` is the one that is edited. */
export async function preflight(
  body: T.NewCustomer,
  customer: string | undefined,
  signal: AbortSignal,
  told: (step: T.PreflightStep) => void,
): Promise<T.Preflight> {
  const { data } = await api.POST("/api/v1/customers/preflight", {
    params: { query: { customer } },
    body,
    headers: { accept: LINES },
    parseAs: "stream",
    signal,
  });
  return lastOf<T.PreflightStep, T.Preflight>(data, {
    signal,
    isLast: (object): object is T.Preflight => "steps" in object,
    told,
    early: "The console’s answer ended early: not everything was looked at. Check again.",
  });
}
export const registration = (id: string) =>
  answer(api.GET("/api/v1/customers/{id}/registration", { params: { path: { id } } }));
export const deleteCustomer = (id: string, password: string, now: boolean) =>
  answer(api.DELETE("/api/v1/customers/{id}", { params: { path: { id } }, body: { password, now } }));
export const forceDelete = (id: string, reason: string, password: string) =>
  answer(api.POST("/api/v1/customers/{id}/force-delete", { params: { path: { id } }, body: { reason, password } }));
export const restoreCustomer = (id: string) =>
  answer(api.POST("/api/v1/customers/{id}/restore", { params: { path: { id } } }));
export const removals = () => answer(api.GET("/api/v1/removals"));

/** Adds the customers of a CSV file; each line's fate is told as it comes, the report at last. */
export async function importCustomers(file: string, signal: AbortSignal, told: (line: T.ImportLine) => void) {
  const { data } = await api.POST("/api/v1/customers/import", {
    body: file,
    bodySerializer: (text) => text,
    headers: { "content-type": "text/csv" },
    parseAs: "stream",
    signal,
  });
  return lastOf<T.ImportLine, T.ImportReport>(data, {
    signal,
    isLast: (object): object is T.ImportReport => !("line" in object),
    told,
    early: "The console’s answer ended early. Give the same file again: no customer is added twice.",
  });
}
export const assignees = (id: string) =>
  answer(api.GET("/api/v1/customers/{id}/assignees", { params: { path: { id } } }));

/** The logs of one customer. */
export function logsOf(id: string): LogSource {
  const params = { path: { id } };
  return {
    search: (body) => answer(api.POST("/api/v1/customers/{id}/logs/search", { params, body })),
    histogram: (body) => answer(api.POST("/api/v1/customers/{id}/logs/histogram", { params, body })),
    facets: (body) => answer(api.POST("/api/v1/customers/{id}/logs/facets", { params, body })),
    sql: (body, signal) => answer(api.POST("/api/v1/customers/{id}/sql", { params, body, signal })),
    running: () => answer(api.GET("/api/v1/customers/{id}/sql", { params })),
    stop: (query) => answer(api.DELETE("/api/v1/customers/{id}/sql/{query}", { params: { path: { id, query } } })),
    context: (event, before, after) =>
      call("POST", `/api/v1/customers/${encodeURIComponent(id)}/logs/context`, { body: { event, before, after } }),
    csv: (body) =>
      send("POST", `/api/v1/customers/${encodeURIComponent(id)}/logs/export`, { body, accept: "text/csv" }),
  };
}

export const grants = (customer: string) => answer(api.GET("/api/v1/grants", { params: { query: { customer } } }));
export const putGrant = (body: T.NewGrant) => answer(api.PUT("/api/v1/grants", { body }));
export const grantsOf = (user: string) => answer(api.GET("/api/v1/grants", { params: { query: { user } } }));
interface DelegationsOf {
  user?: string;
  customer?: string;
  group?: string;
}
export const delegations = (of: DelegationsOf, cursor?: string) =>
  answer(api.GET("/api/v1/delegations", { params: { query: { ...of, limit: 1000, cursor } } }));
export const addDelegations = (body: T.NewDelegations) => answer(api.POST("/api/v1/delegations", { body }));
export const removeDelegation = (id: string) =>
  answer(api.DELETE("/api/v1/delegations/{id}", { params: { path: { id } } }));
export const groups = () => answer(api.GET("/api/v1/groups"));
export const group = (id: string) => answer(api.GET("/api/v1/groups/{id}", { params: { path: { id } } }));
export const addGroup = (body: T.NewGroup) => answer(api.POST("/api/v1/groups", { body }));
export const patchGroup = (id: string, body: T.GroupPatch) =>
  answer(api.PATCH("/api/v1/groups/{id}", { params: { path: { id } }, body }));
/** With `force` the delegations that name it go, too. */
export const removeGroup = (id: string, force: boolean) =>
  answer(api.DELETE("/api/v1/groups/{id}", { params: { path: { id }, query: force ? { force } : {} } }));

export const users = () => answer(api.GET("/api/v1/users"));
export const addUser = (body: T.NewUser) => answer(api.POST("/api/v1/users", { body }));
export const patchUser = (id: string, body: T.UserPatch) =>
  answer(api.PATCH("/api/v1/users/{id}", { params: { path: { id } }, body }));
export const removeUser = (id: string) => answer(api.DELETE("/api/v1/users/{id}", { params: { path: { id } } }));
export const userLink = (id: string) => answer(api.POST("/api/v1/users/{id}/link", { params: { path: { id } } }));

export const health = (id: string) => answer(api.GET("/api/v1/customers/{id}/health", { params: { path: { id } } }));
export const notifications = () => answer(api.GET("/api/v1/notifications"));
export const putNotifications = (body: T.PutNotifications) => answer(api.PUT("/api/v1/notifications", { body }));
export const testNotifications = () => answer(api.POST("/api/v1/notifications/test"));

export const investigation = (rrn: string) =>
  answer(api.GET("/api/v1/investigations/{rrn}", { params: { path: { rrn } } }));
export const records = (rrn: string, signal: string) =>
  answer(api.GET("/api/v1/investigations/{rrn}/records", { params: { path: { rrn }, query: { signal } } }));
export const rule = (rrn: string, rule_id: string) =>
  answer(api.GET("/api/v1/investigations/{rrn}/rules/{rule_id}", { params: { path: { rrn, rule_id } } }));

export const access = (customer?: string) => answer(api.GET("/api/v1/me/access", { params: { query: { customer } } }));
/** Why somebody else sees a customer or not: what the nodes last confirmed, for nobody is impersonated. */
export const accessOf = (id: string, customer?: string) =>
  answer(api.GET("/api/v1/users/{id}/access", { params: { path: { id }, query: { customer } } }));
export const audit = (filter: T.AuditFilter, cursor?: string) =>
  answer(api.GET("/api/v1/audit", { params: { query: { ...filter, cursor } } }));
export const verifyAudit = (after?: number) =>
  answer(api.GET("/api/v1/audit/verify", { params: { query: { after } } }));

export const syncStatus = (id: string) => answer(api.GET("/api/v1/customers/{id}/sync", { params: { path: { id } } }));
export const syncNow = (id: string) => answer(api.POST("/api/v1/customers/{id}/sync", { params: { path: { id } } }));
export const customerSettings = () => answer(api.GET("/api/v1/settings/customers"));
export const putCustomerSettings = (body: T.CustomerSettings) =>
  answer(api.PUT("/api/v1/settings/customers", { body }));

export const licences = () => answer(api.GET("/api/v1/licences"));
export const licencePool = () => answer(api.GET("/api/v1/licences/pool"));
export const putPool = (body: T.PutPool) => answer(api.PUT("/api/v1/licences/pool", { body }));
export const licence = (id: string) => answer(api.GET("/api/v1/customers/{id}/licence", { params: { path: { id } } }));
export const putLicence = (id: string, body: T.PutAllocation) =>
  answer(api.PUT("/api/v1/customers/{id}/licence", { params: { path: { id } }, body }));

export const enrolmentCodes = () => answer(api.GET("/api/v1/enrolment-codes"));
export const addEnrolmentCode = (body: T.NewEnrolmentCode) => answer(api.POST("/api/v1/enrolment-codes", { body }));
export const withdrawEnrolmentCode = (id: string) =>
  answer(api.DELETE("/api/v1/enrolment-codes/{id}", { params: { path: { id } } }));
