import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Check, HeartPulse } from "lucide-react";
import * as api from "../api/node";
import type { HealthIssue } from "../api/types";
import { Button } from "../ui/button";
import { Age, Badge } from "../ui/marks";
import { ScrollBox } from "../ui/scroll-box";
import { Empty, Failure, PageHead, SkeletonRows, words } from "../ui/states";
import { Table, Td, Th, trClass } from "../ui/table";
import { complain } from "../ui/toast";

/** What is wrong with collectors, sources, rules and the disk now, and since when. */
export function HealthPage() {
  const query = useQuery({ queryKey: ["health"], queryFn: api.healthIssues, refetchInterval: 5000 });
  const queries = useQueryClient();
  const acknowledge = useMutation({
    mutationFn: (issue: HealthIssue) => api.acknowledgeIssue(issue.id),
    onError: (error) => complain("The issue was not acknowledged", words(error)),
    onSettled: () => void queries.invalidateQueries({ queryKey: ["health"] }),
  });
  const rows = query.data?.data;
  return (
    <div className="flex h-full min-w-[980px] flex-col gap-2.5 p-3">
      <PageHead title="Health" note={rows ? `${rows.length} open` : null} />
      {query.error ? (
        <Failure error={query.error} title="Health could not be read" onRetry={() => void query.refetch()} />
      ) : null}
      <ScrollBox label="Open issues">
        {rows === undefined ? (
          query.error ? null : (
            <SkeletonRows rows={4} label="Reading health" />
          )
        ) : rows.length === 0 ? (
          <Empty icon={<HeartPulse size={18} />} title="Nothing is wrong">
            Collectors, sources, rules and the disk are watched all the time. What fails appears here and stays until it
            works again.
          </Empty>
        ) : (
          <IssueTable rows={rows} busy={acknowledge.isPending} onAcknowledge={(issue) => acknowledge.mutate(issue)} />
        )}
      </ScrollBox>
    </div>
  );
}

interface TableProps {
  rows: HealthIssue[];
  busy: boolean;
  onAcknowledge: (issue: HealthIssue) => void;
}

function IssueTable({ rows, busy, onAcknowledge }: TableProps) {
  return (
    <Table label="Open issues">
      <thead>
        <tr>
          <Th>Severity</Th>
          <Th>Resource</Th>
          <Th>Tracker</Th>
          <Th>What is wrong</Th>
          <Th className="text-right">Since</Th>
          <Th className="text-right">Actions</Th>
        </tr>
      </thead>
      <tbody>
        {rows.map((issue) => (
          <tr key={issue.id} className={trClass} data-issue={issue.tracker}>
            <Td>
              <Badge tone={issue.severity === "Error" ? "bad" : "warn"}>{issue.severity}</Badge>
            </Td>
            <Td>
              <span className="font-medium">{issue.resource.name}</span>{" "}
              <span className="text-muted">
                {issue.resource.collector_name
                  ? `${issue.resource.kind} of ${issue.resource.collector_name}`
                  : issue.resource.kind}
              </span>
            </Td>
            <Td className="mono whitespace-nowrap">{issue.tracker}</Td>
            <Td>{issue.details.description ?? ""}</Td>
            <Td className="text-right whitespace-nowrap text-muted">
              <Age time={issue.opened_time} />
            </Td>
            <Td className="text-right whitespace-nowrap">
              {issue.acknowledged ? (
                <span className="text-muted">Known to {issue.acknowledged.by}</span>
              ) : (
                <Button
                  icon={<Check size={14} aria-hidden="true" />}
                  disabled={busy}
                  onClick={() => onAcknowledge(issue)}
                >
                  Acknowledge
                </Button>
              )}
            </Td>
          </tr>
        ))}
      </tbody>
    </Table>
  );
}
