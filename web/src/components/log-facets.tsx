import { Minus } from "lucide-react";
import { useState } from "react";
import type { Facet, Facets } from "../api/pending";
import { cn } from "../lib/cn";
import { count } from "../lib/format";

interface Props {
  facets: Facets;
  /** What is shown belongs to the question before. */
  stale: boolean;
  /** What people call a value that is an id. */
  nameOf?: (field: string, value: string) => string;
  /** Adds a condition to the query. */
  onAdd: (field: string, value: string, not: boolean) => void;
}

const SHORT = 5;

/** The most frequent values of some fields; a click narrows the search to one, or leaves it out. */
export function LogFacets({ facets, stale, nameOf, onAdd }: Props) {
  const shown = facets.data.filter((facet) => facet.values.length > 0);
  return (
    <section
      aria-label="Fields"
      // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard (WCAG 2.1.1)
      tabIndex={0}
      className={cn(
        "w-56 shrink-0 overflow-auto rounded-md border border-line bg-surface px-2 py-1.5",
        stale ? "opacity-60" : "",
      )}
    >
      {shown.length === 0 ? <p className="px-1 py-2 text-sm text-muted">No values to choose from.</p> : null}
      {shown.map((facet) => (
        <FacetList key={facet.field} facet={facet} total={facets.total} nameOf={nameOf} onAdd={onAdd} />
      ))}
    </section>
  );
}

interface ListProps extends Pick<Props, "nameOf" | "onAdd"> {
  facet: Facet;
  total: number;
}

function FacetList({ facet, total, nameOf, onAdd }: ListProps) {
  const [all, setAll] = useState(false);
  const values = all ? facet.values : facet.values.slice(0, SHORT);
  return (
    <div className="mb-2" data-facet={facet.field}>
      <h3 className="mono px-1 py-0.5 text-muted" title={facet.field}>
        {facet.field}
      </h3>
      <ul>
        {values.map(({ value, rows }) => (
          <li key={value} className="group relative flex h-6 items-center rounded-sm hover:bg-hover">
            <span
              className="absolute inset-y-0.5 left-0 rounded-sm bg-selected"
              style={{ width: `${total > 0 ? (rows / total) * 100 : 0}%` }}
              aria-hidden="true"
            />
            <button
              type="button"
              className="relative flex h-6 min-w-0 flex-1 items-center gap-2 px-1 text-left text-sm"
              title={`${value}: click for only these, Alt and click for all but these`}
              onClick={(event) => onAdd(facet.field, value, event.altKey)}
            >
              <span className="min-w-0 flex-1 truncate">{nameOf?.(facet.field, value) ?? value}</span>
              <span className="text-muted">
                {count(rows)}
                {facet.exact === false ? "+" : ""}
              </span>
            </button>
            <button
              type="button"
              aria-label={`Leave out ${facet.field} ${value}`}
              title={`All but ${value}`}
              className="relative flex size-6 shrink-0 items-center justify-center rounded-sm text-muted opacity-0 group-hover:opacity-100 hover:text-text focus-visible:opacity-100"
              onClick={() => onAdd(facet.field, value, true)}
            >
              <Minus size={13} aria-hidden="true" />
            </button>
          </li>
        ))}
      </ul>
      <div className="flex items-center justify-between gap-2 pl-1 text-xs text-muted">
        <span>{rest(facet)}</span>
        {facet.values.length > SHORT ? (
          <button
            type="button"
            className="h-6 rounded-sm px-1 hover:text-text hover:underline"
            onClick={() => setAll(!all)}
          >
            {all ? "fewer" : `${facet.values.length - SHORT} more`}
          </button>
        ) : null}
      </div>
    </div>
  );
}

function rest({ other_rows, missing_rows }: Facet): string {
  return [other_rows > 0 ? `${count(other_rows)} others` : "", missing_rows > 0 ? `${count(missing_rows)} without` : ""]
    .filter(Boolean)
    .join(", ");
}
