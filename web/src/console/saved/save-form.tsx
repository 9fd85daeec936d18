import { useState } from "react";
import * as api from "../../api/me";
import type { SavedKind } from "../../api/me-types";
import { useAction } from "../../components/use-action";
import { faultOf, faultOfForm } from "../../lib/problems";
import { Button } from "../../ui/button";
import { CheckField, FormError, TextField } from "../../ui/field";

const NAME_CHARS = 100;

/** Keeps what is searched for now. */
export function SaveForm({ kind, at, body }: { kind: SavedKind; at: string; body: Record<string, unknown> }) {
  const [name, setName] = useState("");
  const [shared, setShared] = useState(false);
  const save = useAction({
    run: () => api.addSavedSearch(at, { kind, name: name.trim(), body, shared }),
    done: (saved) => `Saved: ${saved.name}`,
    refresh: ["saved"],
  });
  const empty = name.trim() === "";
  return (
    <form
      className="mt-1 flex flex-col gap-2 border-t border-line p-3"
      onSubmit={(event) => {
        event.preventDefault();
        if (!empty) save.start(undefined, () => setName(""));
      }}
    >
      <TextField
        label={kind === "LOGS" ? "Save this query as" : "Save this filter as"}
        maxLength={NAME_CHARS}
        value={name}
        onChange={setName}
        error={faultOf(save.error, "name")}
      />
      <div className="flex items-center justify-between gap-3">
        <CheckField label="Share with colleagues who work there" checked={shared} onChange={setShared} />
        <Button
          type="submit"
          look="primary"
          busy={save.busy}
          disabled={empty}
          title={empty ? "Give it a name" : undefined}
        >
          Save
        </Button>
      </div>
      <FormError>{faultOfForm(save.error, ["name"])}</FormError>
    </form>
  );
}
