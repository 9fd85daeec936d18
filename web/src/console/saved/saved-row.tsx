import { Check, Link2, Pencil, Trash2, Users } from "lucide-react";
import { useState } from "react";
import * as api from "../../api/me";
import type { SavedSearch } from "../../api/me-types";
import { useAction } from "../../components/use-action";
import { cn } from "../../lib/cn";
import { faultOf, faultOfForm } from "../../lib/problems";
import { linkTo } from "../../lib/saved";
import { Button, IconButton } from "../../ui/button";
import { CopyButton } from "../../ui/copy";
import { CheckField, FormError, TextField } from "../../ui/field";

interface Props {
  saved: SavedSearch;
  at: string;
  /** What is searched for now. */
  body: Record<string, unknown>;
  on: boolean;
  onApply: () => void;
}

/** One saved search: a press applies it; its owner changes it, deletes it, and shares it. */
export function SavedRow({ saved, at, body, on, onApply }: Props) {
  const [doing, setDoing] = useState<"edit" | "remove" | "link" | null>(null);
  const { name, mine, shared, owner } = saved;
  const toggle = (what: typeof doing) => setDoing(doing === what ? null : what);
  return (
    <li data-saved={saved.id} className="px-1">
      <div className={cn("flex items-center gap-0.5 rounded-sm pr-1", on ? "bg-selected" : "hover:bg-hover")}>
        <button
          type="button"
          onClick={onApply}
          aria-current={on ? "true" : undefined}
          className="flex min-h-8 min-w-0 flex-1 items-center gap-2 rounded-sm px-2 py-1 text-left"
        >
          <span className="flex w-4 shrink-0 justify-center">
            {on ? <Check size={14} className="text-accent" aria-hidden="true" /> : null}
          </span>
          <span className="min-w-0 flex-1 truncate" title={name}>
            {name}
          </span>
          {mine && shared ? (
            <span title="Shared with colleagues" className="text-muted">
              <Users size={13} aria-hidden="true" />
              <span className="sr-only">shared with colleagues</span>
            </span>
          ) : null}
          {mine ? null : <span className="max-w-28 truncate text-sm text-muted">{owner.name || owner.email}</span>}
        </button>
        {shared ? (
          <IconButton label={`Link to ${name}`} className="size-6" onClick={() => toggle("link")}>
            <Link2 size={13} aria-hidden="true" />
          </IconButton>
        ) : null}
        {mine ? (
          <>
            <IconButton label={`Change ${name}`} className="size-6" onClick={() => toggle("edit")}>
              <Pencil size={13} aria-hidden="true" />
            </IconButton>
            <IconButton label={`Delete ${name}`} className="size-6" onClick={() => toggle("remove")}>
              <Trash2 size={13} aria-hidden="true" />
            </IconButton>
          </>
        ) : null}
      </div>
      {doing === "link" ? <Share id={saved.id} /> : null}
      {doing === "edit" ? <Edit saved={saved} at={at} body={body} onDone={() => setDoing(null)} /> : null}
      {doing === "remove" ? <Remove saved={saved} at={at} onDone={() => setDoing(null)} /> : null}
    </li>
  );
}

function Share({ id }: { id: string }) {
  const link = linkTo(window.location, id);
  return (
    <div className="flex flex-col gap-1 px-2 pt-1 pb-2">
      <div className="flex items-center gap-2 rounded-sm border border-control bg-bg py-0.5 pr-0.5 pl-2">
        <code className="mono min-w-0 flex-1 truncate select-all">{link}</code>
        <CopyButton text={link} compact label="Copy link" />
      </div>
      <p className="text-sm text-muted">It opens for colleagues who have access to where it is kept.</p>
    </div>
  );
}

function Edit({ saved, at, body, onDone }: Omit<Props, "on" | "onApply"> & { onDone: () => void }) {
  const [name, setName] = useState(saved.name);
  const [shared, setShared] = useState(saved.shared);
  const [replace, setReplace] = useState(false);
  const save = useAction({
    run: () => api.patchSavedSearch(at, saved.id, { name: name.trim(), shared, ...(replace ? { body } : {}) }),
    done: (next) => `Saved: ${next.name}`,
    refresh: ["saved"],
  });
  return (
    <form
      className="flex flex-col gap-2 px-2 pt-1 pb-2"
      onSubmit={(event) => {
        event.preventDefault();
        if (name.trim()) save.start(undefined, onDone);
      }}
    >
      <TextField label="Name" maxLength={100} value={name} onChange={setName} error={faultOf(save.error, "name")} />
      <CheckField label="Share with colleagues who work there" checked={shared} onChange={setShared} />
      <CheckField label="Replace it by what is searched for now" checked={replace} onChange={setReplace} />
      <FormError>{faultOfForm(save.error, ["name"])}</FormError>
      <div className="flex justify-end gap-2">
        <Button onClick={onDone}>Cancel</Button>
        <Button type="submit" look="primary" busy={save.busy} disabled={name.trim() === ""}>
          Update
        </Button>
      </div>
    </form>
  );
}

function Remove({ saved, at, onDone }: { saved: SavedSearch; at: string; onDone: () => void }) {
  const remove = useAction({
    run: () => api.removeSavedSearch(at, saved.id),
    done: () => `Deleted: ${saved.name}`,
    refused: "It was not deleted",
    refresh: ["saved"],
  });
  return (
    <div className="flex items-center justify-end gap-2 px-2 pt-1 pb-2">
      <span className="mr-auto text-muted">{saved.shared ? "Colleagues lose it, too." : "Delete it?"}</span>
      <Button onClick={onDone}>Keep</Button>
      <Button look="danger" busy={remove.busy} onClick={() => remove.start(undefined, onDone)}>
        Delete
      </Button>
    </div>
  );
}
