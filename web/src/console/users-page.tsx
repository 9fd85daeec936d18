import { useQuery } from "@tanstack/react-query";
import { UserPlus } from "lucide-react";
import { useState } from "react";
import * as api from "../api/console";
import type { Role } from "../api/types";
import { LinkForm } from "../components/link-form";
import { Rows } from "../components/rows";
import { ROLE, ROLES } from "../lib/words";
import { Button } from "../ui/button";
import { Dialog } from "../ui/dialog";
import { ChoiceField, TextField } from "../ui/field";
import { Badge } from "../ui/marks";
import { PageHead } from "../ui/states";
import { Table, Td, Th, trClass } from "../ui/table";
import { AdministratorsOnly } from "./frame";
import { useMe } from "./me";

/** The people who sign in here. What they reach is decided per customer, by grants. */
export function UsersPage() {
  return useMe().role === "administrator" ? <Users /> : <AdministratorsOnly />;
}

function Users() {
  const [adding, setAdding] = useState(false);
  const query = useQuery({ queryKey: ["users"], queryFn: api.users });
  const rows = query.data?.data;
  return (
    <div className="flex h-full flex-col gap-2.5 p-3">
      <PageHead title="Users" note={rows ? `${rows.length}` : null}>
        <Button look="primary" icon={<UserPlus size={15} aria-hidden="true" />} onClick={() => setAdding(true)}>
          Add user
        </Button>
      </PageHead>
      <Rows label="Users" rows={rows} error={query.error} onRetry={() => void query.refetch()} empty={null}>
        {(rows) => (
          <Table label="Users">
            <thead>
              <tr>
                <Th>Mail address</Th>
                <Th>Name</Th>
                <Th>Role at the console</Th>
                <Th>State</Th>
              </tr>
            </thead>
            <tbody>
              {rows.map((user) => (
                <tr key={user.id} className={trClass}>
                  <Td className="font-medium">{user.email}</Td>
                  <Td>{user.name || "–"}</Td>
                  <Td>{ROLE[user.role]}</Td>
                  <Td>
                    {user.active ? (
                      <span className="text-muted">Active</span>
                    ) : (
                      <Badge tone="warn">Link not used yet</Badge>
                    )}
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
        title="Add a user"
        description="The person chooses the password by a link that works once."
      >
        {adding ? <AddUser onDone={() => setAdding(false)} /> : null}
      </Dialog>
    </div>
  );
}

const ROLE_HINT: Record<Role, string> = {
  viewer: "Looks at what the grants allow.",
  analyst: "Looks, searches and works investigations where the grants allow.",
  administrator: "An analyst who also adds customers and users, and gives grants.",
};

function AddUser({ onDone }: { onDone: () => void }) {
  const [email, setEmail] = useState("");
  const [name, setName] = useState("");
  const [role, setRole] = useState<Role>("analyst");
  const make = async () => {
    const { user, link } = await api.addUser({ email: email.trim(), name: name.trim(), role });
    return { who: user.email, link };
  };
  return (
    <LinkForm label="Add user" make={make} refresh={["users"]} onDone={onDone}>
      <TextField label="Mail address" type="email" required value={email} onChange={setEmail} />
      <TextField label="Name" required value={name} onChange={setName} />
      <ChoiceField
        label="Role at the console"
        value={role}
        onChange={setRole}
        hint={ROLE_HINT[role]}
        options={ROLES.map((r) => ({ value: r, label: ROLE[r] }))}
      />
    </LinkForm>
  );
}
