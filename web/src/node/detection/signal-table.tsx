import type { SignalRow } from "../../api/types";
import { Badge, Moment } from "../../ui/marks";
import { Table, Td, Th, trClass } from "../../ui/table";
import { LevelMark } from "./rule-table";

export function SignalTable({ rows, onOpen }: { rows: readonly SignalRow[]; onOpen: (row: SignalRow) => void }) {
  return (
    <Table label="Signals" fixed>
      <thead>
        <tr>
          <Th className="w-[120px]">Time</Th>
          <Th className="w-[122px]">Level</Th>
          <Th>Signal</Th>
          <Th className="w-[22%]">Entity</Th>
          <Th className="w-[76px] text-right">Weight</Th>
          <Th className="w-[21%]">What became of it</Th>
        </tr>
      </thead>
      <tbody>
        {rows.map((row) => (
          <tr key={row.id} className={trClass} data-signal={row.id}>
            <Td className="text-muted">
              <Moment time={row.event_time} />
            </Td>
            <Td>
              <LevelMark level={row.level} />
            </Td>
            <Td className="truncate" title={row.name}>
              <button
                type="button"
                className="max-w-full truncate align-middle font-medium hover:underline"
                onClick={() => onOpen(row)}
              >
                {row.name}
              </button>
            </Td>
            <Td className="truncate" title={`${row.entity.type} ${row.entity.value}`}>
              <span className="text-muted">{row.entity.type}</span> <span className="mono">{row.entity.value}</span>
            </Td>
            <Td className="text-right">
              {row.severity}
              {row.severity === row.base_severity ? "" : <span className="text-muted"> ({row.base_severity})</span>}
            </Td>
            <Td className="truncate">
              <Fate row={row} />
            </Td>
          </tr>
        ))}
      </tbody>
    </Table>
  );
}

/** In one word what became of a signal; the reasons are in the tooltip. */
export function Fate({ row }: { row: SignalRow }) {
  if (row.investigation) return <Badge tone="accent">In an investigation</Badge>;
  if (row.suppressed_reasons.length > 0) {
    return (
      <span title={row.suppressed_reasons.join("; ")}>
        <Badge>Suppressed</Badge> <span className="text-muted">{row.suppressed_reasons[0]}</span>
      </span>
    );
  }
  if (row.prototype) return <Badge>On trial</Badge>;
  return <span className="text-muted">Scores</span>;
}
