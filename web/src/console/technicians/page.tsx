import { useQuery } from "@tanstack/react-query";
import { UserCheck, UserPlus } from "lucide-react";
import { useState } from "react";
import * as api from "../../api/console";
import type { Role, User } from "../../api/types";
import { Confirm, type Question } from "../../components/confirm";
import { LinkForm } from "../../components/link-form";
import { Rows } from "../../components/rows";
import { ROLE, ROLES } from "../../lib/words";
import { Button } from "../../ui/button";
import { Dialog } from "../../ui/dialog";
import { ChoiceField, TextField } from "../../ui/field";
import { Empty, PageHead } from "../../ui/states";
import { AdministratorsOnly } from "../frame";
import { useMe } from "../me";
import { AssignDialog, type Assignment } from "./assign";
import { EditTechnician } from "./edit";
import { NewLink } from "./new-link";
import { TechnicianTable } from "./table";

const REFRESH_MS = 10_000;

/** The people who sign in here: who they are, whether they can, and on how many customers they have a role. */
export function TechniciansPage() {
  return useMe().role === "administrator" ? <Technicians /> : <AdministratorsOnly />;
}

function Technicians() {
  const [inviting, setInviting] = useState(false);
  const [editing, setEditing] = useState<User | null>(null);
  const [linking, setLinking] = useState<User | null>(null);
  const [assignment, setAssignment] = useState<Assignment | null>(null);
  const [question, setQuestion] = useState<Question | null>(null);
  const query = useQuery({ queryKey: ["users"], queryFn: api.users, refetchInterval: REFRESH_MS });
  const rows = query.data?.data;
  return (
    <div className="flex h-full min-w-[892px] flex-col gap-2.5 p-3">
      <PageHead title="Technicians" note={rows ? `${rows.length}` : null}>
        <Button
          icon={<UserCheck size={15} aria-hidden="true" />}
          onClick={() => setAssignment({ title: "Assign customers to technicians" })}
        >
          Assign customers…
        </Button>
        <Button look="primary" icon={<UserPlus size={15} aria-hidden="true" />} onClick={() => setInviting(true)}>
          Invite technician
        </Button>
      </PageHead>
      <Rows
        label="Technicians"
        rows={rows}
        error={query.error}
        onRetry={() => void query.refetch()}
        empty={<Empty icon={<UserPlus size={18} />} title="There is nobody yet" />}
      >
        {(rows) => (
          <TechnicianTable
            rows={rows}
            actions={{
              edit: setEditing,
              link: setLinking,
              ask: setQuestion,
              assign: (user) =>
                setAssignment({ title: `Assign customers to ${user.name || user.email}`, user: user.id }),
            }}
          />
        )}
      </Rows>
      <Dialog
        open={inviting}
        onClose={() => setInviting(false)}
        title="Invite a technician"
        description="The person chooses the password by a link that works once. Which customers they reach is assigned apart."
      >
        {inviting ? <Invite onDone={() => setInviting(false)} /> : null}
      </Dialog>
      <EditTechnician user={editing} users={rows ?? []} onClose={() => setEditing(null)} />
      <NewLink user={linking} onClose={() => setLinking(null)} />
      <AssignDialog assignment={assignment} onClose={() => setAssignment(null)} />
      <Confirm question={question} onClose={() => setQuestion(null)} />
    </div>
  );
}

export const ROLE_HINT: Record<Role, string> = {
  viewer: "Looks at what the grants allow.",
  analyst: "Looks, searches and works investigations where the grants allow.",
  administrator: "An analyst who also adds customers and technicians, and gives grants.",
};

function Invite({ onDone }: { onDone: () => void }) {
  const [email, setEmail] = useState("");
  const [name, setName] = useState("");
  const [role, setRole] = useState<Role>("analyst");
  const make = async () => {
    const { user, link } = await api.addUser({ email: email.trim(), name: name.trim(), role });
    return { who: user.email, link };
  };
  return (
    <LinkForm label="Invite" make={make} refresh={["users", "audit"]} onDone={onDone}>
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
