import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { Trash2, UserPlus, Users } from "lucide-react";
import { useState } from "react";
import * as api from "../../api/console";
import type { Customer, Grant, GrantState, NewGrant, Role, User } from "../../api/types";
import { useAction } from "../../components/use-action";
import { viaWords } from "../../lib/access";
import { GRANT_STATE, ROLE, ROLES } from "../../lib/words";
import { Button, IconButton } from "../../ui/button";
import { Dialog } from "../../ui/dialog";
import { ChoiceField } from "../../ui/field";
import { Age, Badge, Moment } from "../../ui/marks";
import { Select } from "../../ui/select";
import { Empty, Failure, SkeletonRows } from "../../ui/states";
import { AssignDialog, type Assignment } from "../technicians/assign";

const REFRESH_MS = 3000;

/** Who has which role on one customer: what was decided here, and what its node confirmed. */
export function GrantsPanel({ customer, onClose }: { customer: Customer | null; onClose: () => void }) {
  return (
    <Dialog
      place="side"
      open={customer !== null}
      onClose={onClose}
      title={customer ? `Access to ${customer.name}` : ""}
      description="A grant counts when the customer's node has confirmed it. The customer sees it, and can revoke it."
    >
      {customer ? <Grants key={customer.id} customer={customer} /> : null}
    </Dialog>
  );
}

/** The same without the panel around it. */
export function Grants({ customer }: { customer: Customer }) {
  const grants = useQuery({
    queryKey: ["grants", customer.id],
    queryFn: () => api.grants(customer.id),
    refetchInterval: REFRESH_MS,
  });
  const users = useQuery({ queryKey: ["users"], queryFn: api.users, staleTime: 30_000 });
  const put = useAction({
    run: (grant: NewGrant) => api.putGrant(grant),
    refused: "The grant was not changed",
    refresh: ["grants", "delegations", "customers", "users", "access"],
  });
  const rows = grants.data?.data;
  const [assignment, setAssignment] = useState<Assignment | null>(null);
  const free = users.data?.data.filter((u) => !rows?.some((g) => g.user === u.id && g.desired)) ?? [];
  const able = free.filter((u) => u.state !== "DISABLED");
  return (
    <div className="flex flex-col gap-4">
      {users.data && rows ? (
        <AddGrant
          users={able}
          busy={put.busy}
          onAdd={(user, role) => put.start({ user, customer: customer.id, role })}
        />
      ) : null}
      <div className="flex items-center gap-3">
        <Button
          icon={<Users size={14} aria-hidden="true" />}
          onClick={() => setAssignment({ title: `Assign technicians to ${customer.name}`, customer: customer.id })}
        >
          Assign technicians…
        </Button>
        <span className="text-muted">several at once, with an end, a reason, or to deny</span>
      </div>
      <AssignDialog assignment={assignment} onClose={() => setAssignment(null)} />
      {grants.error ? (
        <Failure error={grants.error} title="The grants could not be read" onRetry={() => void grants.refetch()} />
      ) : null}
      {rows === undefined ? (
        grants.error ? null : (
          <SkeletonRows rows={4} label="Reading the grants" />
        )
      ) : rows.length === 0 ? (
        <Empty icon={<UserPlus size={18} />} title="Nobody has access">
          Give somebody a role above. The node is told at once, or as soon as it answers.
        </Empty>
      ) : (
        <ul className="rounded-md border border-line" aria-label="Grants">
          {rows.map((grant) => (
            <GrantRow
              key={grant.id}
              grant={grant}
              busy={put.busy}
              onRole={(role) => put.start({ user: grant.user, customer: customer.id, role })}
            />
          ))}
        </ul>
      )}
    </div>
  );
}

function AddGrant({ users, busy, onAdd }: { users: User[]; busy: boolean; onAdd: (user: string, role: Role) => void }) {
  const [user, setUser] = useState("");
  const [role, setRole] = useState<Role>("analyst");
  return (
    <form
      className="flex items-end gap-2 rounded-md border border-line bg-bg p-3"
      onSubmit={(event) => {
        event.preventDefault();
        if (!user) return;
        onAdd(user, role);
        setUser("");
      }}
    >
      <ChoiceField
        label="Give access to"
        className="flex-1"
        value={user}
        onChange={setUser}
        disabled={users.length === 0}
        options={[
          { value: "", label: users.length === 0 ? "Everybody has a role here" : "Choose a person…" },
          ...users.map((u) => ({ value: u.id, label: u.name ? `${u.name} (${u.email})` : u.email })),
        ]}
      />
      <ChoiceField
        label="Role"
        className="w-36"
        value={role}
        onChange={setRole}
        options={ROLES.map((r) => ({ value: r, label: ROLE[r] }))}
      />
      <Button
        type="submit"
        look="primary"
        busy={busy}
        disabled={!user}
        title={user ? undefined : "Choose a person first"}
      >
        Grant
      </Button>
    </form>
  );
}

const tones: Record<GrantState, "ok" | "warn" | "bad"> = { APPLIED: "ok", PENDING: "warn", REFUSED: "bad" };

function GrantRow({ grant, busy, onRole }: { grant: Grant; busy: boolean; onRole: (role: Role | null) => void }) {
  const own = grant.via.find(({ all, group }) => !all && !group);
  const elsewhere = own ? null : "It follows from a group or from all customers: take that delegation back";
  return (
    <li className="border-b border-line px-3 py-2 last:border-b-0" data-grant={grant.email}>
      <div className="flex items-center gap-2">
        <Link
          to="/technicians/$id"
          params={{ id: grant.user }}
          title={`What else is delegated to ${grant.email}`}
          className="min-w-0 flex-1 truncate rounded-sm font-medium hover:text-accent hover:underline"
        >
          {grant.email}
        </Link>
        <Badge tone={tones[grant.state]}>{GRANT_STATE[grant.state]}</Badge>
        {grant.desired ? (
          <Select
            aria-label={`Role of ${grant.email}`}
            className="w-36"
            value={grant.desired}
            aria-disabled={busy}
            onChange={(event) => {
              const role = ROLES.find((r) => r === event.target.value);
              if (role) onRole(role);
            }}
          >
            {ROLES.map((role) => (
              <option key={role} value={role}>
                {ROLE[role]}
              </option>
            ))}
          </Select>
        ) : (
          <span className="text-muted">being removed</span>
        )}
        <IconButton
          label={`Remove ${grant.email}`}
          title={elsewhere ?? `Remove ${grant.email}`}
          disabled={busy || !grant.desired || elsewhere !== null}
          onClick={() => onRole(null)}
        >
          <Trash2 size={14} aria-hidden="true" />
        </IconButton>
      </div>
      <div className="mt-0.5 text-sm text-muted">
        Decided here: {grant.desired ? ROLE[grant.desired] : "no role"}. Confirmed by the node:{" "}
        {grant.applied ? ROLE[grant.applied] : "no role"}. By {grant.granted_by}, <Age time={grant.updated_time} /> ago.
        {grant.via.length > 0 ? (
          <span className="block first-letter:uppercase" data-via>
            {grant.via.map(viaWords).join("; ")}
            {grant.expires_time ? (
              <>
                ; ends <Moment time={grant.expires_time} long />
              </>
            ) : null}
            {grant.reason ? `; ${grant.reason}` : ""}
          </span>
        ) : null}
        {grant.detail ? <span className="block text-text first-letter:uppercase">{grant.detail}</span> : null}
      </div>
    </li>
  );
}
