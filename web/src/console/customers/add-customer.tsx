import type { FormEvent } from "react";
import * as api from "../../api/console";
import type { Customer } from "../../api/types";
import { BLANK_CUSTOMER, newCustomer, nextDraft } from "../../lib/customer-form";
import { Button } from "../../ui/button";
import { Dialog, DialogActions } from "../../ui/dialog";
import { FormError } from "../../ui/field";
import { Checklist } from "./checklist";
import { CredentialFields, CustomerFields, PrimaryField } from "./customer-fields";
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
  const form = useCustomerForm({
    start: BLANK_CUSTOMER,
    meets: () => true,
    save: (draft) => api.addCustomer(newCustomer(draft)),
    done: (customer) => `${customer.name} was added`,
  });
  const busy = form.checking || form.saving;
  const submit = (event: FormEvent) => {
    event.preventDefault();
    form.submit((customer) => {
      onClose();
      onAdded(customer);
    });
  };
  const another = () => {
    form.submit(() => {
      form.restart(nextDraft(form.draft));
      form.ref.current?.querySelector("input")?.focus();
    });
  };
  return (
    <form ref={form.ref} onSubmit={submit} autoComplete="off" className="flex flex-col gap-4">
      <CustomerFields form={form} askFingerprint={false} />
      <CredentialFields form={form} />
      <PrimaryField form={form} />
      <Checklist form={form} />
      <FormError>{form.errors.form}</FormError>
      <DialogActions>
        <Button onClick={onClose}>Cancel</Button>
        <Button onClick={another} disabled={busy}>
          Save and add another
        </Button>
        <Button type="submit" look="primary" busy={busy}>
          {form.checking ? "Checking…" : form.saving ? "Enrolling…" : "Add customer"}
        </Button>
      </DialogActions>
    </form>
  );
}
