/** The calls of the dashboards. */
import type * as D from "./dashboard-types";
import { call, send } from "./http";
import { readLines } from "./lines";
import type { List, Scope } from "./types";

const BASE = "/api/v1/dashboards";
const at = (name: string) => `${BASE}/${encodeURIComponent(name)}`;

export const dashboards = () => call<List<D.DashboardLine>>("GET", BASE);
export const dashboard = (name: string) => call<D.Dashboard>("GET", at(name));
export const addDashboard = (body: D.Dashboard) => call<D.Dashboard>("POST", BASE, { body });
/** 409 when somebody else wrote it since: the body names the version it was made against. */
export const putDashboard = (body: D.Dashboard) => call<D.Dashboard>("PUT", at(body.name), { body });
export const removeDashboard = (name: string) => call<void>("DELETE", at(name));

export const rateCards = () => call<List<D.RateCard>>("GET", "/api/v1/rate-cards");
export const putRateCard = (body: D.RateCard) => call<D.RateCard>("PUT", "/api/v1/rate-cards", { body });
export const removeRateCard = ({ customer, effective_from }: D.RateCard) =>
  call<void>("DELETE", "/api/v1/rate-cards", { query: { customer, effective_from } });

export const acknowledgeSilence = (customer: string, body: D.AcknowledgeSilence) =>
  call<unknown>("POST", `/api/v1/customers/${encodeURIComponent(customer)}/silent-categories/acknowledge`, { body });

export const healthScore = (customer: string) =>
  call<D.HealthScore>("GET", `/api/v1/customers/${encodeURIComponent(customer)}/health-score`);

interface Told {
  panel: (panel: D.PanelAnswer) => void;
  progress: (progress: D.DashboardProgress) => void;
}

/** Asks for panels; each is told as it comes. Ends with the scope; the signal stops the question at the nodes. */
export async function queryDashboard(
  name: string,
  body: D.DashboardQuery,
  signal: AbortSignal,
  told: Told,
): Promise<Scope> {
  const response = await send("POST", `${at(name)}/query`, { body, signal, accept: "application/x-ndjson" });
  let scope: Scope | null = null;
  for await (const line of readLines(response.body)) {
    const answer = line as D.DashboardAnswer;
    if ("panel" in answer) told.panel(answer);
    else if ("progress" in answer) told.progress(answer.progress);
    else if ("scope" in answer) scope = answer.scope;
  }
  if (!scope) throw new Error("The console’s answer ended early: not every panel is here. Ask again.");
  return scope;
}
