import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { Inbox } from "lucide-react";
import * as api from "../../api/node";
import { Rows } from "../../components/rows";
import { who } from "../../lib/edits";
import { DISPOSITION } from "../../lib/words";
import { Age, PriorityMark, StatusMark } from "../../ui/marks";
import { Empty, PageHead } from "../../ui/states";
import { Table, Td, Th, trClass } from "../../ui/table";
import { ExportsSwitch } from "./exports-switch";

/** The id of an investigation within its workspace. */
export const idOf = (rrn: string) => rrn.split(":").at(-1) ?? rrn;

/** What the security provider works on here; each opens. Whether files of them may leave is decided here. */
export function InvestigationsPage() {
  const query = useQuery({ queryKey: ["investigations"], queryFn: api.investigations, refetchInterval: 5000 });
  const rows = query.data?.data;
  return (
    <div className="flex h-full min-w-[892px] flex-col gap-2.5 p-3">
      <PageHead title="Investigations" note={rows ? `${rows.length}` : null} />
      <ExportsSwitch />
      <Rows
        label="Investigations"
        className="flex-1"
        rows={rows}
        error={query.error}
        onRetry={() => void query.refetch()}
        empty={
          <Empty icon={<Inbox size={18} />} title="No investigations">
            When signals about one entity add up, an investigation opens here and your provider sees it.
          </Empty>
        }
      >
        {(rows) => (
          <Table label="Investigations">
            <thead>
              <tr>
                <Th className="w-28">Priority</Th>
                <Th>Title</Th>
                <Th>Entity</Th>
                <Th className="text-right">Signals</Th>
                <Th>Status</Th>
                <Th>Disposition</Th>
                <Th>Assignee</Th>
                <Th className="text-right">Age</Th>
                <Th className="text-right">Updated</Th>
              </tr>
            </thead>
            <tbody>
              {rows.map((row) => (
                <tr key={row.rrn} className={trClass}>
                  <Td>
                    <PriorityMark priority={row.priority} />
                  </Td>
                  <Td>
                    <Link
                      to="/investigations/$id"
                      params={{ id: idOf(row.rrn) }}
                      search={{}}
                      className="font-medium hover:underline"
                    >
                      {row.title}
                    </Link>
                  </Td>
                  <Td className="mono text-muted">{row.entity?.value ?? "–"}</Td>
                  <Td className="text-right">{row.signal_count}</Td>
                  <Td>
                    <StatusMark status={row.status} />
                  </Td>
                  <Td className="text-muted">{DISPOSITION[row.disposition]}</Td>
                  <Td className={row.assignee ? "" : "text-muted"}>{who(row.assignee)}</Td>
                  <Td className="text-right text-muted">
                    <Age time={row.created_time} />
                  </Td>
                  <Td className="text-right text-muted">
                    <Age time={row.updated_time} />
                  </Td>
                </tr>
              ))}
            </tbody>
          </Table>
        )}
      </Rows>
    </div>
  );
}
