import type { RuleTestResult, TriedEvent } from "../../api/types";
import { plural } from "../../lib/format";
import { Badge } from "../../ui/marks";

/** What the rules on trial said of each sample event. */
export function TrialResult({ result }: { result: RuleTestResult }) {
  const matched = result.events.filter((event) => event.matches.length > 0).length;
  return (
    <div className="flex flex-col gap-2">
      <div role="status" className="font-medium">
        {matched} of {plural(result.events.length, "event")} {matched === 1 ? "matches" : "match"}
      </div>
      {result.warnings.map((warning) => (
        <p key={warning} className="text-warn-text">
          {warning}
        </p>
      ))}
      <ol className="flex flex-col gap-1.5">
        {result.events.map((event, at) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: results stand in the order of the events, and never move
          <li key={at} className="rounded-sm border border-line px-2.5 py-1.5">
            <Tried event={event} number={at + 1} />
          </li>
        ))}
      </ol>
    </div>
  );
}

function Tried({ event, number }: { event: TriedEvent; number: number }) {
  const source = event.logsource?.filter(Boolean).join(" · ");
  return (
    <>
      <div className="flex flex-wrap items-center gap-2">
        <span className="w-6 text-muted">{number}.</span>
        {event.failed ? (
          <Badge tone="warn">No record</Badge>
        ) : event.matches.length > 0 ? (
          <Badge tone="ok">Matches</Badge>
        ) : (
          <Badge>No match</Badge>
        )}
        <span className="text-sm text-muted">
          {event.parser ? `parser ${event.parser}` : ""}
          {source ? `, ${source}` : ""}
        </span>
      </div>
      {event.failed ? <div className="mt-1 pl-8 break-words text-muted">{event.failed}</div> : null}
      {event.matches.map((match) => (
        <div key={match.rule_id} className="mt-1 pl-8">
          <div className="font-medium">{match.title}</div>
          {match.matched.map((field) => (
            <div key={`${field.field} ${field.value}`} className="mono break-all text-muted">
              {field.field} = {field.value}
            </div>
          ))}
        </div>
      ))}
    </>
  );
}
