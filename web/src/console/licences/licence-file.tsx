import { FileKey2 } from "lucide-react";
import { useRef, useState } from "react";
import * as api from "../../api/console";
import { ApiError } from "../../api/http";
import { useAction } from "../../components/use-action";
import { bytes } from "../../lib/format";
import { faultOf, faultOfForm } from "../../lib/problems";
import { Button } from "../../ui/button";
import { Dialog, DialogActions } from "../../ui/dialog";
import { FormError } from "../../ui/field";

const MAX_BYTES = 16 * 1024;

/** Applies a signed licence file. Nothing of it needs the internet. */
export function LicenceFile({ open, onClose }: { open: boolean; onClose: () => void }) {
  return (
    <Dialog
      open={open}
      onClose={onClose}
      title="Apply a licence file"
      description="It is checked against the key this console was configured with, and takes the place of what there is. No internet is needed."
    >
      {open ? <Form onClose={onClose} /> : null}
    </Dialog>
  );
}

function Form({ onClose }: { onClose: () => void }) {
  const [chosen, setChosen] = useState<{ name: string; text: string } | null>(null);
  const [fault, setFault] = useState<string | null>(null);
  const input = useRef<HTMLInputElement>(null);
  const apply = useAction({
    run: (file: string) => api.putPool({ file }),
    done: (pool) => `The licence${pool.licensee ? ` for ${pool.licensee}` : ""} was applied`,
    refresh: ["licences"],
  });
  const take = async (file: File | undefined) => {
    apply.reset();
    setChosen(null);
    setFault(null);
    if (!file) return;
    if (file.size > MAX_BYTES) return setFault(`${file.name} has ${bytes(file.size)}: no licence file is that large.`);
    const text = (await file.text()).trim();
    if (text === "") return setFault(`${file.name} is empty.`);
    setChosen({ name: file.name, text });
  };
  return (
    <form
      className="flex flex-col gap-4"
      onSubmit={(event) => {
        event.preventDefault();
        if (chosen) apply.start(chosen.text, onClose);
      }}
    >
      <div className="flex items-center gap-3 rounded-md border border-line bg-bg p-3">
        <input
          ref={input}
          type="file"
          aria-label="Licence file"
          className="sr-only"
          tabIndex={-1}
          onChange={(event) => void take(event.target.files?.[0])}
        />
        <Button icon={<FileKey2 size={14} aria-hidden="true" />} onClick={() => input.current?.click()}>
          Choose a file…
        </Button>
        <span className="min-w-0 flex-1 truncate" role="status">
          {chosen ? chosen.name : <span className="text-muted">None yet</span>}
        </span>
      </div>
      <FormError>{fault ?? faultOf(apply.error, "file") ?? refused(apply.error)}</FormError>
      <DialogActions>
        <Button onClick={onClose}>Cancel</Button>
        <Button
          type="submit"
          look="primary"
          busy={apply.busy}
          disabled={chosen === null}
          title={chosen ? undefined : "Choose a file first"}
        >
          Apply License
        </Button>
      </DialogActions>
    </form>
  );
}

/** A file that holds less than is given out already names what of it. */
function refused(error: unknown): string | null {
  const over = error instanceof ApiError && error.code === "OVER_ALLOCATED";
  return over ? `More is allocated than this file holds: ${error.problem.detail}` : faultOfForm(error, []);
}
