import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import * as api from "../../api/console";
import type { Role } from "../../api/types";
import { DialogForm } from "../../components/dialog-form";
import { ExpiryField } from "../../components/expiry-field";
import { PickList } from "../../components/pick-list";
import { useAction } from "../../components/use-action";
import { type DelegationDraft, delegationsOf, personName, whyNotDelegate } from "../../lib/access";
import { plural } from "../../lib/format";
import { faultOf } from "../../lib/problems";
import { ROLE, ROLES } from "../../lib/words";
import { Dialog } from "../../ui/dialog";
import { CheckField, ChoiceField, TextField } from "../../ui/field";

/** What is settled before the form opens: whom it is for, or which customer. */
export interface Assignment {
  title: string;
  user?: string;
  customer?: string;
}

/** Delegates: several people, several customers and groups, or all, in one go. */
export function AssignDialog({ assignment, onClose }: { assignment: Assignment | null; onClose: () => void }) {
  return (
    <Dialog
      open={assignment !== null}
      onClose={onClose}
      title={assignment?.title ?? ""}
      description="What somebody was delegated before of the same customer, group, or all, is replaced."
      className="w-[620px]"
    >
      {assignment ? <AssignForm assignment={assignment} onDone={onClose} /> : null}
    </Dialog>
  );
}

const FIELDS = ["users", "customers", "groups", "all", "role", "deny", "expires_time", "reason"];

type Gives = Role | "deny";
const GIVES: readonly { value: Gives; label: string }[] = [
  ...ROLES.map((role) => ({ value: role, label: ROLE[role] })),
  { value: "deny", label: "Deny: wins over every role" },
];

function AssignForm({ assignment: { user, customer }, onDone }: { assignment: Assignment; onDone: () => void }) {
  const [draft, setDraft] = useState<DelegationDraft>({
    users: user ? [user] : [],
    customers: customer ? [customer] : [],
    groups: [],
    all: false,
    gives: "analyst",
    expires: undefined,
    reason: "",
  });
  const change = (some: Partial<DelegationDraft>) => setDraft((before) => ({ ...before, ...some }));
  const missing = whyNotDelegate(draft);
  const add = useAction({
    run: () => api.addDelegations(delegationsOf(draft)),
    done: ({ data }) =>
      `${plural(data.length, "delegation")} ${draft.gives === "deny" ? "denied" : "made"}; nodes are told as they answer`,
    refresh: ["delegations", "grants", "users", "customers", "groups", "access", "audit"],
  });
  const fault = (field: string) => faultOf(add.error, field);
  return (
    <DialogForm
      label="Assign"
      busy={add.busy}
      error={add.error}
      fields={FIELDS}
      blocked={missing}
      onSubmit={() => add.start(undefined, onDone)}
      onCancel={onDone}
    >
      {user ? null : <People draft={draft} change={change} error={fault("users")} />}
      {customer ? null : <Subjects draft={draft} change={change} fault={fault} />}
      <div className="grid grid-cols-2 gap-4">
        <ChoiceField<Gives>
          label="Role"
          value={draft.gives}
          onChange={(gives) => change({ gives })}
          options={GIVES}
          hint={
            draft.gives === "deny"
              ? "Keeps the technician out, whatever else is delegated"
              : "At the customer never more than this, and never more than the own role at the console"
          }
          error={fault("role") ?? fault("deny")}
        />
        <ExpiryField value={draft.expires} onChange={(expires) => change({ expires })} error={fault("expires_time")} />
      </div>
      <TextField
        label="Reason"
        maxLength={500}
        value={draft.reason}
        onChange={(reason) => change({ reason })}
        hint="Shown with the grant, and kept in the audit"
        error={fault("reason")}
      />
    </DialogForm>
  );
}

interface PartProps {
  draft: DelegationDraft;
  change: (some: Partial<DelegationDraft>) => void;
}

function People({ draft, change, error }: PartProps & { error: string | null }) {
  const users = useQuery({ queryKey: ["users"], queryFn: api.users, staleTime: 30_000 });
  const able = (users.data?.data ?? []).filter(({ state }) => state !== "DISABLED");
  return (
    <PickList
      label="Technicians"
      options={able.map((one) => ({ value: one.id, label: personName(one), hint: ROLE[one.role] }))}
      chosen={draft.users}
      onChange={(users) => change({ users })}
      none={users.data ? "Nobody can be chosen." : "Reading the technicians…"}
      error={error}
    />
  );
}

function Subjects({ draft, change, fault }: PartProps & { fault: (field: string) => string | null }) {
  const customers = useQuery({ queryKey: ["customers"], queryFn: api.customers, staleTime: 30_000 });
  const groups = useQuery({ queryKey: ["groups"], queryFn: api.groups, staleTime: 30_000 });
  return (
    <>
      <CheckField
        label="All customers, future ones included"
        hint="One that is added tomorrow needs no further step."
        checked={draft.all}
        onChange={(all) => change({ all })}
      />
      {draft.all ? null : (
        <>
          <PickList
            label="Customers"
            rows={5}
            options={(customers.data?.data ?? []).map(({ id, name, region }) => ({
              value: id,
              label: name,
              hint: region,
            }))}
            chosen={draft.customers}
            onChange={(customers) => change({ customers })}
            none={customers.data ? "There are no customers yet." : "Reading the customers…"}
            error={fault("customers")}
          />
          <PickList
            label="Groups"
            rows={3}
            options={(groups.data?.data ?? []).map(({ id, name, customer_count }) => ({
              value: id,
              label: name,
              hint: plural(customer_count, "customer"),
            }))}
            chosen={draft.groups}
            onChange={(groups) => change({ groups })}
            none={groups.data ? "There are no groups: make one under Customers, Groups." : "Reading the groups…"}
            error={fault("groups")}
          />
        </>
      )}
    </>
  );
}
