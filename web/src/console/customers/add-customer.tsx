import { type FormEvent, useState } from "react";
import * as api from "../../api/console";
import type { Customer } from "../../api/types";
import { BLANK_CUSTOMER, newCustomer, nextDraft } from "../../lib/customer-form";
import { Button } from "../../ui/button";
import { Dialog, DialogActions } from "../../ui/dialog";
import { CheckField, FormError } from "../../ui/field";
import { Checklist } from "./checklist";
import { CredentialFields, NameFields, PrimaryField, ServerFields } from "./customer-fields";
import { CodeMeaning, MadeCode, useEnrolmentCode } from "./enrolment-code";
import { useCustomerForm } from "./use-customer-form";

interface Props {
  open: boolean;
  onClose: () => void;
  onAdded: (customer: Customer) => void;
}

/** The form of a new customer. It is mounted only while open: nothing typed survives it, least of all the password. */
export function AddCustomer({ open, onClose, onAdded }: Props) {
  return (
    <Dialog
      open={open}
      onClose={onClose}
      title="Add a customer"
      description="One workspace on one node becomes part of this console. Its administrator sees that and can end it; nobody here has access before you grant it."
      className="top-[4vh] max-h-[92vh] w-[680px]"
    >
      {open ? <Form onAdded={onAdded} onClose={onClose} /> : null}
    </Dialog>
  );
}

function Form({ onAdded, onClose }: Omit<Props, "open">) {
  const [dials, setDials] = useState(false);
  const direct = useCustomerForm({
    start: BLANK_CUSTOMER,
    meets: () => true,
    save: (draft) => api.addCustomer(newCustomer(draft)),
    done: (customer) => `${customer.name} was added`,
  });
  const code = useEnrolmentCode(direct);
  if (code.made) return <MadeCode made={code.made} onClose={onClose} onAdded={onAdded} />;
  const form = dials ? code.form : direct;
  const busy = direct.checking || direct.saving || code.busy;
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (dials) return code.make();
    direct.submit((customer) => {
      onClose();
      onAdded(customer);
    });
  };
  const another = () => {
    direct.submit(() => {
      direct.restart(nextDraft(direct.draft));
      direct.ref.current?.querySelector("input")?.focus();
    });
  };
  const doing = direct.checking ? "Checking…" : direct.saving ? "Enrolling…" : "Add customer";
  return (
    <form ref={direct.ref} onSubmit={submit} autoComplete="off" className="flex flex-col gap-4">
      <NameFields form={form} />
      <CheckField
        label="The node dials the console"
        hint="For a customer behind NAT: its side needs no open port, and no password of it is typed here."
        checked={dials}
        onChange={setDials}
        disabled={busy}
      />
      {dials ? null : (
        <>
          <ServerFields form={direct} askFingerprint={false} />
          <CredentialFields form={direct} />
        </>
      )}
      <PrimaryField form={form} />
      {dials ? <CodeMeaning /> : <Checklist form={direct} />}
      <FormError>{form.errors.form}</FormError>
      <DialogActions>
        <Button onClick={onClose}>Cancel</Button>
        {dials ? null : (
          <Button onClick={another} disabled={busy}>
            Save and add another
          </Button>
        )}
        <Button type="submit" look="primary" busy={busy}>
          {dials ? "Make a code" : doing}
        </Button>
      </DialogActions>
    </form>
  );
}
