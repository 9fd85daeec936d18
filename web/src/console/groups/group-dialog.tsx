import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import * as api from "../../api/console";
import type { Group } from "../../api/types";
import { DialogForm } from "../../components/dialog-form";
import { PickList } from "../../components/pick-list";
import { useAction } from "../../components/use-action";
import { plural } from "../../lib/format";
import { faultOf } from "../../lib/problems";
import { Dialog } from "../../ui/dialog";
import { TextField } from "../../ui/field";
import { Failure, SkeletonRows } from "../../ui/states";

export type GroupTask = { what: "make" } | { what: "rename" | "choose"; group: Group };

const TITLES = {
  make: () => "Make a group",
  rename: (n: string) => `Rename ${n}`,
  choose: (n: string) => `Customers of ${n}`,
};
const REFRESH = ["groups", "customers", "grants", "delegations", "users", "access", "audit"];

/** A group's name, its customers, or both. */
export function GroupDialog({ task, onClose }: { task: GroupTask | null; onClose: () => void }) {
  const name = task && "group" in task ? task.group.name : "";
  return (
    <Dialog open={task !== null} onClose={onClose} title={task ? TITLES[task.what](name) : ""}>
      {task?.what === "make" ? <Make onDone={onClose} /> : null}
      {task?.what === "rename" ? <Rename group={task.group} onDone={onClose} /> : null}
      {task?.what === "choose" ? <Choose group={task.group} onDone={onClose} /> : null}
    </Dialog>
  );
}

function Make({ onDone }: { onDone: () => void }) {
  const [name, setName] = useState("");
  const [chosen, setChosen] = useState<string[]>([]);
  const make = useAction({
    run: () => api.addGroup({ name: name.trim(), customers: chosen }),
    done: (made) => `Group ${made.name} was made`,
    refresh: REFRESH,
  });
  return (
    <DialogForm
      label="Make group"
      busy={make.busy}
      error={make.error}
      fields={["name", "customers"]}
      onSubmit={() => make.start(undefined, onDone)}
      onCancel={onDone}
    >
      <TextField
        label="Name"
        required
        maxLength={100}
        value={name}
        onChange={setName}
        error={faultOf(make.error, "name")}
      />
      <Customers chosen={chosen} onChange={setChosen} error={faultOf(make.error, "customers")} />
    </DialogForm>
  );
}

interface OneProps {
  group: Group;
  onDone: () => void;
}

function Rename({ group, onDone }: OneProps) {
  const [name, setName] = useState(group.name);
  const save = useAction({
    run: () => api.patchGroup(group.id, { name: name.trim() }),
    done: (saved) => `The group is called ${saved.name} now`,
    refresh: REFRESH,
  });
  return (
    <DialogForm
      label="Rename"
      busy={save.busy}
      error={save.error}
      fields={["name"]}
      blocked={name.trim() === group.name ? "Nothing was changed yet" : null}
      onSubmit={() => save.start(undefined, onDone)}
      onCancel={onDone}
    >
      <TextField
        label="Name"
        required
        maxLength={100}
        value={name}
        onChange={setName}
        error={faultOf(save.error, "name")}
      />
    </DialogForm>
  );
}

/** Who is in it now is read first: what is saved says all of them. */
function Choose({ group, onDone }: OneProps) {
  const now = useQuery({ queryKey: ["groups", group.id], queryFn: () => api.group(group.id), gcTime: 0 });
  if (now.data) return <Chosen group={group} now={now.data.customers.map(({ id }) => id)} onDone={onDone} />;
  return now.error ? (
    <Failure error={now.error} title="The group could not be read" onRetry={() => void now.refetch()} />
  ) : (
    <SkeletonRows rows={5} label="Reading the group" />
  );
}

function Chosen({ group, now, onDone }: OneProps & { now: readonly string[] }) {
  const [before] = useState(now);
  const [chosen, setChosen] = useState<readonly string[]>(before);
  const joined = chosen.filter((id) => !before.includes(id)).length;
  const left = before.filter((id) => !chosen.includes(id)).length;
  const save = useAction({
    run: () => api.patchGroup(group.id, { customers: [...chosen] }),
    done: (saved) => `${saved.name}: ${plural(saved.customers.length, "customer")}`,
    refresh: REFRESH,
  });
  return (
    <DialogForm
      label="Save"
      busy={save.busy}
      error={save.error}
      fields={["customers"]}
      blocked={joined + left === 0 ? "Nothing was changed yet" : null}
      onSubmit={() => save.start(undefined, onDone)}
      onCancel={onDone}
    >
      <Customers chosen={chosen} onChange={setChosen} error={faultOf(save.error, "customers")} />
      {joined + left > 0 && group.delegation_count > 0 ? (
        <p className="text-muted">
          {plural(joined, "customer")} joined, {left} left: whoever is delegated the group gains and loses them at once.
        </p>
      ) : null}
    </DialogForm>
  );
}

interface PickProps {
  chosen: readonly string[];
  onChange: (chosen: string[]) => void;
  error: string | null;
}

function Customers({ chosen, onChange, error }: PickProps) {
  const customers = useQuery({ queryKey: ["customers"], queryFn: api.customers, staleTime: 30_000 });
  return (
    <PickList
      label="Customers"
      rows={9}
      options={(customers.data?.data ?? []).map(({ id, name, region }) => ({ value: id, label: name, hint: region }))}
      chosen={chosen}
      onChange={onChange}
      none={customers.data ? "There are no customers yet." : "Reading the customers…"}
      error={error}
    />
  );
}
