import { useQuery } from "@tanstack/react-query";
import { useParams, useSearch } from "@tanstack/react-router";
import { useCallback, useEffect, useMemo, useRef, useState } from "react";
import * as consoleApi from "../../api/console";
import type { Dashboard, DashboardQuery, PanelDef } from "../../api/dashboard-types";
import * as api from "../../api/dashboards";
import { ApiError } from "../../api/http";
import { loadEngine } from "../../charts/canvas";
import { ScopeLine } from "../../components/scope-line";
import type { Whom } from "../../lib/dashboards/drill";
import { timed, totals } from "../../lib/dashboards/frame";
import { GAP_PX, layout, pixels } from "../../lib/dashboards/layout";
import {
  answersTo,
  type DashboardState,
  panelRanges,
  queryOf,
  type Range,
  rangeOf,
  resolve,
  shortTitle,
  spanMs,
  spanWords,
  withPanelRange,
  withRange,
} from "../../lib/dashboards/state";
import { count, fullTime } from "../../lib/format";
import { useStable } from "../../lib/use-stable";
import { Age } from "../../ui/marks";
import { Failure, PageHead, SkeletonRows } from "../../ui/states";
import { MissingLink } from "../missing/link";
import { type DashboardPage, DashboardPageContext, type PanelDialog } from "./context";
import { CreditsTotal } from "./credits-total";
import { ExplainDialog, RangeDialog, TableDialog } from "./dialogs";
import { type OpenMenu, PanelMenus, useSetPanelRange } from "./menus";
import { OwnActions } from "./own";
import { PanelBox } from "./panel";
import { RateCardsButton } from "./rate-cards";
import { RateInputs, Toolbar, useSetState } from "./toolbar";
import { type Answers, useDashboardAnswers } from "./use-dashboard";

/** One dashboard, as its address says. */
export function DashboardRoute() {
  const { name } = useParams({ from: "/frame/dashboards/$name" });
  const query = useQuery({ queryKey: ["dashboards", name], queryFn: () => api.dashboard(name), staleTime: 60_000 });
  useEffect(() => void loadEngine(), []);
  return (
    <div className="flex min-w-[892px] flex-col gap-2 p-3">
      {query.data ? (
        <Loaded key={name} dashboard={query.data} />
      ) : query.error ? (
        <>
          <PageHead title="Dashboard" />
          <Failure
            error={query.error}
            title={gone(query.error) ? "There is no such dashboard" : "The dashboard could not be read"}
            onRetry={() => void query.refetch()}
          />
        </>
      ) : (
        <SkeletonRows label="Reading the dashboard" />
      )}
    </div>
  );
}

const gone = (error: unknown) => error instanceof ApiError && error.status === 404;

function Loaded({ dashboard }: { dashboard: Dashboard }) {
  const state = useSearch({ from: "/frame/dashboards/$name" });
  const answers = useDashboardAnswers(dashboard.name);
  const { query, refresh } = useAsking(dashboard, state, answers);
  const customers = useQuery({ queryKey: ["customers"], queryFn: consoleApi.customers, staleTime: 30_000 });
  const all = useMemo(
    () => (customers.data?.data ?? []).map(({ id, name, region }) => ({ id, name, region })),
    [customers.data],
  );
  const [menu, setMenu] = useState<OpenMenu | null>(null);
  const [dialog, setDialog] = useState<{ kind: PanelDialog; panel: PanelDef } | null>(null);
  const setPanelRange = useSetPanelRange(state);
  const page = usePage({ dashboard, state, query, answers, customers: all, refresh, setMenu, setDialog });
  useScrollTo(state.panel);
  const range = { from: query.from ?? "", to: query.to ?? "" };
  const shown = (kind: PanelDialog) => (dialog?.kind === kind ? dialog.panel : null);
  return (
    <DashboardPageContext value={page}>
      <PageHead title={shortTitle(dashboard.title)} note={<Note answers={answers} from={range.from} to={range.to} />}>
        {dashboard.filters.includes("rates") ? <RateCardsButton customers={all} onChanged={refresh} /> : null}
        <OwnActions dashboard={dashboard} state={state} />
      </PageHead>
      <Toolbar
        dashboard={dashboard}
        state={state}
        range={range}
        customers={all}
        busy={answers.running}
        onRefresh={refresh}
      />
      {dashboard.filters.includes("rates") ? (
        <>
          <RateInputs state={state} />
          <CreditsTotal dashboard={dashboard} panels={answers.panels} range={range} />
        </>
      ) : null}
      <ScopeRow answers={answers} onRetry={refresh} />
      <Sections dashboard={dashboard} answers={answers} />
      <PanelMenus
        open={menu}
        answer={menu ? answers.panels.get(menu.panel.id) : undefined}
        onClose={() => setMenu(null)}
        onRange={setPanelRange}
      />
      <TableDialog panel={shown("table")} onClose={() => setDialog(null)} />
      <ExplainDialog panel={shown("explain")} onClose={() => setDialog(null)} />
      <RangeDialog
        panel={shown("range")}
        onClose={() => setDialog(null)}
        onRange={(chosen) => {
          if (dialog) setPanelRange(dialog.panel, chosen);
          setDialog(null);
        }}
      />
    </DashboardPageContext>
  );
}

