/** Every call of a node's API that the workspace's pages make. */
import { answer, client } from "./http";
import type { paths } from "./node.gen";
import type * as T from "./types";

const api = client<paths>();

export const me = () => answer(api.GET("/api/v1/me"));
export const signIn = (user: string, password: string) =>
  answer(api.POST("/api/v1/session", { body: { user, password } }));
export const signOut = () => answer(api.DELETE("/api/v1/session"));
export const openLink = (body: T.UseLink) => answer(api.POST("/api/v1/setup", { body }));

export const technicians = () => answer(api.GET("/api/v1/technicians"));
export const revokeTechnician = (email: string) =>
  answer(api.DELETE("/api/v1/technicians/{email}", { params: { path: { email } } }));
export const restoreTechnician = (email: string) =>
  answer(api.POST("/api/v1/technicians/{email}/restore", { params: { path: { email } } }));
export const enrolments = () => answer(api.GET("/api/v1/enrolments"));
export const endEnrolment = (console: string) =>
  answer(api.DELETE("/api/v1/enrolments/{console}", { params: { path: { console } } }));

export const sources = () => answer(api.GET("/api/v1/sources"));
export const addSource = (body: T.NewSource) => answer(api.POST("/api/v1/sources", { body }));
export const rotateKey = (source: string) =>
  answer(api.POST("/api/v1/sources/{source}/key", { params: { path: { source } } }));
export const setSourceEnabled = (source: string, enabled: boolean) =>
  answer(api.PATCH("/api/v1/sources/{source}", { params: { path: { source } }, body: { enabled } }));

export const healthIssues = () => answer(api.GET("/api/v1/health/issues"));
export const acknowledgeIssue = (issue: string) =>
  answer(api.POST("/api/v1/health/issues/{id}/acknowledge", { params: { path: { id: issue } }, body: {} }));

export const searchLogs = (body: T.LogSearch): Promise<T.EventPage> =>
  answer(api.POST("/api/v1/logs/search", { body }));
export const investigations = () => answer(api.GET("/api/v1/investigations"));
export const audit = () => answer(api.GET("/api/v1/audit"));

export const workspaces = () => answer(api.GET("/api/v1/workspaces"));
export const addWorkspace = (body: T.NewWorkspace) => answer(api.POST("/api/v1/workspaces", { body }));
