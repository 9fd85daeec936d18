import { useQuery, useQueryClient } from "@tanstack/react-query";
import { Boxes, Plus } from "lucide-react";
import { type FormEvent, useState } from "react";
import * as api from "../api/node";
import type { CreatedWorkspace } from "../api/types";
import { fullTime } from "../lib/format";
import { Button } from "../ui/button";
import { Secret } from "../ui/copy";
import { Dialog, DialogActions } from "../ui/dialog";
import { FormError, TextField } from "../ui/field";
import { Moment } from "../ui/marks";
import { ScrollBox } from "../ui/scroll-box";
import { Empty, Failure, PageHead, SkeletonRows, words } from "../ui/states";
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
      {query.error ? (
        <Failure error={query.error} title="The workspaces could not be read" onRetry={() => void query.refetch()} />
      ) : null}
      <ScrollBox label="Workspaces">
        {rows === undefined ? (
          query.error ? null : (
            <SkeletonRows rows={4} label="Reading the workspaces" />
          )
        ) : rows.length === 0 ? (
          <Empty icon={<Boxes size={18} />} title="No workspaces yet" action={add}>
            Each customer has one: its own directory, its own keys, its own administrator.
          </Empty>
        ) : (
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
      </ScrollBox>
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
  const queries = useQueryClient();
  const [name, setName] = useState("");
  const [admin, setAdmin] = useState("");
  const [created, setCreated] = useState<CreatedWorkspace | null>(null);
  const [error, setError] = useState<unknown>(null);
  const [busy, setBusy] = useState(false);
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    setBusy(true);
    setError(null);
    try {
      setCreated(await api.addWorkspace({ name: name.trim(), admin: admin.trim() }));
      await queries.invalidateQueries({ queryKey: ["workspaces"] });
    } catch (cause) {
      setError(cause);
    } finally {
      setBusy(false);
    }
  };
  if (created) {
    return (
      <div className="flex flex-col gap-3">
        <p>
          Give this link to <strong>{created.workspace.admin}</strong>. It works once, until{" "}
          {fullTime(created.link.expires_time)}, and is not shown again.
        </p>
        <Secret label="Link" text={created.link.link} />
        <DialogActions>
          <Button look="primary" onClick={onDone}>
            Done
          </Button>
        </DialogActions>
      </div>
    );
  }
  return (
    <form onSubmit={submit} className="flex flex-col gap-4">
      <TextField label="Name" required value={name} onChange={setName} hint="The customer, as you know it" />
      <TextField
        label="Administrator's user name"
        required
        value={admin}
        onChange={setAdmin}
        hint="Unique on this node; signing in with it selects the workspace"
      />
      <FormError>{error ? words(error) : null}</FormError>
      <DialogActions>
        <Button onClick={onDone}>Cancel</Button>
        <Button type="submit" look="primary" busy={busy}>
          Add workspace
        </Button>
      </DialogActions>
    </form>
  );
}