/** Asks what the address says, again when it changes, when somebody wants it, and as often as was chosen. */
function useAsking(dashboard: Dashboard, state: DashboardState, answers: ReturnType<typeof useDashboardAnswers>) {
  const [now, setNow] = useState(() => Date.now());
  const [turn, setTurn] = useState(0);
  // Where the page begins, and how often it asks, are no part of the question.
  const asked = JSON.stringify({ ...state, every: undefined, panel: undefined });
  const query = useMemo(() => queryOf(JSON.parse(asked) as DashboardState, dashboard, now), [asked, dashboard, now]);
  const { ask } = answers;
  // biome-ignore lint/correctness/useExhaustiveDependencies: another turn is another question, be it the same
  useEffect(() => {
    const ids = dashboard.sections.flatMap(({ panels }) => panels.map(({ id }) => id));
    void ask(query, ids);
  }, [query, turn, ask, dashboard]);
  const refresh = useStable(() => {
    setNow(Date.now());
    setTurn((one) => one + 1);
  });
  useEffect(() => {
    if (!state.every) return;
    const timer = setInterval(
      () => {
        if (!document.hidden) refresh();
      },
      spanMs(state.every === "30s" ? "1m" : state.every) / (state.every === "30s" ? 2 : 1),
    );
    return () => clearInterval(timer);
  }, [state.every, refresh]);
  return { query, refresh };
}

interface PageParts {
  dashboard: Dashboard;
  state: DashboardState;
  query: DashboardQuery;
  answers: Answers & { again: (query: DashboardQuery, id: string) => Promise<void> };
  customers: readonly { id: string; name: string }[];
  refresh: () => void;
  setMenu: (menu: OpenMenu) => void;
  setDialog: (dialog: { kind: PanelDialog; panel: PanelDef }) => void;
}

function usePage({
  dashboard,
  state,
  query,
  answers,
  customers,
  refresh,
  setMenu,
  setDialog,
}: PageParts): DashboardPage {
  const set = useStable(useSetState());
  const { again, panels, scope } = answers;
  const whom = useMemo(() => whomOf(query, customers), [query, customers]);
  const wanted = useMemo(() => panelRanges(state), [state]);
  const trends = useRef(new Map<string, { of: unknown; values: readonly number[] }>());
  const trendOf = useStable((panel: PanelDef) => trend(panel, dashboard, panels, trends.current));
  const zoom = useStable((panel: PanelDef, from: number, to: number) => {
    const range = { from: new Date(from).toISOString(), to: new Date(to).toISOString() };
    set(wanted.has(panel.id) ? withPanelRange(state, panel.id, range) : withRange(state, range));
  });
  return useMemo(() => {
    const ownRange = (panel: PanelDef): Range | null => wanted.get(panel.id) ?? panel.range ?? null;
    const page = { from: query.from ?? "", to: query.to ?? "" };
    const rangeOfPanel = (panel: PanelDef) =>
      query.panels?.[panel.id] ?? (panel.range ? resolve(panel.range, Date.parse(page.to)) : page);
    return {
      dashboard,
      query,
      whom,
      scope,
      ownRange,
      rangeOf: rangeOfPanel,
      wordsOf: (panel) => rangeWords(ownRange(panel) ?? rangeOf(state, dashboard)),
      zoom,
      retry: (panel) => void again(query, panel.id),
      open: (kind, panel) => setDialog({ kind, panel }),
      menu: (kind, panel, anchor) => setMenu({ kind, panel, anchor }),
      trendOf,
      refresh,
    };
  }, [dashboard, query, whom, scope, wanted, state, zoom, again, setDialog, setMenu, trendOf, refresh]);
}

/** `in the last 24 hours`, or between two times. */
function rangeWords(range: Range): string {
  if (typeof range === "string")
    return `in ${/^1\D/.test(range) ? `this ${spanWords(range).slice(2)}` : `these ${spanWords(range)}`}`;
  return `from ${fullTime(range.from)} to ${fullTime(range.to)}`;
}

