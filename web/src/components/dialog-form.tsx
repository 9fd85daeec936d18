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
  onSubmit: () => void;
  onCancel: () => void;
  children: ReactNode;
}

/** A form in a dialog: its fields, what was refused about it as a whole, and the buttons that end it. */
export function DialogForm({ label, busy, error, fields = [], onSubmit, onCancel, children }: Props) {
  return (
    <form
      className="flex flex-col gap-4"
      onSubmit={(event) => {
        event.preventDefault();
        onSubmit();
      }}
    >
      {children}
      <FormError>{faultOfForm(error, fields)}</FormError>
      <DialogActions>
        <Button onClick={onCancel}>Cancel</Button>
        <Button type="submit" look="primary" busy={busy}>
          {label}
        </Button>
      </DialogActions>
    </form>
  );
}
