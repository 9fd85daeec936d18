import { useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import * as api from "../../api/console";
import type { Customer, NewCustomer, Scheme } from "../../api/types";
import { type FormErrors, refusal } from "../../lib/add-customer";
import { Button } from "../../ui/button";
import { Dialog, DialogActions } from "../../ui/dialog";
import { ChoiceField, FormError, TextField } from "../../ui/field";
import { notify } from "../../ui/toast";

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
      description="One workspace on one node becomes part of this console."
      className="top-[6vh] max-h-[90vh] w-[600px]"
    >
      {open ? <Form onCancel={onClose} onAdded={onAdded} onClose={onClose} /> : null}
    </Dialog>
  );
}

const SCHEMES: { value: Scheme; label: string }[] = [
  { value: "https", label: "HTTPS" },
  { value: "http", label: "HTTP" },
];

function Form({
  onCancel,
  onAdded,
  onClose,
}: {
  onCancel: () => void;
  onAdded: Props["onAdded"];
  onClose: () => void;
}) {
  const queries = useQueryClient();
  const [form, setForm] = useState({
    name: "",
    mail: "",
    server: "",
    port: "",
    scheme: "https" as Scheme,
    user: "",
    primary: false,
  });
  const [password, setPassword] = useState("");
  const [errors, setErrors] = useState<FormErrors>({});
  const [busy, setBusy] = useState(false);
  const set =
    <K extends keyof typeof form>(key: K) =>
    (value: (typeof form)[K]) =>
      setForm((f) => ({ ...f, [key]: value }));
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    setBusy(true);
    setErrors({});
    try {
      const customer = await api.addCustomer(asNewCustomer(form, password));
      await queries.invalidateQueries({ queryKey: ["customers"] });
      notify(`${customer.name} was added`);
      onClose();
      onAdded(customer);
    } catch (error) {
      setErrors(refusal(error));
    } finally {
      setPassword("");
      setBusy(false);
    }
  };
  return (
    <form onSubmit={submit} autoComplete="off" className="flex flex-col gap-4">
      <FormError>{errors.form}</FormError>
      <div className="grid grid-cols-2 gap-4">
        <TextField
          label="Customer name"
          required
          maxLength={100}
          value={form.name}
          onChange={set("name")}
          error={errors.name}
        />
        <TextField label="Customer mail" required value={form.mail} onChange={set("mail")} error={errors.mail} />
      </div>
      <div className="grid grid-cols-[minmax(0,1fr)_96px_112px] gap-4">
        <TextField
          label="Server"
          required
          placeholder="node.customer.example"
          value={form.server}
          onChange={set("server")}
          error={errors.server}
          hint="Host name or address of the node"
        />
        <TextField
          label="Port"
          required
          inputMode="numeric"
          pattern="[0-9]{1,5}"
          value={form.port}
          onChange={set("port")}
          error={errors.port}
        />
        <ChoiceField
          label="Connection"
          value={form.scheme}
          options={SCHEMES}
          onChange={set("scheme")}
          error={errors.scheme}
        />
      </div>
      <div className="grid grid-cols-2 gap-4">
        <TextField
          label="Workspace administrator"
          required
          autoComplete="off"
          value={form.user}
          onChange={set("user")}
          error={errors.user}
          hint="Selects the workspace"
        />
        <TextField
          label="Its password"
          type="password"
          required
          autoComplete="new-password"
          value={password}
          onChange={setPassword}
          error={errors.password}
          hint="Used once, never stored"
        />
      </div>
      <label className="flex items-center gap-2">
        <input
          type="checkbox"
          className="size-4 accent-accent"
          checked={form.primary}
          onChange={(event) => set("primary")(event.target.checked)}
        />
        This is our own workspace (the primary, pinned first; there is at most one)
      </label>
      <WhatHappens />
      <DialogActions>
        <Button onClick={onCancel}>Cancel</Button>
        <Button type="submit" look="primary" busy={busy}>
          {busy ? "Asking the node…" : "Add customer"}
        </Button>
      </DialogActions>
    </form>
  );
}

function WhatHappens() {
  return (
    <div className="rounded-sm border border-line bg-bg px-3 py-2 text-muted">
      <div className="font-medium text-text">What happens now</div>
      <ol className="mt-1 list-decimal pl-5">
        <li>The console asks the node who it is, and compares versions.</li>
        <li>It enrols with the administrator's consent: the password goes to the node once and is forgotten here.</li>
        <li>The node learns this console's key. The customer sees it on its own page and can revoke it there.</li>
        <li>Nobody has access yet, not even you: you give grants next.</li>
      </ol>
    </div>
  );
}

function asNewCustomer(
  form: { name: string; mail: string; server: string; port: string; scheme: Scheme; user: string; primary: boolean },
  password: string,
): NewCustomer {
  return {
    name: form.name.trim(),
    mail: form.mail.trim(),
    server: form.server.trim(),
    port: Number(form.port),
    scheme: form.scheme,
    admin: { user: form.user.trim(), password },
    primary: form.primary,
  };
}
