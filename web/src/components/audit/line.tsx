import type { AuditEntry } from "../../api/types";
import { MODULE } from "../../lib/audit";
import { CopyButton } from "../../ui/copy";
import { Dialog } from "../../ui/dialog";
import { FactRow, Facts } from "../../ui/facts";
import { Moment } from "../../ui/marks";

/** One line with all it holds. */
export function LineDialog({ entry, onClose }: { entry: AuditEntry | null; onClose: () => void }) {
  return (
    <Dialog open={entry !== null} onClose={onClose} title={entry ? `Line ${entry.id}` : ""} className="w-[700px]">
      {entry ? <Line entry={entry} /> : null}
    </Dialog>
  );
}

function Line({ entry }: { entry: AuditEntry }) {
  const { time, actor, verb, module, customer, subject, outcome, detail, previous, hash } = entry;
  return (
    <Facts>
      <FactRow label="Time">
        <Moment time={time} long />
      </FactRow>
      <FactRow label="Who">{actor}</FactRow>
      <FactRow label="Did">
        <span className="mono">{verb}</span> <span className="text-muted">in {MODULE[module]}</span>
      </FactRow>
      {customer ? (
        <FactRow label="Customer">
          {customer.name} <span className="mono text-muted">{customer.id}</span>
        </FactRow>
      ) : null}
      {subject ? (
        <FactRow label="To">
          <span className="break-all">{subject}</span>
        </FactRow>
      ) : null}
      <FactRow label="Outcome">{outcome}</FactRow>
      {detail ? <FactRow label="Reason given">{detail}</FactRow> : null}
      <Hash label="Hash" hash={hash} />
      <Hash label="Of the line before" hash={previous} />
    </Facts>
  );
}

function Hash({ label, hash }: { label: string; hash: string }) {
  return (
    <FactRow label={label}>
      <span className="flex items-start gap-1">
        <code className="mono break-all">{hash}</code>
        <CopyButton compact text={hash} label={`Copy: ${label.toLowerCase()}`} />
      </span>
    </FactRow>
  );
}
