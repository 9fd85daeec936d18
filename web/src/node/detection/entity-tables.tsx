import { Pencil } from "lucide-react";
import type { EntityRow, EntitySetting } from "../../api/types";
import { criticalityWords } from "../../lib/criticality";
import { count } from "../../lib/format";
import { IconButton } from "../../ui/button";
import { Age, Badge } from "../../ui/marks";
import { Table, Td, Th, ThActions, trClass } from "../../ui/table";

export function EntityTable({ rows, onEdit }: { rows: readonly EntityRow[]; onEdit: (row: EntityRow) => void }) {
  return (
    <Table label="Entities" fixed>
      <thead>
        <tr>
          <Th className="w-28">Kind</Th>
          <Th>Entity</Th>
          <Th className="w-[200px]">How much it matters</Th>
          <Th className="w-24 text-right">Signals</Th>
          <Th className="w-28 text-right">First seen</Th>
          <Th className="w-28 text-right">Last seen</Th>
          <ThActions className="w-12" />
        </tr>
      </thead>
      <tbody>
        {rows.map((row) => (
          <tr
            key={`${row.entity.type} ${row.entity.value}`}
            className={trClass}
            data-entity={`${row.entity.type} ${row.entity.value}`}
          >
            <Td className="text-muted">{row.entity.type}</Td>
            <Td className="mono truncate" title={row.entity.value}>
              {row.entity.value}
            </Td>
            <Td>
              <Matters criticality={row.criticality} suppressed={row.suppressed} />
            </Td>
            <Td className="text-right">{count(row.signals)}</Td>
            <Td className="text-right text-muted">
              <Age time={row.first_seen} />
            </Td>
            <Td className="text-right text-muted">
              <Age time={row.last_seen} />
            </Td>
            <Td className="pl-0 text-right">
              <IconButton label={`Edit ${row.entity.value}`} className="h-6" onClick={() => onEdit(row)}>
                <Pencil size={14} aria-hidden="true" />
              </IconButton>
            </Td>
          </tr>
        ))}
      </tbody>
    </Table>
  );
}

export function SettingTable({
  rows,
  onEdit,
}: {
  rows: readonly EntitySetting[];
  onEdit: (setting: EntitySetting) => void;
}) {
  return (
    <Table label="Settings of entities" fixed>
      <thead>
        <tr>
          <Th className="w-28">Kind</Th>
          <Th>Set for</Th>
          <Th className="w-[200px]">How much it matters</Th>
          <Th className="w-[36%]">Notes</Th>
          <ThActions className="w-12" />
        </tr>
      </thead>
      <tbody>
        {rows.map((row) => (
          <tr key={`${row.type} ${row.value}`} className={trClass} data-setting={`${row.type} ${row.value}`}>
            <Td className="text-muted">{row.type}</Td>
            <Td className="mono truncate" title={row.value}>
              {row.value}
              {/[*?]/.test(row.value) ? <span className="ml-2 font-sans text-sm text-muted">pattern</span> : null}
            </Td>
            <Td>
              <Matters criticality={row.criticality} suppressed={row.suppressed ?? false} />
            </Td>
            <Td className="truncate text-muted" title={row.notes}>
              {row.notes || "–"}
            </Td>
            <Td className="pl-0 text-right">
              <IconButton label={`Edit the setting of ${row.value}`} className="h-6" onClick={() => onEdit(row)}>
                <Pencil size={14} aria-hidden="true" />
              </IconButton>
            </Td>
          </tr>
        ))}
      </tbody>
    </Table>
  );
}

function Matters({ criticality, suppressed }: { criticality: string | null | undefined; suppressed: boolean }) {
  if (suppressed) return <Badge tone="warn">Suppressed</Badge>;
  return criticality ? (
    <Badge tone="accent">{criticalityWords(criticality)}</Badge>
  ) : (
    <span className="text-muted">As it is</span>
  );
}
