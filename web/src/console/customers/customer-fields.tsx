import type { Scheme } from "../../api/types";
import { CheckField, ChoiceField, TextField } from "../../ui/field";
import { Pairs } from "../../ui/pairs";
import type { CustomerForm } from "./use-customer-form";

const SCHEMES: { value: Scheme; label: string }[] = [
  { value: "https", label: "HTTPS" },
  { value: "http", label: "HTTP" },
];

type NameForm = Pick<CustomerForm, "draft" | "set" | "errors">;

export function NameFields({ form }: { form: NameForm }) {
  const { draft, set, errors } = form;
  return (
    <div className="grid grid-cols-2 gap-4">
      <TextField
        label="Customer name"
        required
        maxLength={100}
        value={draft.name}
        onChange={(name) => set({ name })}
        error={errors.name}
      />
      <TextField
        label="Customer mail"
        required
        value={draft.mail}
        onChange={(mail) => set({ mail })}
        error={errors.mail}
      />
    </div>
  );
}

interface ServerProps {
  form: CustomerForm;
  askFingerprint: boolean;
  /** The fingerprint by which its node is known already. */
  pinned?: string | null;
}

export function ServerFields({ form, askFingerprint, pinned }: ServerProps) {
  const { draft, set, errors } = form;
  return (
    <>
      <div className="grid grid-cols-[minmax(0,1fr)_112px_112px] gap-4">
        <TextField
          label="Server"
          required
          placeholder="node.customer.example"
          value={draft.server}
          onChange={(server) => set({ server, fingerprint: "" })}
          error={errors.server}
          hint="Host name or address of the node"
        />
        <TextField
          label="Port"
          required
          inputMode="numeric"
          pattern="[0-9]{1,5}"
          value={draft.port}
          onChange={(port) => set({ port, fingerprint: "" })}
          error={errors.port}
        />
        <ChoiceField
          label="Connection"
          value={draft.scheme}
          options={SCHEMES}
          onChange={(scheme) => set({ scheme, fingerprint: "" })}
          error={errors.scheme}
        />
      </div>
      {draft.scheme === "https" && (askFingerprint || draft.fingerprint || errors.fingerprint) ? (
        <TextField
          label="Fingerprint of its certificate (optional)"
          className="[&_input]:font-mono [&_input]:text-sm"
          spellCheck={false}
          autoComplete="off"
          value={draft.fingerprint}
          onChange={(fingerprint) => set({ fingerprint })}
          error={errors.fingerprint}
          hint="SHA-256, as the node’s operator reads it to you; only for a certificate no authority vouches for"
        />
      ) : null}
      {pinned ? <Pinned hex={pinned} /> : null}
    </>
  );
}

function Pinned({ hex }: { hex: string }) {
  return (
    <div className="rounded-sm border border-line bg-bg px-3 py-2 text-muted" data-testid="pinned">
      Its certificate is pinned: the node is known by this fingerprint alone, until another address or another
      fingerprint is given.
      <code className="mono mt-1 block text-text">
        <Pairs hex={hex} />
      </code>
    </div>
  );
}

/** The workspace's administrator: used once. */
export function CredentialFields({ form }: { form: CustomerForm }) {
  const { draft, set, errors } = form;
  return (
    <div className="grid grid-cols-2 gap-4">
      <TextField
        label="Workspace administrator"
        required
        autoComplete="off"
        value={draft.user}
        onChange={(user) => set({ user })}
        error={errors.user}
        hint="Selects the workspace"
      />
      <TextField
        label="Its password"
        type="password"
        required
        autoComplete="new-password"
        value={draft.password}
        onChange={(password) => set({ password })}
        error={errors.password}
        hint="Goes to the node once, is stored nowhere"
      />
    </div>
  );
}

export function PrimaryField({ form }: { form: NameForm }) {
  const { draft, set, errors } = form;
  return (
    <div>
      <CheckField
        label="This is our own workspace (the primary, pinned first; there is at most one)"
        checked={draft.primary}
        onChange={(primary) => set({ primary })}
      />
      {errors.primary ? (
        <div role="alert" className="mt-1 ml-6 text-sm text-danger">
          {errors.primary}
        </div>
      ) : null}
    </div>
  );
}
