import type { FormEvent } from "react";
import * as api from "../../api/console";
import type { Customer } from "../../api/types";
import { draftOfCustomer, isMoved, patchOfCustomer } from "../../lib/customer-form";
import { Button } from "../../ui/button";
import { Dialog, DialogActions } from "../../ui/dialog";
import { FormError } from "../../ui/field";
import { Checklist } from "./checklist";
import { CredentialFields, NameFields, PrimaryField, ServerFields } from "./customer-fields";
import { useCustomerForm } from "./use-customer-form";

/** Changes a customer. The node is met again only when it is said to be elsewhere. */
export function EditCustomer({ customer, onClose }: { customer: Customer | null; onClose: () => void }) {
  return (
    <Dialog
      open={customer !== null}
      onClose={onClose}
      title={customer ? `Edit ${customer.name}` : ""}
      description="Grants, licence and history stay, whatever is changed."
      className="top-[4vh] max-h-[92vh] w-[680px]"
    >
      {customer ? <Form key={customer.id} customer={customer} onClose={onClose} /> : null}
    </Dialog>
  );
}

function Form({ customer, onClose }: { customer: Customer; onClose: () => void }) {
  const form = useCustomerForm({
    start: draftOfCustomer(customer),
    own: customer.id,
    meets: (draft) => isMoved(customer, draft),
    save: (draft) => api.updateCustomer(customer.id, patchOfCustomer(customer, draft)),
    done: ({ name }) => `${name} was updated`,
  });
  const moved = isMoved(customer, form.draft);
  const same = Object.keys(patchOfCustomer(customer, form.draft)).length === 0;
  const busy = form.checking || form.saving;
  const submit = (event: FormEvent) => {
    event.preventDefault();
    form.submit(onClose);
  };
  return (
    <form ref={form.ref} onSubmit={submit} autoComplete="off" className="flex flex-col gap-4">
      {customer.link === "outbound" ? (
        <>
          <NameFields form={form} />
          <p className="text-muted">Its node dials this console: there is no server and no port to be told.</p>
        </>
      ) : (
        <>
          <NameFields form={form} />
          <ServerFields form={form} askFingerprint pinned={customer.fingerprint} />
        </>
      )}
      <PrimaryField form={form} />
      {moved ? (
        <>
          <p className="rounded-sm border border-line bg-bg px-3 py-2 text-muted">
            Server, port, connection or certificate were changed: the workspace is enrolled anew there, and its
            administrator has to agree once more.
          </p>
          <CredentialFields form={form} />
          <Checklist form={form} />
        </>
      ) : null}
      <FormError>{form.errors.form}</FormError>
      <DialogActions>
        <Button onClick={onClose}>Cancel</Button>
        <Button
          type="submit"
          look="primary"
          busy={busy}
          disabled={same}
          title={same ? "Nothing was changed yet" : undefined}
        >
          {form.checking ? "Checking…" : form.saving ? "Saving…" : "Update customer"}
        </Button>
      </DialogActions>
    </form>
  );
}
