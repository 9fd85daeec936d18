import { useState } from "react";
import * as api from "../../api/console";
import type { Role, User, UserPatch } from "../../api/types";
import { DialogForm } from "../../components/dialog-form";
import { useAction } from "../../components/use-action";
import { whyNotPerson } from "../../lib/access";
import { faultOf } from "../../lib/problems";
import { ROLE, ROLES } from "../../lib/words";
import { Dialog } from "../../ui/dialog";
import { ChoiceField, TextField } from "../../ui/field";
import { useMe } from "../me";
import { ROLE_HINT } from "./page";

interface Props {
  user: User | null;
  users: readonly User[];
  onClose: () => void;
}

/** Name and role of a technician. */
export function EditTechnician({ user, users, onClose }: Props) {
  return (
    <Dialog open={user !== null} onClose={onClose} title={user ? `Edit ${user.name || user.email}` : ""}>
      {user ? <Form key={user.id} user={user} users={users} onDone={onClose} /> : null}
    </Dialog>
  );
}

function Form({ user, users, onDone }: { user: User; users: readonly User[]; onDone: () => void }) {
  const me = useMe();
  const [name, setName] = useState(user.name);
  const [role, setRole] = useState<Role>(user.role);
  const fixed = whyNotPerson(user, me, users, "role");
  const patch: UserPatch = {
    ...(name.trim() === user.name ? {} : { name: name.trim() }),
    ...(role === user.role ? {} : { role }),
  };
  const save = useAction({
    run: () => api.patchUser(user.id, patch),
    done: (saved) => `${saved.email} was updated`,
    refresh: ["users", "grants", "access", "audit"],
  });
  return (
    <DialogForm
      label="Update technician"
      busy={save.busy}
      error={save.error}
      fields={["name", "role"]}
      blocked={Object.keys(patch).length === 0 ? "Nothing was changed yet" : null}
      onSubmit={() => save.start(undefined, onDone)}
      onCancel={onDone}
    >
      <TextField label="Mail address" readOnly value={user.email} onChange={() => {}} hint="Stays as it is" />
      <TextField label="Name" required value={name} onChange={setName} error={faultOf(save.error, "name")} />
      <ChoiceField
        label="Role at the console"
        value={role}
        onChange={setRole}
        disabled={fixed !== null}
        hint={fixed ?? `${ROLE_HINT[role]} At customers it never counts for more than this.`}
        options={ROLES.map((r) => ({ value: r, label: ROLE[r] }))}
        error={faultOf(save.error, "role")}
      />
    </DialogForm>
  );
}
