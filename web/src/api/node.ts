/** Every call of a node's API that the workspace's pages make. */
import { call, part } from "./http";
import type * as T from "./types";

export const me = () => call<T.NodeMe>("GET", "me");
export const signIn = (user: string, password: string) =>
  call<T.NodeMe>("POST", "session", { body: { user, password } });
export const signOut = () => call<void>("DELETE", "session");
export const openLink = (body: T.UseLink) => call<T.NodeMe>("POST", "setup", { body });

export const technicians = () => call<T.List<T.Technician>>("GET", "technicians");
export const revokeTechnician = (email: string) => call<void>("DELETE", `technicians/${part(email)}`);
export const restoreTechnician = (email: string) => call<T.Technician>("POST", `technicians/${part(email)}/restore`);
export const endEnrolment = (console: string) => call<void>("DELETE", `enrolments/${part(console)}`);
export const enrolments = () => call<T.List<T.EnrolmentInfo>>("GET", "enrolments");

export const sources = () => call<T.List<T.Source>>("GET", "sources");
export const addSource = (body: T.NewSource) => call<T.CreatedSource>("POST", "sources", { body });
export const rotateKey = (id: string) => call<T.CreatedSource>("POST", `sources/${part(id)}/key`);
export const setSourceEnabled = (id: string, enabled: boolean) =>
  call<T.Source>("PATCH", `sources/${part(id)}`, { body: { enabled } });

export const searchLogs = (body: T.LogSearch) => call<T.EventPage>("POST", "logs/search", { body });
export const investigations = () => call<T.List<T.InvestigationRow>>("GET", "investigations");
export const audit = () => call<T.List<T.AuditEntry>>("GET", "audit");

export const workspaces = () => call<T.List<T.WorkspaceInfo>>("GET", "workspaces");
export const addWorkspace = (body: T.NewWorkspace) => call<T.CreatedWorkspace>("POST", "workspaces", { body });
