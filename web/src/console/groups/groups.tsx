import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { Boxes, Plus } from "lucide-react";
import { useState } from "react";
import * as api from "../../api/console";
import type { Group } from "../../api/types";
import { RowMenu, RowMenuButton, useRowMenu } from "../../components/row-menu";
import { Rows } from "../../components/rows";
import { plural } from "../../lib/format";
import { Button } from "../../ui/button";
import { Moment } from "../../ui/marks";
import { MenuItem } from "../../ui/menu";
import { Empty } from "../../ui/states";
import { Table, Td, Th, ThActions, trClass } from "../../ui/table";
import { DeleteGroup } from "./delete-group";
import { GroupDialog, type GroupTask } from "./group-dialog";

/** Groups of customers: delegated together, and shown together. */
export function Groups() {
  const [task, setTask] = useState<GroupTask | null>(null);
  const [leaving, setLeaving] = useState<Group | null>(null);
  const query = useQuery({ queryKey: ["groups"], queryFn: api.groups });
  const making = (
    <Button icon={<Plus size={15} aria-hidden="true" />} onClick={() => setTask({ what: "make" })}>
      Make a group
    </Button>
  );
  return (
    <>
      <div className="flex items-center gap-3">
        <p className="max-w-3xl text-muted">
          Technicians who are delegated a group get the customers that join it, and lose those that leave.
        </p>
        <span className="ml-auto">{making}</span>
      </div>
      <Rows
        label="Groups"
        rows={query.data?.data}
        error={query.error}
        onRetry={() => void query.refetch()}
        empty={
          <Empty icon={<Boxes size={18} />} title="No groups yet" action={making}>
            A group is any choice of customers: a region, a branch, a contract.
          </Empty>
        }
      >
        {(rows) => <GroupTable rows={rows} onTask={setTask} onDelete={setLeaving} />}
      </Rows>
      <GroupDialog task={task} onClose={() => setTask(null)} />
      <DeleteGroup group={leaving} onClose={() => setLeaving(null)} />
    </>
  );
}

interface TableProps {
  rows: readonly Group[];
  onTask: (task: GroupTask) => void;
  onDelete: (group: Group) => void;
}

function GroupTable({ rows, onTask, onDelete }: TableProps) {
  const menu = useRowMenu<Group>();
  return (
    <>
      <Table label="Groups">
        <thead>
          <tr>
            <Th>Group</Th>
            <Th>Customers</Th>
            <Th>Delegations</Th>
            <Th>Made</Th>
            <ThActions className="w-12" />
          </tr>
        </thead>
        <tbody>
          {rows.map((group) => (
            <tr key={group.id} className={trClass} data-group={group.name}>
              <Td>
                <Link
                  to="/customers"
                  search={{ group: group.id }}
                  title="Show its customers"
                  className="rounded-sm font-medium hover:text-accent hover:underline"
                >
                  {group.name}
                </Link>
              </Td>
              <Td>{plural(group.customer_count, "customer")}</Td>
              <Td className={group.delegation_count === 0 ? "text-muted" : ""}>
                {group.delegation_count === 0 ? "None" : group.delegation_count}
              </Td>
              <Td className="text-muted">
                <Moment time={group.created_time} /> by {group.created_by}
              </Td>
              <Td className="text-right">
                <RowMenuButton name={group.name} row={group} menu={menu} />
              </Td>
            </tr>
          ))}
        </tbody>
      </Table>
      <RowMenu menu={menu}>
        {(group) => (
          <>
            <MenuItem onClick={() => onTask({ what: "rename", group })}>Rename…</MenuItem>
            <MenuItem onClick={() => onTask({ what: "choose", group })}>Choose customers…</MenuItem>
            <MenuItem onClick={() => onDelete(group)}>Delete…</MenuItem>
          </>
        )}
      </RowMenu>
    </>
  );
}
