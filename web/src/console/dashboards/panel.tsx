import { CircleAlert, Clock, Ellipsis, RefreshCw, Unplug } from "lucide-react";
import { type KeyboardEvent, memo, useRef } from "react";
import type { PanelAnswer, PanelDef } from "../../api/dashboard-types";
import { cn } from "../../lib/cn";
import { isEmpty } from "../../lib/dashboards/frame";
import { spanWords } from "../../lib/dashboards/state";
import { MEASURE, UNIT } from "../../lib/dashboards/words";
import { plural } from "../../lib/format";
import { Button, IconButton } from "../../ui/button";
import { Badge } from "../../ui/marks";
import { useDashboardPage } from "./context";
import { PanelBody } from "./panel-body";

interface Props {
  panel: PanelDef;
  answer: PanelAnswer | undefined;
  waiting: boolean;
  /** How tall, in pixels. */
  height: number;
}

/** One panel: its name, its range, its menu, and its numbers or why there are none. */
export const PanelBox = memo(function PanelBox({ panel, answer, waiting, height }: Props) {
  const page = useDashboardPage();
  const menu = useRef<HTMLButtonElement>(null);
  const own = page.ownRange(panel);
  const small = panel.chart === "single" && height < 100;
  const press = (event: KeyboardEvent) => {
    if (event.target !== event.currentTarget || event.key !== "Enter" || !menu.current) return;
    event.preventDefault();
    page.menu("actions", panel, menu.current);
  };
  return (
    <section
      aria-label={panel.title}
      aria-busy={waiting}
      id={`panel-${panel.id}`}
      data-panel={panel.id}
      // biome-ignore lint/a11y/noNoninteractiveTabindex: Tab reaches each panel, Enter opens its menu
      tabIndex={0}
      onKeyDown={press}
      style={{ height }}
      className="group/panel flex min-w-0 flex-col rounded-md border border-line bg-surface px-2.5 pb-1.5"
    >
      <div className={cn("flex shrink-0 items-center gap-1.5", small ? "h-6.5" : "h-8")}>
        <h3 className="min-w-0 truncate text-sm font-medium text-muted" title={panel.title}>
          {panel.title}
        </h3>
        {panel.unit === "gb" || panel.unit === "gb_per_day" ? (
          <span className="shrink-0 text-xs text-muted">{UNIT[panel.unit]}</span>
        ) : null}
        <Marks panel={panel} answer={answer} />
        <span className="-mr-1.5 ml-auto flex shrink-0">
          <IconButton
            label={`Time range of ${panel.title}: ${page.wordsOf(panel)}`}
            aria-haspopup="menu"
            className={cn("size-6", own ? "text-accent" : "")}
            onClick={(event) => page.menu("clock", panel, event.currentTarget)}
          >
            <Clock size={13} aria-hidden="true" />
          </IconButton>
          <IconButton
            ref={menu}
            label={`Menu of ${panel.title}`}
            aria-haspopup="menu"
            className="size-6"
            onClick={(event) => page.menu("actions", panel, event.currentTarget)}
          >
            <Ellipsis size={15} aria-hidden="true" />
          </IconButton>
        </span>
      </div>
      <Content panel={panel} answer={answer} waiting={waiting} />
    </section>
  );
});

/** What is not as it would be: a range of its own, numbers that are missing. */
function Marks({ panel, answer }: { panel: PanelDef; answer: PanelAnswer | undefined }) {
  const page = useDashboardPage();
  const own = page.ownRange(panel);
  const missing = answer?.frame?.missing ?? 0;
  return (
    <>
      {own ? <Badge tone="accent">{typeof own === "string" ? spanWords(own) : "own range"}</Badge> : null}
      {answer?.partial ? <Badge>so far</Badge> : null}
      {missing > 0 && !answer?.partial ? (
        <Badge
          tone="warn"
          title={`${plural(missing, "customer")} did not answer: their numbers are missing here, they are not zero`}
        >
          <Unplug size={11} aria-hidden="true" />
          {missing} missing
          <span className="sr-only">: not zero</span>
        </Badge>
      ) : null}
    </>
  );
}

function Content({ panel, answer, waiting }: Omit<Props, "height">) {
  const page = useDashboardPage();
  if (answer?.error) {
    return (
      <div role="alert" className="flex min-h-0 flex-1 flex-col items-start justify-center gap-2 overflow-auto text-sm">
        <span className="flex gap-2">
          <CircleAlert size={14} className="mt-px shrink-0 text-danger" aria-hidden="true" />
          <span className="min-w-0 break-words">{answer.error}</span>
        </span>
        <Button busy={waiting} icon={<RefreshCw size={13} aria-hidden="true" />} onClick={() => page.retry(panel)}>
          Try again
        </Button>
      </div>
    );
  }
  const frame = answer?.frame;
  if (!frame) return waiting ? <Waiting panel={panel} /> : <Nothing says="Not asked yet" />;
  if (isEmpty(panel, frame)) return <Nothing says={nothing(panel, page.wordsOf(panel))} />;
  return (
    <div className={cn("flex min-h-0 min-w-0 flex-1 flex-col", waiting ? "opacity-60" : "")}>
      <PanelBody panel={panel} frame={frame} />
    </div>
  );
}

/** What an empty panel says; an outlier panel leaves out the bucket under way, which may hold all there is. */
function nothing(panel: PanelDef, range: string): string {
  const none = `${MEASURE[panel.measure].none} ${range}`;
  return panel.chart === "outlier" ? `${none}, the bucket still under way left out` : none;
}

function Nothing({ says }: { says: string }) {
  return (
    <div className="flex min-h-0 flex-1 items-center justify-center px-4 text-center text-muted" data-empty="">
      {says}
    </div>
  );
}

/** Grey where the numbers will stand, of their size. */
function Waiting({ panel: { chart } }: { panel: PanelDef }) {
  if (chart === "single") return <div className="skeleton mt-1 h-7 w-28" />;
  if (chart === "bar" || chart === "table") {
    return (
      <div className="flex min-h-0 flex-1 flex-col gap-2.5 overflow-hidden pt-1.5">
        {[92, 74, 61, 48, 40, 33, 27].map((width) => (
          <div key={width} className="skeleton h-3 shrink-0" style={{ width: `${width}%` }} />
        ))}
      </div>
    );
  }
  if (chart === "pie") return <div className="skeleton my-auto size-28 rounded-full!" />;
  return <div className="skeleton my-2 min-h-0 flex-1" />;
}
