import { useLocation, useNavigate, useSearch } from "@tanstack/react-router";
import * as api from "../api/node";
import { LogSearchView } from "../components/log-search";
import { LogViews } from "../components/log-views";
import { SqlView } from "../components/sql-view";
import { readFragment, writeFragment } from "../lib/search";
import { Button } from "../ui/button";
import { PageHead } from "../ui/states";
import { useMe } from "./me";
import { useSourceNames } from "./use-source-names";

const FAILED = "record_type:FailedRecord";

/** The workspace's own logs. */
export function LogsPage() {
  const me = useMe();
  const { view, ...range } = useSearch({ from: "/frame/logs" });
  const hash = useLocation({ select: (l) => l.hash });
  const q = readFragment(hash);
  const navigate = useNavigate({ from: "/logs" });
  const nameOf = useSourceNames();
  const failed = q === FAILED;
  return (
    <div className="flex h-full min-w-[892px] flex-col gap-2.5 p-3">
      <PageHead title="Log search">
        {view === "sql" ? null : (
          <Button
            aria-pressed={failed}
            className={failed ? "border-accent bg-selected" : ""}
            onClick={() => void navigate({ search: range, hash: writeFragment(failed ? "" : FAILED) })}
          >
            Failed records
          </Button>
        )}
        <LogViews
          view={view ?? "search"}
          onView={(next) => void navigate({ search: next === "sql" ? { ...range, view: "sql" } : range, hash: "" })}
        />
      </PageHead>
      {view === "sql" ? (
        <SqlView
          of={me.workspace ?? ""}
          source={api.logs}
          sql={readFragment(hash, "sql")}
          onSql={(sql) => void navigate({ search: { ...range, view }, hash: writeFragment(sql, "sql") })}
          files
        />
      ) : (
        <LogSearchView
          of={me.workspace ?? ""}
          source={api.logs}
          asking="Searching…"
          nameOf={(field, value) => (field === "source" ? nameOf(value) : value)}
          state={{ q, ...range }}
          onState={({ q: text, ...rest }) => void navigate({ search: rest, hash: writeFragment(text) })}
        />
      )}
    </div>
  );
}
