import { Link } from "@tanstack/react-router";
import type { SignalRow } from "../../api/types";
import { fullTime, plural } from "../../lib/format";
import { attackTag } from "../../lib/words";
import { buttonClass } from "../../ui/button";
import { Dialog } from "../../ui/dialog";
import { Badge } from "../../ui/marks";
import { LevelMark } from "./rule-table";
import { Fate } from "./signal-table";

/** One signal: what matched, on what, and what became of it. */
export function SignalDialog({ signal, onClose }: { signal: SignalRow | null; onClose: () => void }) {
  return (
    <Dialog
      place="side"
      open={signal !== null}
      onClose={onClose}
      title={signal?.name ?? ""}
      description={signal ? fullTime(signal.event_time) : undefined}
    >
      {signal ? <Detail signal={signal} /> : null}
    </Dialog>
  );
}

function Detail({ signal }: { signal: SignalRow }) {
  return (
    <div className="flex flex-col gap-4">
      <div className="flex flex-wrap items-center gap-3">
        <LevelMark level={signal.level} />
        <Fate row={signal} />
        <span className="text-muted">
          weight {signal.severity}
          {signal.severity === signal.base_severity ? "" : `, ${signal.base_severity} before its entity's criticality`}
        </span>
      </div>
      {signal.suppressed_reasons.length > 0 ? (
        <ul className="list-disc pl-5">
          {signal.suppressed_reasons.map((reason) => (
            <li key={reason}>{reason}</li>
          ))}
        </ul>
      ) : null}
      <p className="break-words">{signal.message}</p>
      <dl className="grid grid-cols-[max-content_1fr] gap-x-4 gap-y-1">
        <dt className="text-muted">About</dt>
        <dd>
          {signal.entity.type} <span className="mono break-all">{signal.entity.value}</span>
        </dd>
        {signal.matched.map((field) => (
          <div key={`${field.field} ${field.value}`} className="contents">
            <dt className="mono text-muted">{field.field}</dt>
            <dd className="mono break-all">{field.value}</dd>
          </div>
        ))}
        <dt className="text-muted">Made of</dt>
        <dd>{plural(signal.event_ids.length, "event")}</dd>
      </dl>
      {signal.tags.length > 0 ? (
        <div className="flex flex-wrap gap-1.5">
          {signal.tags.map((tag) => (
            <Badge key={tag} title={tag}>
              {attackTag(tag)}
            </Badge>
          ))}
        </div>
      ) : null}
      <div className="flex gap-2">
        <Link to="/detection" search={{ rule: signal.rule_id }} className={buttonClass()}>
          Its rule
        </Link>
        <Link
          to="/detection/entities"
          search={{ type: signal.entity.type }}
          hash={new URLSearchParams({ q: signal.entity.value }).toString()}
          className={buttonClass()}
        >
          Its entity
        </Link>
      </div>
    </div>
  );
}
