import { Download } from "lucide-react";
import { type FormEvent, useState } from "react";
import * as api from "../../api/console";
import { ApiError } from "../../api/http";
import type { Customer, Removal } from "../../api/types";
import { useAction } from "../../components/use-action";
import { download } from "../../lib/csv";
import { shortTime } from "../../lib/format";
import { faultOf, faultOfForm } from "../../lib/problems";
import { Button } from "../../ui/button";
import { Dialog, DialogActions } from "../../ui/dialog";
import { AreaField, CheckField, FormError, TextField } from "../../ui/field";

/** Who is to be let go: a customer, or one that is on its way out. */
export interface Leaving {
  id: string;
  name: string;
  /** Deleted already, and waiting for the time to undo it to be over. */
  suspended: boolean;
  /** Its node failed to answer to a deletion before: why. */
  failed: string | null;
}

export function leavingOf({ id, name, delete_failed }: Customer): Leaving {
  return { id, name, suspended: false, failed: delete_failed ? "its node did not answer" : null };
}

interface Props {
  leaving: Leaving | null;
  onClose: () => void;
  /** Follows when it was let go; otherwise it is closed. */
  onGone?: () => void;
}

/** Lets a customer go, confirmed by the own password; without its node only after that has failed. */
export function DeleteCustomer({ leaving, onClose, onGone = onClose }: Props) {
  return (
    <Dialog
      open={leaving !== null}
      onClose={onClose}
      title="Confirm password"
      description={leaving ? `${leaving.suspended ? "Remove" : "Delete"} the customer ${leaving.name}` : ""}
      className="w-[560px]"
    >
      {leaving ? <Form key={leaving.id} leaving={leaving} onClose={onClose} onGone={onGone} /> : null}
    </Dialog>
  );
}

const LISTS = ["customers", "removals", "grants"];

function Form({ leaving, onClose, onGone }: { leaving: Leaving; onClose: () => void; onGone: () => void }) {
  const [password, setPassword] = useState("");
  const [now, setNow] = useState(leaving.suspended);
  const [reason, setReason] = useState("");
  const letGo = useAction({
    run: () => api.deleteCustomer(leaving.id, password, now),
    done: (removal) => told(removal),
    refresh: LISTS,
  });
  const force = useAction({
    run: () => api.forceDelete(leaving.id, reason.trim(), password),
    done: (removal) => `${removal.name} was force-deleted; its node is told when it is back`,
    refresh: LISTS,
  });
  const unreached = letGo.error instanceof ApiError && letGo.error.code === "NODE_UNREACHABLE" ? letGo.error : null;
  const forcible = unreached !== null || leaving.failed !== null;
  const busy = letGo.busy || force.busy;
  const fault = (field: string) => faultOf(force.error, field) ?? faultOf(letGo.error, field);
  const asked = (event: FormEvent) => {
    event.preventDefault();
    force.reset();
    letGo.start(undefined, onGone);
  };
  const forced = (form: HTMLFormElement | null) => {
    const why = form?.querySelector("textarea");
    why?.setCustomValidity(reason.trim() ? "" : "A reason is needed to delete it without its node.");
    if (!form?.reportValidity()) return;
    letGo.reset();
    force.start(undefined, onGone);
  };
  return (
    <form className="flex flex-col gap-4" onSubmit={asked}>
      <Meaning leaving={leaving} now={now} />
      {leaving.suspended ? null : (
        <CheckField
          label="Remove it at once"
          hint="There is no time to undo it then."
          checked={now}
          onChange={setNow}
        />
      )}
      <TextField
        label="Your own password"
        type="password"
        required
        autoComplete="current-password"
        value={password}
        onChange={setPassword}
        error={fault("password")}
      />
      {forcible ? (
        <Force
          why={unreached?.problem.detail ?? leaving.failed}
          reason={reason}
          onReason={setReason}
          error={fault("reason")}
        />
      ) : null}
      <FormError>
        {(unreached ? null : faultOfForm(letGo.error, ["password"])) ??
          faultOfForm(force.error, ["password", "reason"])}
      </FormError>
      <DialogActions>
        <Button onClick={onClose}>Cancel</Button>
        {forcible ? (
          <Button
            look="danger"
            busy={force.busy}
            disabled={letGo.busy}
            onClick={(event) => forced(event.currentTarget.form)}
          >
            Force delete
          </Button>
        ) : null}
        <Button type="submit" look={forcible ? "plain" : "danger"} busy={letGo.busy} disabled={busy}>
          {forcible ? "Try again with its node" : leaving.suspended ? "Remove now" : "Delete customer"}
        </Button>
      </DialogActions>
    </form>
  );
}

/** What the toast says. */
function told({ name, state, undo_until }: Removal): string {
  if (state !== "SUSPENDED") return `${name} was removed for good`;
  return undo_until ? `${name} was deleted; until ${shortTime(undo_until)} it can be undone` : `${name} was deleted`;
}

function Meaning({ leaving, now }: { leaving: Leaving; now: boolean }) {
  return (
    <div className="flex flex-col gap-2">
      <ul className="list-disc pl-5">
        {leaving.suspended ? null : (
          <li>It is suspended at once, here and at its node: nobody of us reaches it any more. Its name is free.</li>
        )}
        <li>
          {now
            ? "Its enrolment, the roles of our technicians and our key are removed from its node now. This cannot be undone."
            : "Its enrolment, the roles of our technicians and our key are removed from its node when the time to undo it is over, 24 hours unless configured otherwise. Until then it can be undone under Removed."}
        </li>
        <li>Its data stays where it is: on its own node.</li>
      </ul>
      {leaving.suspended ? null : <Export id={leaving.id} name={leaving.name} />}
    </div>
  );
}

/** What the console holds of it, to be kept. */
function Export({ id, name }: { id: string; name: string }) {
  const read = useAction({
    run: () => api.registration(id),
    refused: "The registration could not be read",
    after: (registration) => {
      const file = name.toLowerCase().replaceAll(/[^a-z0-9]+/g, "-");
      download(`registration-${file}.json`, "application/json", JSON.stringify(registration, null, 2));
    },
  });
  return (
    <Button
      className="self-start"
      busy={read.busy}
      icon={<Download size={14} aria-hidden="true" />}
      onClick={() => read.start()}
    >
      Download its registration first (JSON)
    </Button>
  );
}

interface ForceProps {
  why: string | null | undefined;
  reason: string;
  onReason: (reason: string) => void;
  error: string | null;
}

function Force({ why, reason, onReason, error }: ForceProps) {
  return (
    <section aria-label="Force delete" className="flex flex-col gap-3 rounded-md border border-danger p-3">
      <div role="alert">
        <div className="font-medium">Deleting it failed{why ? `: ${why}` : ""}</div>
        <p className="text-muted">
          Best is to have its node up and try again. A force delete takes the customer and our key from this console at
          once and for good. What its node holds of us stays there until it is back; then it is told to clean up, and
          does.
        </p>
      </div>
      <AreaField
        label="Reason for a force delete"
        rows={2}
        maxLength={500}
        value={reason}
        onChange={onReason}
        error={error}
        hint="It stands in the audit and among the removed customers"
      />
    </section>
  );
}
