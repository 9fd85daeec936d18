import { Link } from "@tanstack/react-router";
import { Check } from "lucide-react";
import type { HealthEvent, HealthIssue } from "../../api/types";
import { Button } from "../../ui/button";
import { Age, Badge, Moment } from "../../ui/marks";
import { Table, Td, Th, trClass } from "../../ui/table";
import { VOLUME_START } from "../volume/search";

export function IssueTable({
  rows,
  onAcknowledge,
}: {
  rows: readonly HealthIssue[];
  onAcknowledge: (issue: HealthIssue) => void;
}) {
  return (
    <Table label="Issues" fixed>
      <thead>
        <tr>
          <Th className="w-24">Severity</Th>
          <Th className="w-[24%]">About</Th>
          <Th>What is wrong</Th>
          <Th className="w-[220px]">Tracker</Th>
          <Th className="w-24 text-right">Since</Th>
          <Th className="w-[180px] text-right">Known to</Th>
        </tr>
      </thead>
      <tbody>
        {rows.map((issue) => (
          <tr key={issue.id} className={trClass} data-issue={issue.tracker}>
            <Td>
              <Badge tone={issue.severity === "Error" ? "bad" : "warn"}>{issue.severity}</Badge>
            </Td>
            <Td className="truncate" title={`${issue.resource.name}, ${about(issue)}`}>
              <ResourceLink kind={issue.resource.kind} name={issue.resource.name} />{" "}
              <span className="text-muted">{about(issue)}</span>
            </Td>
            <Td className="py-1 break-words" title={issue.details.error}>
              {issue.details.description || issue.details.error}
            </Td>
            <Td className="mono truncate text-muted" title={issue.tracker}>
              {issue.tracker}
            </Td>
            <Td className="text-right whitespace-nowrap text-muted">
              {issue.resolved_time ? (
                <>
                  until <Moment time={issue.resolved_time} />
                </>
              ) : (
                <Age time={issue.opened_time} />
              )}
            </Td>
            <Td className="truncate text-right">
              <Known issue={issue} onAcknowledge={onAcknowledge} />
            </Td>
          </tr>
        ))}
      </tbody>
    </Table>
  );
}

function about(issue: HealthIssue): string {
  const { kind, collector_name } = issue.resource;
  return collector_name ? `${kind} of ${collector_name}` : kind;
}

/** Where what is ill is looked after. */
function ResourceLink({ kind, name }: { kind: HealthIssue["resource"]["kind"]; name: string }) {
  const className = "font-medium hover:underline";
  if (kind === "collector" || kind === "source") {
    return (
      <Link to="/sources" className={className}>
        {name}
      </Link>
    );
  }
  if (kind === "rule") {
    return (
      <Link to="/detection" search={{ state: "failed" }} className={className}>
        {name}
      </Link>
    );
  }
  if (kind === "parser") {
    return (
      <Link to="/parsers" className={className}>
        {name}
      </Link>
    );
  }
  return (
    <Link to="/volume" search={{ ...VOLUME_START, view: "storage" }} className={className}>
      {name}
    </Link>
  );
}

function Known({ issue, onAcknowledge }: { issue: HealthIssue; onAcknowledge: (issue: HealthIssue) => void }) {
  if (issue.acknowledged) {
    const { by, note } = issue.acknowledged;
    return (
      <span className="text-muted" title={note ?? undefined}>
        {by}
        {note ? `: ${note}` : ""}
      </span>
    );
  }
  if (issue.state === "resolved") return <span className="text-muted">–</span>;
  return (
    <Button className="h-6" icon={<Check size={14} aria-hidden="true" />} onClick={() => onAcknowledge(issue)}>
      Acknowledge…
    </Button>
  );
}

export function EventTable({ rows }: { rows: readonly HealthEvent[] }) {
  return (
    <Table label="Changes" fixed>
      <thead>
        <tr>
          <Th className="w-[120px]">Time</Th>
          <Th className="w-28">Change</Th>
          <Th className="w-[24%]">About</Th>
          <Th>Why</Th>
          <Th className="w-[220px]">Tracker</Th>
          <Th className="w-[130px]">Part</Th>
        </tr>
      </thead>
      <tbody>
        {rows.map((event) => (
          <tr key={event.eventId} className={trClass}>
            <Td className="text-muted">
              <Moment time={event.eventTime} />
            </Td>
            <Td>
              {event.status === "Healthy" ? (
                <Badge tone="ok">Works again</Badge>
              ) : (
                <Badge tone={event.severityLevel === "Error" ? "bad" : "warn"}>{event.severityLevel}</Badge>
              )}
            </Td>
            <Td className="truncate" title={event.resourceIdentity.name}>
              <span className="font-medium">{event.resourceIdentity.name}</span>{" "}
              <span className="text-muted">{event.resourceIdentity.type}</span>
            </Td>
            <Td className="py-1 break-words">{event.details.description || event.details.error}</Td>
            <Td className="mono truncate text-muted" title={event.details.trackerId}>
              {event.details.trackerId}
            </Td>
            <Td className="text-muted">{event.subsystem}</Td>
          </tr>
        ))}
      </tbody>
    </Table>
  );
}
