import { Columns3 } from "lucide-react";
import { setLook, useLook } from "../../lib/theme";
import { Button, buttonClass } from "../../ui/button";
import { Popover } from "../../ui/popover";
import { COLUMNS, isShown, type Layout, toggled } from "./columns";

interface Props {
  layout: Layout;
  kept: string | null;
  onKeep: (kept: string | null) => void;
}

/** Which columns there are, kept for this person in this browser, and how tall the rows. */
export function ColumnChooser({ layout, kept, onKeep }: Props) {
  const { density } = useLook();
  return (
    <Popover
      label="Columns"
      align="end"
      className="w-64"
      trigger={
        <button
          type="button"
          aria-label="Columns and density"
          title="Columns and density"
          className={buttonClass("quiet", "size-7 px-0")}
        >
          <Columns3 size={15} aria-hidden="true" />
        </button>
      }
    >
      <fieldset className="max-h-[60vh] overflow-auto p-1.5">
        <legend className="sr-only">Columns</legend>
        {COLUMNS.map(({ id, label }) => (
          <label key={id} className="flex min-h-7 items-center gap-2 rounded-sm px-1.5 hover:bg-hover">
            <input
              type="checkbox"
              className="size-4 accent-accent"
              checked={isShown(kept, id)}
              disabled={id === "title"}
              onChange={() => onKeep(toggled(layout, id, kept))}
            />
            {label}
          </label>
        ))}
      </fieldset>
      <div className="flex items-center justify-between border-t border-line p-1.5">
        <label className="flex min-h-7 items-center gap-2 px-1.5">
          <input
            type="checkbox"
            className="size-4 accent-accent"
            checked={density === "comfortable"}
            onChange={(event) => setLook({ density: event.target.checked ? "comfortable" : "compact" })}
          />
          Taller rows
        </label>
        <Button look="quiet" disabled={kept === null} onClick={() => onKeep(null)}>
          Reset columns
        </Button>
      </div>
    </Popover>
  );
}
