import type { ReactNode } from "react";
import { faultOfForm } from "../lib/problems";
import { Button } from "../ui/button";
import { DialogActions } from "../ui/dialog";
import { FormError } from "../ui/field";

interface Props {
  /** What the button says that sends it. */
  label: string;
  busy: boolean;
  error: unknown;
  /** The fields that show what is said of them; the rest is said below all. */
  fields?: readonly string[];
  /** Why it cannot be sent yet. */
  blocked?: string | null;
  onSubmit: () => void;
  onCancel: () => void;
  children: ReactNode;
}

/** A form in a dialog: its fields, what was refused about it as a whole, and the buttons that end it. */
export function DialogForm({ label, busy, error, fields = [], blocked = null, onSubmit, onCancel, children }: Props) {
  return (
    <form
      className="flex flex-col gap-4"
      onSubmit={(event) => {
        event.preventDefault();
        if (blocked === null) onSubmit();
      }}
    >
      {children}
      <FormError>{faultOfForm(error, fields)}</FormError>
      <DialogActions>
        {blocked ? <span className="mr-auto text-sm text-muted">{blocked}</span> : null}
        <Button onClick={onCancel}>Cancel</Button>
        <Button type="submit" look="primary" busy={busy} disabled={blocked !== null} title={blocked ?? undefined}>
          {label}
        </Button>
      </DialogActions>
    </form>
  );
}
