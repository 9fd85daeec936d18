import { useLocation, useNavigate, useSearch } from "@tanstack/react-router";
import * as api from "../api/node";
import { LogSearchView } from "../components/log-search";
import { readFragment, writeFragment } from "../lib/search";
import { Button } from "../ui/button";
import { PageHead } from "../ui/states";
import { useMe } from "./me";

const FAILED = "record_type:FailedRecord";

/** The workspace's own logs. */
export function LogsPage() {
  const me = useMe();
  const range = useSearch({ from: "/frame/logs" });
  const q = readFragment(useLocation({ select: (l) => l.hash }));
  const navigate = useNavigate({ from: "/logs" });
  const failed = q === FAILED;
  return (
    <div className="flex h-full min-w-[980px] flex-col gap-2.5 p-3">
      <PageHead title="Log search">
        <Button
          aria-pressed={failed}
          className={failed ? "border-accent bg-selected" : ""}
          onClick={() => void navigate({ search: range, hash: writeFragment(failed ? "" : FAILED) })}
        >
          Failed records
        </Button>
      </PageHead>
      <LogSearchView
        of={me.workspace ?? ""}
        search={api.searchLogs}
        asking="Searching…"
        state={{ q, ...range }}
        onState={({ q: text, ...rest }) => void navigate({ search: rest, hash: writeFragment(text) })}
      />
    </div>
  );
}
