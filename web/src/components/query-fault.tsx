import { CircleAlert } from "lucide-react";
import type { Position } from "../lib/problems";
import { utf16 } from "../lib/query-text";

/** How much of the query is shown on each side of the fault. */
const AROUND = 60;

/** What is wrong with a query, pointing at the character. */
export function QueryFault({ query, position, detail }: { query: string; position: Position; detail: string }) {
  const at = utf16(query, position.offset);
  const before = query.slice(0, at);
  const [char = ""] = query.slice(at);
  const after = query.slice(at + char.length);
  return (
    <div
      role="alert"
      className="flex items-start gap-3 rounded-md border border-danger bg-danger-soft px-3 py-2.5"
      data-testid="query-fault"
    >
      <CircleAlert size={16} className="mt-0.5 shrink-0 text-danger" aria-hidden="true" />
      <div className="min-w-0 flex-1">
        <div className="font-medium">{detail.replace(/ at position \d+(?=\.?$)/, "")}</div>
        <code className="mono mt-0.5 block overflow-hidden whitespace-pre">
          {before.length > AROUND ? `…${before.slice(-AROUND)}` : before}
          <mark className="rounded-sm bg-danger-fill px-px text-[#fff]">{char === "" ? " " : char}</mark>
          {after.length > AROUND ? `${after.slice(0, AROUND)}…` : after}
        </code>
        <div className="text-sm text-muted">At character {position.offset + 1} of the query.</div>
      </div>
    </div>
  );
}
