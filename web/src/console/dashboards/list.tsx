import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import {
  ChartColumnStacked,
  ChartLine,
  ChartPie,
  ChartScatter,
  Hash,
  LayoutDashboard,
  type LucideIcon,
  Plus,
  Rows3,
  Table2,
} from "lucide-react";
import { useState } from "react";
import type { Chart, Dashboard, DashboardLine } from "../../api/dashboard-types";
import * as api from "../../api/dashboards";
import { freeName } from "../../lib/dashboards/draft";
import { shortTitle } from "../../lib/dashboards/state";
import { CHART } from "../../lib/dashboards/words";
import { plural } from "../../lib/format";
import { Button } from "../../ui/button";
import { Age } from "../../ui/marks";
import { Empty, Failure, PageHead, SkeletonRows } from "../../ui/states";
import { DashboardEditor } from "./editor";
import { useMaySave } from "./own";

const ICON: Record<Chart, LucideIcon> = {
  single: Hash,
  table: Table2,
  bar: Rows3,
  pie: ChartPie,
  columns: ChartColumnStacked,
  lines: ChartLine,
  outlier: ChartScatter,
};

/** Every dashboard: the seven that come with the program, and own ones. */
export function DashboardsPage() {
  const query = useQuery({ queryKey: ["dashboards"], queryFn: api.dashboards });
  const may = useMaySave();
  const [start, setStart] = useState<Dashboard | null>(null);
  const all = query.data?.data ?? [];
  const own = all.filter(({ saved }) => saved);
  const fresh = (): Dashboard => ({
    name: freeName(
      "my-dashboard",
      all.map(({ name }) => name),
    ),
    title: "My dashboard",
    description: "",
    range: "24h",
    timeslice: "1h",
    filters: ["org_name", "timeslice"],
    sections: [{ title: "", panels: [] }],
  });
  return (
    <div className="flex min-w-[892px] flex-col gap-3 p-4">
      <PageHead title="Dashboards" note={query.data ? plural(all.length, "dashboard") : undefined}>
        {may ? (
          <Button icon={<Plus size={14} aria-hidden="true" />} onClick={() => setStart(fresh())}>
            New dashboard
          </Button>
        ) : null}
      </PageHead>
      {query.error ? (
        <Failure error={query.error} title="The dashboards could not be read" onRetry={() => void query.refetch()} />
      ) : query.data ? (
        <>
          <Cards label="Dashboards of the program" lines={all.filter(({ saved }) => !saved)} />
          <h2 className="mt-2 text-base font-semibold">Own dashboards</h2>
          {own.length > 0 ? (
            <Cards label="Own dashboards" lines={own} />
          ) : (
            <Empty icon={<LayoutDashboard size={18} />} title="There are none yet">
              {may
                ? "Begin with an empty one, or open one of those above and save it as your own."
                : "Managers and administrators can save some; ask one of them."}
            </Empty>
          )}
        </>
      ) : (
        <SkeletonRows label="Reading the dashboards" />
      )}
      <DashboardEditor start={start} fresh onClose={() => setStart(null)} />
    </div>
  );
}

function Cards({ label, lines }: { label: string; lines: readonly DashboardLine[] }) {
  return (
    <ul aria-label={label} className="grid grid-cols-3 gap-3">
      {lines.map((line) => (
        <li
          key={line.name}
          className="relative flex flex-col gap-1.5 rounded-md border border-line bg-surface p-4 hover:bg-hover"
        >
          <h3 className="text-base font-semibold">
            <Link
              to="/dashboards/$name"
              params={{ name: line.name }}
              search={{}}
              className="rounded-sm after:absolute after:inset-0 after:rounded-md after:content-['']"
            >
              {shortTitle(line.title)}
            </Link>
          </h3>
          <p className="line-clamp-2 text-muted">{line.description}</p>
          <div className="mt-auto flex items-center gap-3 pt-1 text-sm text-muted">
            <span>{plural(line.panels.length, "panel")}</span>
            <Kinds line={line} />
            {line.saved ? (
              <span className="ml-auto truncate">
                {line.saved.email}, <Age time={line.saved.updated_time} /> ago
              </span>
            ) : null}
          </div>
        </li>
      ))}
    </ul>
  );
}

/** What is on it, at a glance. */
function Kinds({ line }: { line: DashboardLine }) {
  const kinds = [...new Set(line.panels.map(({ kind }) => kind))];
  return (
    <span className="flex gap-1.5">
      {kinds.map((kind) => {
        const Icon = ICON[kind];
        return (
          <span key={kind} title={CHART[kind]}>
            <Icon size={14} aria-hidden="true" />
            <span className="sr-only">{CHART[kind]}</span>
          </span>
        );
      })}
    </span>
  );
}
