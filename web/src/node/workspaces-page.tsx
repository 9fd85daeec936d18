import { useQuery } from "@tanstack/react-query";
import { Boxes, Plus } from "lucide-react";
import { useState } from "react";
import * as api from "../api/node";
import { LinkForm } from "../components/link-form";
import { Rows } from "../components/rows";
import { Button } from "../ui/button";
import { Dialog } from "../ui/dialog";
import { TextField } from "../ui/field";
import { Moment } from "../ui/marks";
import { Empty, PageHead } from "../ui/states";
import { Table, Td, Th, trClass } from "../ui/table";

/** The operator's page: workspaces by name, and nothing of what is inside them. */
export function WorkspacesPage() {
  const query = useQuery({ queryKey: ["workspaces"], queryFn: api.workspaces });
  const [adding, setAdding] = useState(false);
  const rows = query.data?.data;
  const add = (
    <Button look="primary" icon={<Plus size={15} aria-hidden="true" />} onClick={() => setAdding(true)}>
      Add workspace
    </Button>
  );
  return (
    <div className="flex h-full flex-col gap-2.5 p-3">
      <PageHead title="Workspaces" note={rows ? `${rows.length}` : null}>
        {add}
      </PageHead>
      <Rows
        label="Workspaces"
        rows={rows}
        error={query.error}
        onRetry={() => void query.refetch()}
        empty={
          <Empty icon={<Boxes size={18} />} title="No workspaces yet" action={add}>
            Each customer has one: its own directory, its own keys, its own administrator.
          </Empty>
        }
      >
        {(rows) => (
          <Table label="Workspaces">
            <thead>
              <tr>
                <Th>Name</Th>
                <Th>Id</Th>
                <Th>Administrator</Th>
                <Th>Made</Th>
              </tr>
            </thead>
            <tbody>
              {rows.map((w) => (
                <tr key={w.id} className={trClass}>
                  <Td className="font-medium">{w.name}</Td>
                  <Td className="mono text-muted">{w.id}</Td>
                  <Td>{w.admin}</Td>
                  <Td className="text-muted">
                    <Moment time={w.created_time} long />
                  </Td>
                </tr>
              ))}
            </tbody>
          </Table>
        )}
      </Rows>
      <Dialog
        open={adding}
        onClose={() => setAdding(false)}
        title="Add a workspace"
        description="Its administrator, the customer's own, chooses a password by a link that works once."
      >
        {adding ? <AddWorkspace onDone={() => setAdding(false)} /> : null}
      </Dialog>
    </div>
  );
}

function AddWorkspace({ onDone }: { onDone: () => void }) {
  const [name, setName] = useState("");
  const [admin, setAdmin] = useState("");
  const make = async () => {
    const { workspace, link } = await api.addWorkspace({ name: name.trim(), admin: admin.trim() });
    return { who: workspace.admin, link };
  };
  return (
    <LinkForm label="Add workspace" make={make} refresh={["workspaces"]} onDone={onDone}>
      <TextField label="Name" required value={name} onChange={setName} hint="The customer, as you know it" />
      <TextField
        label="Administrator's user name"
        required
        value={admin}
        onChange={setAdmin}
        hint="Unique on this node; signing in with it selects the workspace"
      />
    </LinkForm>
  );
}
