import { useQuery } from "@tanstack/react-query";
import { useLocation } from "@tanstack/react-router";
import { Bookmark, ChevronDown } from "lucide-react";
import { useEffect, useRef, useState } from "react";
import { ApiError } from "../../api/http";
import * as api from "../../api/me";
import type { SavedKind, SavedSearch } from "../../api/me-types";
import { ordered, presentOf, savedOf } from "../../lib/saved";
import { useStable } from "../../lib/use-stable";
import { buttonClass } from "../../ui/button";
import { Popover } from "../../ui/popover";
import { Failure, SkeletonRows } from "../../ui/states";
import { complain } from "../../ui/toast";
import { SaveForm } from "./save-form";
import { SavedRow } from "./saved-row";

type Body = Record<string, unknown>;

interface Props {
  kind: SavedKind;
  /** Whose environment this is; null over many customers: those are kept at the primary. */
  customer: string | null;
  /** What is searched for now. */
  body: Body;
  /** Searches for this instead. It replaces the address' fragment. */
  onApply: (body: Body) => void;
}

/** Searches kept to be used again: one's own, and what colleagues share. They stay with the customer they are about. */
export function SavedSearches({ kind, customer, body, onApply }: Props) {
  const at = customer ?? api.MANY;
  const [open, setOpen] = useState(false);
  const linked = savedOf(useLocation({ select: (l) => l.hash }));
  const query = useQuery({
    queryKey: ["saved", at, kind],
    queryFn: () => api.savedSearches(at, kind),
    enabled: open || linked !== null,
    staleTime: 10_000,
  });
  const all = query.data?.data;
  useLinked(linked, all, query.error, onApply);
  const present = all ? presentOf(all, body) : undefined;
  const apply = (one: SavedSearch) => {
    setOpen(false);
    onApply(one.body);
  };
  return (
    <Popover
      label={kind === "LOGS" ? "Saved queries" : "Saved filters"}
      className="w-[400px] max-w-[calc(100vw-32px)]"
      open={open}
      onOpenChange={setOpen}
      trigger={
        <button type="button" className={buttonClass("plain", "max-w-56", present ? "border-accent bg-selected" : "")}>
          <Bookmark size={14} className="shrink-0" aria-hidden="true" />
          <span className="truncate">{present ? `Saved: ${present.name}` : "Saved"}</span>
          <ChevronDown size={14} className="shrink-0 text-muted" aria-hidden="true" />
        </button>
      }
    >
      {query.error ? (
        <Unreadable error={query.error} many={customer === null} onRetry={() => void query.refetch()} />
      ) : all ? (
        <>
          <Lists all={all} at={at} body={body} present={present} onApply={apply} />
          <SaveForm kind={kind} at={at} body={body} />
        </>
      ) : (
        <SkeletonRows rows={3} label="Reading what was saved" />
      )}
    </Popover>
  );
}

/** Follows a link to a saved search, once. */
function useLinked(
  id: string | null,
  all: readonly SavedSearch[] | undefined,
  error: unknown,
  onApply: Props["onApply"],
) {
  const followed = useRef<string | null>(null);
  const follow = useStable((body: Body) => onApply(body));
  useEffect(() => {
    if (id === null || followed.current === id || (all === undefined && !error)) return;
    followed.current = id;
    const found = all?.find((one) => one.id === id);
    if (found) follow(found.body);
    else
      complain(
        "The saved search of this link cannot be opened",
        error instanceof ApiError
          ? (error.problem.detail ?? error.problem.title)
          : "It was deleted, or its owner does not share it. Everything is shown instead.",
      );
  }, [id, all, error, follow]);
}

interface ListsProps {
  all: readonly SavedSearch[];
  at: string;
  body: Body;
  present: SavedSearch | undefined;
  onApply: (one: SavedSearch) => void;
}

function Lists({ all, at, body, present, onApply }: ListsProps) {
  const { mine, shared } = ordered(all);
  if (all.length === 0) return <p className="px-3 pt-3 text-muted">Nothing was saved here yet.</p>;
  const list = (label: string, some: readonly SavedSearch[]) =>
    some.length > 0 ? (
      <section aria-label={label}>
        <h3 className="px-3 pt-2 pb-1 text-xs font-medium text-muted">{label}</h3>
        <ul>
          {some.map((one) => (
            <SavedRow key={one.id} saved={one} at={at} body={body} on={one === present} onApply={() => onApply(one)} />
          ))}
        </ul>
      </section>
    ) : null;
  return (
    <div className="max-h-72 overflow-auto">
      {list("Yours", mine)}
      {list("Shared by colleagues", shared)}
    </div>
  );
}

function Unreadable({ error, many, onRetry }: { error: unknown; many: boolean; onRetry: () => void }) {
  if (many && error instanceof ApiError && error.code === "NO_PRIMARY") {
    return (
      <div className="flex flex-col gap-1 p-3">
        <div className="font-medium">There is no place to keep it</div>
        <p className="text-muted">
          What you search for over many customers is kept in our own workspace, never at this console. Either no
          customer is marked as the primary, or you have no access to it. Ask an administrator; inside one customer’s
          environment searches can be saved all the same.
        </p>
      </div>
    );
  }
  return <Failure className="m-3" error={error} title="What was saved could not be read" onRetry={onRetry} />;
}
