import { Link } from "@tanstack/react-router";
import { RotateCcw } from "lucide-react";
import { useState } from "react";
import type { FailedCount } from "../../api/pending";
import { count } from "../../lib/format";
import { failedQuery } from "../../lib/replay";
import { writeFragment } from "../../lib/search";
import type { Range } from "../../lib/time-range";
import { Button, IconButton } from "../../ui/button";
import { Panel } from "../../ui/panel";

const SHORT = 6;

interface Props {
  title: string;
  field: string;
  total: number;
  counts: readonly FailedCount[];
  range: Range;
  /** Given, what has one value can be replayed. */
  onReplay?: (value: string) => void;
}

/** The values of one field among failed records, most frequent first; a value leads to its rows. */
export function CountList({ title, field, total, counts, range, onReplay }: Props) {
  const [all, setAll] = useState(false);
  const shown = all ? counts : counts.slice(0, SHORT);
  return (
    <Panel title={title}>
      <ul className="flex flex-col">
        {shown.map(({ value, count: n }) => (
          <li key={value ?? ""} className="group relative flex min-h-7 items-center gap-3 px-1.5">
            <span
              className="absolute inset-y-0.5 left-0 rounded-sm bg-warn-soft"
              style={{ width: `${total > 0 ? (n / total) * 100 : 0}%` }}
              aria-hidden="true"
            />
            {value == null ? (
              <span className="relative min-w-0 flex-1 truncate text-muted">not known</span>
            ) : (
              <Link
                to="/logs"
                search={{ range }}
                hash={writeFragment(failedQuery(field, value))}
                className="mono relative min-w-0 flex-1 truncate hover:underline"
                title={value}
              >
                {value}
              </Link>
            )}
            <span className="relative">{count(n)}</span>
            {onReplay && value != null ? (
              <IconButton label={`Replay ${value}`} className="relative -mr-1 size-6" onClick={() => onReplay(value)}>
                <RotateCcw size={13} aria-hidden="true" />
              </IconButton>
            ) : onReplay ? (
              <span className="-mr-1 w-6" />
            ) : null}
          </li>
        ))}
      </ul>
      {counts.length > SHORT ? (
        <div>
          <Button look="quiet" className="-ml-2" onClick={() => setAll(!all)}>
            {all ? "Fewer" : `All ${counts.length}`}
          </Button>
        </div>
      ) : null}
    </Panel>
  );
}
