import { type ReactNode, useState } from "react";
import { fullTime } from "../lib/format";
import { Button } from "../ui/button";
import { Secret } from "../ui/copy";
import { DialogActions } from "../ui/dialog";
import { DialogForm } from "./dialog-form";
import { useAction } from "./use-action";

/** A link that works once, and whom it is for. */
interface Invitation {
  who: string;
  link: { link: string; expires_time: string };
}

interface Props {
  label: string;
  make: () => Promise<Invitation>;
  refresh: readonly string[];
  onDone: () => void;
  children: ReactNode;
}

/** A form whose answer is a link that is shown once: it takes the place of the fields. */
export function LinkForm({ label, make, refresh, onDone, children }: Props) {
  const [made, setMade] = useState<Invitation | null>(null);
  const add = useAction({ run: make, after: setMade, refresh });
  if (!made) {
    return (
      <DialogForm label={label} busy={add.busy} error={add.error} onSubmit={() => add.start()} onCancel={onDone}>
        {children}
      </DialogForm>
    );
  }
  return (
    <div className="flex flex-col gap-3">
      <p>
        Give this link to <strong>{made.who}</strong> by a way you trust. It works once, until{" "}
        {fullTime(made.link.expires_time)}, and is not shown again.
      </p>
      <Secret label="Link" text={made.link.link} />
      <DialogActions>
        <Button look="primary" onClick={onDone}>
          Done
        </Button>
      </DialogActions>
    </div>
  );
}
