import type { DashboardQuery, Frame } from "../../api/dashboard-types";
import { queryDashboard } from "../../api/dashboards";
import type { Scope } from "../../api/types";

export interface Whole {
  frame: Frame;
  scope: Scope;
}

/** A panel with every series and group, none added up. */
export async function wholePanel(name: string, query: DashboardQuery, id: string, signal: AbortSignal): Promise<Whole> {
  const { series: _, progress: __, ...rest } = query;
  let frame: Frame | null = null;
  let fault: string | null = null;
  const panel = (answer: { frame?: Frame | null; error?: string | null }) => {
    frame = answer.frame ?? null;
    fault = answer.error ?? null;
  };
  const scope = await queryDashboard(name, { ...rest, only: [id] }, signal, { panel, progress: () => {} });
  if (fault !== null || frame === null) throw new Error(fault ?? "The panel was not answered");
  return { frame, scope };
}
