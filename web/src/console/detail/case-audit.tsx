import { ScrollText } from "lucide-react";
import { useCase } from "../../components/case/case-context";
import { Rows } from "../../components/rows";
import { zoneName } from "../../lib/format";
import { usePages } from "../../lib/pages";
import { Badge, Moment } from "../../ui/marks";
import { Empty } from "../../ui/states";
import { Table, Td, Th, trClass } from "../../ui/table";

/** Who looked at it and who did what, as the node wrote it down. */
export function CaseAuditLines() {
  const { row, source } = useCase();
  const pages = usePages(["case", row.rrn, "audit"], source.audit);
  return (
    <Rows
      label="Audit of the investigation"
      className="flex-1"
      {...pages}
      empty={<Empty icon={<ScrollText size={18} />} title="No line is about it" />}
    >
      {(rows) => (
        <Table label="Audit of the investigation">
          <thead>
            <tr>
              <Th className="w-44">Time ({zoneName()})</Th>
              <Th>Who</Th>
              <Th>Did</Th>
              <Th>Outcome</Th>
            </tr>
          </thead>
          <tbody>
            {rows.map((line) => (
              <tr key={line.id} className={trClass}>
                <Td className="text-muted">
                  <Moment time={line.time} long />
                </Td>
                <Td className="break-all">{line.actor}</Td>
                <Td className="mono">{line.verb}</Td>
                <Td>
                  {line.outcome === "ok" ? (
                    <span className="text-muted">ok</span>
                  ) : (
                    <Badge tone="warn">{line.outcome}</Badge>
                  )}
                </Td>
              </tr>
            ))}
          </tbody>
        </Table>
      )}
    </Rows>
  );
}
