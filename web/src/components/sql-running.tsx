import { Square } from "lucide-react";
import type { RunningSql } from "../api/pending";
import { Button } from "../ui/button";
import { Age } from "../ui/marks";

/** Statements that run in this workspace now, whoever began them, and a way to stop each. */
export function SqlRunning({
  statements,
  onStop,
}: {
  statements: readonly RunningSql[];
  onStop: (id: string) => void;
}) {
  if (statements.length === 0) return null;
  return (
    <ul aria-label="Running statements" className="shrink-0 rounded-md border border-line bg-surface">
      {statements.map((each) => (
        <li key={each.id} className="flex h-8 items-center gap-3 border-b border-line px-3 last:border-b-0">
          <span className="whitespace-nowrap text-muted">
            running <Age time={each.since} />, {each.who}
          </span>
          <code className="mono min-w-0 flex-1 truncate" title={each.sql}>
            {each.sql}
          </code>
          <Button className="h-6" icon={<Square size={12} aria-hidden="true" />} onClick={() => onStop(each.id)}>
            Stop
          </Button>
        </li>
      ))}
    </ul>
  );
}
