import { createContext, useContext } from "react";
import type { Dashboard, DashboardQuery, PanelDef, TimeRange } from "../../api/dashboard-types";
import type { Scope } from "../../api/types";
import type { Whom } from "../../lib/dashboards/drill";
import type { Range } from "../../lib/dashboards/state";

export type PanelDialog = "table" | "explain" | "range";

/** What every panel of a page shares. */
export interface DashboardPage {
  dashboard: Dashboard;
  /** The question as it was asked. */
  query: DashboardQuery;
  whom: Whom;
  scope: Scope | undefined;
  /** The range a panel stands for, and the one it was given of its own. */
  rangeOf: (panel: PanelDef) => TimeRange;
  wordsOf: (panel: PanelDef) => string;
  ownRange: (panel: PanelDef) => Range | null;
  zoom: (panel: PanelDef, from: number, to: number) => void;
  retry: (panel: PanelDef) => void;
  open: (dialog: PanelDialog, panel: PanelDef) => void;
  menu: (kind: "actions" | "clock", panel: PanelDef, anchor: Element) => void;
  /** The course of a single value, from a panel that shows the same over time. */
  trendOf: (panel: PanelDef) => readonly number[] | null;
  /** Asks again, for what was changed here. */
  refresh: () => void;
}

const Page = createContext<DashboardPage | null>(null);
export const DashboardPageContext = Page.Provider;

export function useDashboardPage(): DashboardPage {
  const page = useContext(Page);
  if (!page) throw new Error("a panel stands on a page");
  return page;
}
