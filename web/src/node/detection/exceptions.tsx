import { Pencil, Plus, ShieldMinus, Trash2 } from "lucide-react";
import { useState } from "react";
import * as api from "../../api/detection";
import type { Exception } from "../../api/types";
import { Confirm, type Question } from "../../components/confirm";
import { RowMenu, RowMenuButton, useRowMenu } from "../../components/row-menu";
import { Rows } from "../../components/rows";
import { exceptsWords } from "../../lib/exceptions";
import { count, plural, shortTime } from "../../lib/format";
import { usePages } from "../../lib/pages";
import { Button } from "../../ui/button";
import { Age, Badge } from "../../ui/marks";
import { MenuItem } from "../../ui/menu";
import { Empty } from "../../ui/states";
import { Table, Td, Th, ThActions, trClass } from "../../ui/table";
import { ExceptionDialog } from "./exception-form";
import { DetectionFrame } from "./frame";

/** What the workspace has decided not to be told about, by whom, why and until when. */
export function ExceptionsPage() {
  const pages = usePages(["exceptions"], (cursor) => api.exceptions(cursor), 15_000);
  const [editing, setEditing] = useState<{ exception: Exception | null } | null>(null);
  const [question, setQuestion] = useState<Question | null>(null);
  const add = (
    <Button look="primary" icon={<Plus size={15} aria-hidden="true" />} onClick={() => setEditing({ exception: null })}>
      Add exception
    </Button>
  );
  return (
    <DetectionFrame title="Exceptions" note={pages.rows ? count(pages.rows.length) : null} actions={add}>
      <Rows
        label="Exceptions"
        {...pages}
        empty={
          <Empty icon={<ShieldMinus size={18} />} title="No exceptions" action={add}>
            An exception suppresses signals about something known and harmless. What it suppresses is kept and counted,
            somebody answers for it, and it ends by itself.
          </Empty>
        }
      >
        {(rows) => (
          <ExceptionTable
            rows={rows}
            onEdit={(exception) => setEditing({ exception })}
            onRemove={(exception) => setQuestion(removing(exception))}
          />
        )}
      </Rows>
      <ExceptionDialog editing={editing} onClose={() => setEditing(null)} />
      <Confirm question={question} onClose={() => setQuestion(null)} />
    </DetectionFrame>
  );
}

function removing(exception: Exception): Question {
  return {
    title: `Remove ${exception.name}?`,
    meaning: "From the next event on, what it suppressed scores again. What was suppressed before stays so.",
    action: "Remove the exception",
    danger: true,
    done: `${exception.name} is removed`,
    refresh: ["exceptions"],
    run: () => api.removeException(exception.id),
  };
}

interface TableProps {
  rows: readonly Exception[];
  onEdit: (exception: Exception) => void;
  onRemove: (exception: Exception) => void;
}

function ExceptionTable({ rows, onEdit, onRemove }: TableProps) {
  const menu = useRowMenu<Exception>();
  return (
    <>
      <Table label="Exceptions" fixed>
        <thead>
          <tr>
            <Th className="w-[18%]">Name</Th>
            <Th>Excepts</Th>
            <Th className="w-28">Rules</Th>
            <Th className="w-[18%]">Reason</Th>
            <Th className="w-[11%]">Owner</Th>
            <Th className="w-[130px]">Ends</Th>
            <Th className="w-24 text-right">Suppressed</Th>
            <Th className="w-20 text-right">Last</Th>
            <ThActions className="w-12" />
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <tr key={row.id} className={trClass} data-exception={row.name}>
              <Td className="truncate font-medium" title={row.name}>
                {row.name}
              </Td>
              <Td className="truncate" title={exceptsWords(row.excepts)}>
                {exceptsWords(row.excepts)}
              </Td>
              <Td className="text-muted">{row.rules ? plural(row.rules.length, "rule") : "Every rule"}</Td>
              <Td className="truncate text-muted" title={row.reason}>
                {row.reason}
              </Td>
              <Td className="truncate" title={`${row.owner}; entered by ${row.created_by}`}>
                {row.owner}
              </Td>
              <Td>{row.expired ? <Badge tone="warn">Ended</Badge> : shortTime(row.expires)}</Td>
              <Td className="text-right">{count(row.hits)}</Td>
              <Td className="text-right text-muted">{row.last_hit_time ? <Age time={row.last_hit_time} /> : "–"}</Td>
              <Td className="pl-0 text-right">
                <RowMenuButton name={row.name} row={row} menu={menu} />
              </Td>
            </tr>
          ))}
        </tbody>
      </Table>
      <RowMenu menu={menu}>
        {(row) => (
          <>
            <MenuItem onClick={() => onEdit(row)}>
              <Pencil size={14} aria-hidden="true" /> {row.expired ? "Edit, prolong…" : "Edit…"}
            </MenuItem>
            <MenuItem onClick={() => onRemove(row)}>
              <Trash2 size={14} aria-hidden="true" /> Remove…
            </MenuItem>
          </>
        )}
      </RowMenu>
    </>
  );
}
