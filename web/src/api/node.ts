/** Every call of a node's API that the workspace's pages make. */
import { answer, client } from "./http";
import type { LogSource } from "./logs";
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

/** The most rows a page of sources, collectors or health issues may have. */
const MOST = 1000;

export const sources = (cursor?: string) =>
  answer(api.GET("/api/v1/sources", { params: { query: { limit: MOST, cursor } } }));
export const addSource = (body: T.NewSource) => answer(api.POST("/api/v1/sources", { body }));
export const rotateKey = (source: string) =>
  answer(api.POST("/api/v1/sources/{source}/key", { params: { path: { source } } }));
export const patchSource = (source: string, body: T.SourcePatch) =>
  answer(api.PATCH("/api/v1/sources/{source}", { params: { path: { source } }, body }));
export const removeSource = (source: string) =>
  answer(api.DELETE("/api/v1/sources/{source}", { params: { path: { source } } }));

export const collectors = (cursor?: string) =>
  answer(api.GET("/api/v1/collectors", { params: { query: { limit: MOST, cursor } } }));
export const addCollector = (body: T.NewCollector) => answer(api.POST("/api/v1/collectors", { body }));
export const patchCollector = (collector: string, body: T.CollectorPatch) =>
  answer(api.PATCH("/api/v1/collectors/{collector}", { params: { path: { collector } }, body }));
export const removeCollector = (collector: string) =>
  answer(api.DELETE("/api/v1/collectors/{collector}", { params: { path: { collector } } }));

export const healthIssues = (state: T.IssueState, cursor?: string) =>
  answer(api.GET("/api/v1/health/issues", { params: { query: { state, cursor } } }));
export const healthEvents = (cursor?: string) =>
  answer(api.GET("/api/v1/health/events", { params: { query: { limit: 100, cursor } } }));
export const acknowledgeIssue = (issue: string, note: string) =>
  answer(
    api.POST("/api/v1/health/issues/{id}/acknowledge", {
      params: { path: { id: issue } },
      body: note === "" ? {} : { note },
    }),
  );

interface Buckets {
  from: string;
  to?: string;
  grain: number;
}
export type Dimension = "collector" | "source" | "sourcename" | "sourcecategory" | "sourcehost";

export const meters = (query: Buckets) => answer(api.GET("/api/v1/meters", { params: { query } }));
export const volume = (query: Buckets & { by: Dimension }) => answer(api.GET("/api/v1/volume", { params: { query } }));
export const licence = () => answer(api.GET("/api/v1/licence"));
export const storage = () => answer(api.GET("/api/v1/storage"));
export const retention = () => answer(api.GET("/api/v1/retention"));
export const setRetention = (body: T.Retention) => answer(api.PUT("/api/v1/retention", { body }));

/** The logs of the workspace of whoever is signed in. */
export const logs: LogSource = {
  search: (body) => answer(api.POST("/api/v1/logs/search", { body })),
  histogram: (body) => answer(api.POST("/api/v1/logs/histogram", { body })),
  facets: (body) => answer(api.POST("/api/v1/logs/facets", { body })),
  sql: (body, signal) => answer(api.POST("/api/v1/sql", { body, signal })),
  running: () => answer(api.GET("/api/v1/sql")),
  stop: (id) => answer(api.DELETE("/api/v1/sql/{id}", { params: { path: { id } } })),
};
export const investigations = () => answer(api.GET("/api/v1/investigations"));
export const audit = ({ actor, module, outcome, from, to }: T.AuditFilter, cursor?: string) =>
  answer(api.GET("/api/v1/audit", { params: { query: { actor, module, outcome, from, to, cursor } } }));
export const verifyAudit = (after?: number) =>
  answer(api.GET("/api/v1/audit/verify", { params: { query: { after } } }));

export const workspaces = () => answer(api.GET("/api/v1/workspaces"));
export const addWorkspace = (body: T.NewWorkspace) => answer(api.POST("/api/v1/workspaces", { body }));
