import { TextSearch } from "lucide-react";
import { createContext, type ReactNode, useContext } from "react";
import { pivotQuery } from "../lib/pivot";

/** What a click on a value leads to. */
interface Pivot {
  label: string;
  /** Where it leads, when it is a page. */
  href?: (query: string, time: string | null) => string;
  go: (query: string, time: string | null) => void;
}

export const PivotContext = createContext<Pivot | null>(null);

interface Props {
  /** The question; made of field and value unless told. */
  query?: string | null;
  field?: string;
  value: string;
  /** When it was seen; the window is around it. */
  time: string | null;
}

const look =
  "inline-flex size-5 shrink-0 items-center justify-center rounded-sm text-muted opacity-0 group-hover:opacity-100 hover:bg-selected hover:text-accent focus-visible:opacity-100";

/** From a value to the logs it stands in; nothing where there is no way, or nothing to look for. Stands in a `group`. */
export function PivotButton({ query, field, value, time }: Props): ReactNode {
  const pivot = useContext(PivotContext);
  const asked = query === undefined ? (field === undefined ? null : pivotQuery(field, value)) : query;
  if (!pivot || !asked) return null;
  const label = `${pivot.label}: ${field ? `${field} ` : ""}${value.slice(0, 80)}`;
  const icon = <TextSearch size={13} aria-hidden="true" />;
  if (!pivot.href) {
    return (
      <button
        type="button"
        aria-label={label}
        title={pivot.label}
        className={look}
        onClick={() => pivot.go(asked, time)}
      >
        {icon}
      </button>
    );
  }
  return (
    <a
      href={pivot.href(asked, time)}
      aria-label={label}
      title={pivot.label}
      className={look}
      onClick={(event) => {
        if (event.metaKey || event.ctrlKey || event.shiftKey) return;
        event.preventDefault();
        pivot.go(asked, time);
      }}
    >
      {icon}
    </a>
  );
}
