import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { Waypoints } from "lucide-react";
import { useCase } from "../../components/case/case-context";
import { Rows } from "../../components/rows";
import { who } from "../../lib/edits";
import { Age, Badge, PriorityMark, StatusMark } from "../../ui/marks";
import { Empty } from "../../ui/states";
import { Table, Td, Th, trClass, wideClass } from "../../ui/table";

/** Investigations of the same customer about the same entity, or about entities whose signals they share. */
export function RelatedCases() {
  const { row, source } = useCase();
  const query = useQuery({ queryKey: ["case", row.rrn, "related"], queryFn: source.related });
  return (
    <Rows
      label="Related investigations"
      className="flex-1"
      rows={query.data?.data}
      error={query.error}
      onRetry={() => void query.refetch()}
      empty={
        <Empty icon={<Waypoints size={18} />} title="None is related">
          No other investigation of this customer is about an entity that occurs here.
        </Empty>
      }
    >
      {(rows) => (
        <Table label="Related investigations">
          <thead>
            <tr>
              <Th>Priority</Th>
              <Th>Title</Th>
              <Th>In common</Th>
              <Th>Status</Th>
              <Th className={wideClass}>Assignee</Th>
              <Th className="text-right">Signals</Th>
              <Th className="text-right">Age</Th>
            </tr>
          </thead>
          <tbody>
            {rows.map(({ investigation: one, shared }) => (
              <tr key={one.rrn} className={trClass} data-related={one.rrn}>
                <Td>
                  <PriorityMark priority={one.priority} />
                </Td>
                <Td>
                  <Link
                    to="/investigations/$rrn"
                    params={{ rrn: one.rrn }}
                    search={{}}
                    className="font-medium hover:underline"
                  >
                    {one.title}
                  </Link>
                </Td>
                <Td>
                  <span className="flex flex-wrap gap-1">
                    {shared.map(({ type, value }) => (
                      <Badge key={`${type} ${value}`} title={type}>
                        <span className="mono">{value}</span>
                      </Badge>
                    ))}
                  </span>
                </Td>
                <Td>
                  <StatusMark status={one.status} />
                </Td>
                <Td className={`${wideClass} ${one.assignee ? "" : "text-muted"}`}>{who(one.assignee)}</Td>
                <Td className="text-right">{one.signal_count}</Td>
                <Td className="text-right text-muted">
                  <Age time={one.created_time} />
                </Td>
              </tr>
            ))}
          </tbody>
        </Table>
      )}
    </Rows>
  );
}
