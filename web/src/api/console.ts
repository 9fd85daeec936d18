/** Every call of the console's API that the pages make. */
import { filterQuery } from "../lib/queue-search";
import { call, part } from "./http";
import type * as T from "./types";

export const me = () => call<T.Me>("GET", "me");
export const signIn = (email: string, password: string) => call<T.Me>("POST", "session", { body: { email, password } });
export const signOut = () => call<void>("DELETE", "session");
export const openLink = (body: T.UseLink) => call<T.Me>("POST", "setup", { body });

export const customers = () => call<T.Page<T.Customer>>("GET", "customers");
export const addCustomer = (body: T.NewCustomer) => call<T.Customer>("POST", "customers", { body });
export const assignees = (customer: string) => call<T.List<T.Assignee>>("GET", `customers/${part(customer)}/assignees`);
export const searchLogs = (customer: string, body: T.LogSearch) =>
  call<T.Page<T.EventRow>>("POST", `customers/${part(customer)}/logs/search`, { body });

export const grants = (customer: string) =>
  call<T.List<T.Grant>>("GET", "grants", { query: `customer=${encodeURIComponent(customer)}` });
export const putGrant = (body: T.NewGrant) => call<T.Grant>("PUT", "grants", { body });
export const users = () => call<T.List<T.User>>("GET", "users");
export const addUser = (body: T.NewUser) => call<T.CreatedUser>("POST", "users", { body });

/** Search words go in a body, where they leave no trace in an address; a plain filter is a plain GET. */
export const investigations = (filter: T.InvestigationFilter) =>
  filter.q === undefined
    ? call<T.Page<T.Investigation>>("GET", "investigations", { query: filterQuery(filter) })
    : call<T.Page<T.Investigation>>("POST", "investigations/search", { body: filter });
export const investigation = (rrn: string) => call<T.CustomerInvestigation>("GET", `investigations/${part(rrn)}`);
export const patchInvestigation = (rrn: string, body: T.InvestigationPatch) =>
  call<T.Investigation>("PATCH", `investigations/${part(rrn)}`, { body });
export const records = (rrn: string, signal: string) =>
  call<T.List<T.EventRow>>("GET", `investigations/${part(rrn)}/records`, {
    query: `signal=${encodeURIComponent(signal)}`,
  });
export const rule = (rrn: string, id: string) =>
  call<T.RuleInfo>("GET", `investigations/${part(rrn)}/rules/${part(id)}`);

export const access = () => call<T.List<T.Access>>("GET", "me/access");
export const audit = () => call<T.List<T.AuditEntry>>("GET", "audit");
