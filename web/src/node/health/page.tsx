import { Link, useSearch } from "@tanstack/react-router";
import { HeartPulse, History } from "lucide-react";
import { useState } from "react";
import * as api from "../../api/node";
import type { HealthIssue } from "../../api/types";
import { Rows } from "../../components/rows";
import { usePages } from "../../lib/pages";
import { Empty, PageHead } from "../../ui/states";
import { LinkTabs, linkTabClass } from "../../ui/tabs";
import { AcknowledgeDialog } from "./acknowledge";
import { EventTable, IssueTable } from "./tables";
import { HEALTH_VIEWS, type HealthView } from "./views";

const TABS: Record<HealthView, string> = { open: "Open", resolved: "Resolved", changes: "Every change" };

/** What is wrong with collectors, sources, rules, parsers and the disk: now, before, and every change of it. */
export function HealthPage() {
  const { view } = useSearch({ from: "/frame/health" });
  return (
    <div className="flex h-full min-w-[892px] flex-col gap-2.5 p-3">
      <PageHead title="Health" note="of collectors, sources, rules, parsers and the disk" />
      <LinkTabs label="Parts of health">
        {HEALTH_VIEWS.map((each) => (
          <Link key={each} to="/health" search={{ view: each }} className={linkTabClass}>
            {TABS[each]}
          </Link>
        ))}
      </LinkTabs>
      {view === "changes" ? <Changes /> : <Issues key={view} state={view} />}
    </div>
  );
}

function Issues({ state }: { state: "open" | "resolved" }) {
  const pages = usePages(["health", "issues", state], (cursor) => api.healthIssues(state, cursor), 5000);
  const [asked, setAsked] = useState<HealthIssue | null>(null);
  return (
    <>
      <Rows
        label={state === "open" ? "Open issues" : "Resolved issues"}
        {...pages}
        empty={
          state === "open" ? (
            <Empty icon={<HeartPulse size={18} />} title="Nothing is wrong">
              Collectors, sources, rules, parsers and the disk are watched all the time. What fails appears here and
              stays until it works again.
            </Empty>
          ) : (
            <Empty icon={<History size={18} />} title="Nothing was wrong before">
              Issues that ended are kept here.
            </Empty>
          )
        }
      >
        {(rows) => <IssueTable rows={rows} onAcknowledge={setAsked} />}
      </Rows>
      <AcknowledgeDialog issue={asked} onClose={() => setAsked(null)} />
    </>
  );
}

function Changes() {
  const pages = usePages(["health", "events"], (cursor) => api.healthEvents(cursor), 10_000);
  return (
    <Rows
      label="Changes of health"
      {...pages}
      empty={
        <Empty icon={<History size={18} />} title="Health never changed">
          Each time something breaks, changes or works again, a line is added here.
        </Empty>
      }
    >
      {(rows) => <EventTable rows={rows} />}
    </Rows>
  );
}
