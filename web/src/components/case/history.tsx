import { History as HistoryIcon } from "lucide-react";
import type { HistoryEntry } from "../../api/types";
import { changeValue } from "../../lib/case-entries";
import { zoneName } from "../../lib/format";
import { Moment } from "../../ui/marks";
import { ScrollBox } from "../../ui/scroll-box";
import { Empty } from "../../ui/states";
import { Table, Td, Th, trClass } from "../../ui/table";

/** Every change, newest first: who, when, from, to. */
export function History({ entries }: { entries: HistoryEntry[] }) {
  if (entries.length === 0) {
    return <Empty icon={<HistoryIcon size={18} />} title="Nothing has changed since it was opened" />;
  }
  const rows = entries.map((entry, index) => ({ entry, index })).reverse();
  return (
    <ScrollBox label="History" className="flex-1">
      <Table label="History">
        <thead>
          <tr>
            <Th className="w-44">Time ({zoneName()})</Th>
            <Th className="w-64">Who</Th>
            <Th className="w-36">Field</Th>
            <Th>From</Th>
            <Th>To</Th>
          </tr>
        </thead>
        <tbody>
          {rows.map(({ entry, index }) => (
            <tr key={index} className={trClass}>
              <Td className="text-muted">
                <Moment time={entry.time} long />
              </Td>
              <Td>{entry.actor}</Td>
              <Td>{entry.field}</Td>
              <Td className="text-muted">{changeValue(entry.field, entry.from)}</Td>
              <Td>{changeValue(entry.field, entry.to)}</Td>
            </tr>
          ))}
        </tbody>
      </Table>
    </ScrollBox>
  );
}