function whomOf(query: DashboardQuery, customers: readonly { id: string; name: string }[]): Whom {
  const globs = query.org_name;
  const tiers = query.tier as Whom["tiers"];
  if (!globs) return { customers: null, globs, tiers };
  return { customers: customers.filter(({ name }) => globs.some((glob) => answersTo(name, glob))), globs, tiers };
}

/** The sums of a panel that shows the same measure over time, with the same range. */
function trend(
  panel: PanelDef,
  dashboard: Dashboard,
  answers: Answers["panels"],
  known: Map<string, { of: unknown; values: readonly number[] }>,
): readonly number[] | null {
  const like = dashboard.sections
    .flatMap(({ panels }) => panels)
    .find((one) => one.measure === panel.measure && one.bucket === "timeslice" && !one.range && !panel.range);
  const frame = like ? answers.get(like.id)?.frame : null;
  if (!like || !frame) return null;
  const before = known.get(panel.id);
  if (before?.of === frame) return before.values;
  const values = totals(timed(like, frame));
  known.set(panel.id, { of: frame, values });
  return values;
}

function Note({ answers: { updated }, from, to }: { answers: Answers; from: string; to: string }) {
  return (
    <>
      {fullTime(from).slice(0, -3)} – {fullTime(to).slice(0, -3)}
      {updated ? (
        <>
          {" "}
          · updated <Age time={new Date(updated).toISOString()} /> ago
        </>
      ) : null}
    </>
  );
}

/** How far the answer is, and at its end who is missing. Always as tall, so that nothing moves below it. */
function ScopeRow({
  answers: { running, progress, scope, error },
  onRetry,
}: {
  answers: Answers;
  onRetry: () => void;
}) {
  if (error) return <Failure error={error} title="The dashboard was not answered whole" onRetry={onRetry} />;
  return (
    <div className="flex h-7 items-center gap-3">
      {running ? (
        <>
          <Bar progress={progress} />
          <span role="status" className="text-muted" data-testid="progress">
            {progress
              ? `${count(progress.answered)} of ${count(progress.asked)} answered`
              : "Asking the customers’ nodes…"}
          </span>
        </>
      ) : scope ? (
        <>
          <ScopeLine scope={scope}>
            <MissingLink />
          </ScopeLine>
          {scope.complete ? null : <span className="text-muted">What is missing is not counted as zero.</span>}
        </>
      ) : null}
    </div>
  );
}

function Bar({ progress }: { progress: Answers["progress"] }) {
  const most = Math.max(1, progress?.asked ?? 1);
  const now = progress?.answered ?? 0;
  return (
    <span
      role="progressbar"
      aria-label="Customers that have answered"
      aria-valuemin={0}
      aria-valuemax={most}
      aria-valuenow={now}
      tabIndex={-1}
      className="h-1.5 w-40 overflow-hidden rounded-full bg-line"
    >
      <span className="block h-full bg-accent" style={{ width: `${(now / most) * 100}%` }} />
    </span>
  );
}

function Sections({ dashboard, answers }: { dashboard: Dashboard; answers: Answers }) {
  const sections = useMemo(
    () => dashboard.sections.map((section) => ({ title: section.title, rows: layout(section.panels) })),
    [dashboard],
  );
  return sections.map(({ title, rows }) => (
    <section key={title ?? ""} aria-label={title || undefined} className="flex flex-col gap-2">
      {title ? <h2 className="pt-2 text-base font-semibold">{title}</h2> : <h2 className="sr-only">Panels</h2>}
      {rows.map(({ blocks, height }) => (
        <div key={blocks[0]?.panels[0]?.id} className="grid grid-cols-12 gap-2" style={{ height: pixels(height) }}>
          {blocks.map(({ panels, span }) => (
            <div key={panels[0]?.id} className="flex min-w-0 flex-col gap-2" style={{ gridColumn: `span ${span}` }}>
              {panels.map((panel) => (
                <PanelBox
                  key={panel.id}
                  panel={panel}
                  answer={answers.panels.get(panel.id)}
                  waiting={answers.waiting.has(panel.id)}
                  height={(pixels(height) - (panels.length - 1) * GAP_PX) / panels.length}
                />
              ))}
            </div>
          ))}
        </div>
      ))}
    </section>
  ));
}

/** The panel an address names is brought into sight, once. */
function useScrollTo(panel: string | undefined): void {
  const done = useRef<string | undefined>(undefined);
  const go = useCallback(() => {
    if (!panel || done.current === panel) return;
    done.current = panel;
    const element = document.getElementById(`panel-${panel}`);
    element?.scrollIntoView({ block: "center" });
    element?.focus({ preventScroll: true });
  }, [panel]);
  useEffect(go, [go]);
}
