import { Autocomplete } from "@base-ui/react/autocomplete";
import { Dialog } from "@base-ui/react/dialog";
import { Search } from "lucide-react";
import { useMemo, useState } from "react";
import { find } from "../../lib/palette";
import { Kbd } from "../../ui/marks";
import { menuItemClass } from "../../ui/menu";
import { type Command, usePaletteCommands } from "./commands";

export type PaletteMode = "all" | "customers";

/** Every customer and every page by a few letters: `c` for the customers alone, Ctrl K for all. */
export function Palette({ mode, onClose }: { mode: PaletteMode | null; onClose: () => void }) {
  return (
    <Dialog.Root open={mode !== null} onOpenChange={(open) => (open ? undefined : onClose())}>
      <Dialog.Portal>
        <Dialog.Backdrop className="fixed inset-0 bg-scrim" />
        <Dialog.Popup
          aria-label={mode === "customers" ? "Switch customer" : "Go to"}
          className="fixed top-[12vh] left-1/2 flex max-h-[70vh] w-[560px] max-w-[calc(100vw-32px)] -translate-x-1/2 flex-col overflow-hidden rounded-md border border-line bg-raised text-text shadow-pop outline-none"
        >
          {mode ? <Finder mode={mode} onClose={onClose} /> : null}
        </Dialog.Popup>
      </Dialog.Portal>
    </Dialog.Root>
  );
}

/** At most so many of each kind are listed; the others are found by typing on. */
const SHOWN = 50;

interface Group {
  value: string;
  items: Command[];
}

function Finder({ mode, onClose }: { mode: PaletteMode; onClose: () => void }) {
  const [typed, setTyped] = useState("");
  const { recent, customers, pages, known } = usePaletteCommands();
  const groups = useMemo(() => {
    const group = (value: string, from: readonly Command[]): Group[] => {
      const items = find(from, typed, SHOWN);
      return items.length > 0 ? [{ value, items }] : [];
    };
    if (typed.trim() !== "") {
      const found = [...group("Customers", customers), ...(mode === "all" ? group("Pages", pages) : [])];
      return found;
    }
    const lately = new Set(recent.map(({ key }) => key));
    const others = customers.filter(({ key }) => !lately.has(key));
    return mode === "all"
      ? [...group("Opened lately", recent), ...group("Pages", pages), ...group("Customers", others)]
      : [...group("Opened lately", recent), ...group("Customers", others)];
  }, [typed, mode, recent, customers, pages]);
  const left = customers.length - SHOWN;
  return (
    <Autocomplete.Root
      open
      inline
      items={groups}
      filter={null}
      value={typed}
      onValueChange={(next, { reason }) => (reason === "item-press" ? undefined : setTyped(next))}
      autoHighlight="always"
      keepHighlight
    >
      <div className="flex items-center gap-2 border-b border-line px-3">
        <Search size={15} className="shrink-0 text-muted" aria-hidden="true" />
        <Autocomplete.Input
          aria-label={mode === "customers" ? "Customer" : "Customer or page"}
          placeholder={mode === "customers" ? "Switch to customer…" : "Customer or page…"}
          spellCheck={false}
          className="h-11 min-w-0 flex-1 bg-transparent text-base text-text outline-none"
        />
        <Kbd>Esc</Kbd>
      </div>
      <Autocomplete.Empty>
        <div className="px-4 py-6 text-center text-muted empty:hidden">
          {known ? "Nothing has that name." : "Reading the customers…"}
        </div>
      </Autocomplete.Empty>
      <Autocomplete.List className="min-h-0 flex-1 overflow-auto p-1 empty:hidden">
        {(group: Group) => (
          <Autocomplete.Group key={group.value} items={group.items}>
            <Autocomplete.GroupLabel className="px-2 pt-1.5 pb-1 text-xs font-medium text-muted">
              {group.value}
            </Autocomplete.GroupLabel>
            <Autocomplete.Collection>
              {(command: Command) => (
                <Autocomplete.Item
                  key={command.key}
                  value={command}
                  className={menuItemClass}
                  onClick={() => {
                    onClose();
                    command.run();
                  }}
                >
                  <span className="flex w-4 shrink-0 justify-center text-muted">{command.icon}</span>
                  <span className="min-w-0 flex-1 truncate">{command.label}</span>
                  {command.hint ? <span className="shrink-0 text-sm text-muted">{command.hint}</span> : null}
                  {command.keys ? (
                    <span className="flex gap-1">
                      {command.keys.map((key) => (
                        <Kbd key={key}>{key}</Kbd>
                      ))}
                    </span>
                  ) : null}
                </Autocomplete.Item>
              )}
            </Autocomplete.Collection>
          </Autocomplete.Group>
        )}
      </Autocomplete.List>
      {typed.trim() === "" && left > 0 ? (
        <div className="border-t border-line px-3 py-1.5 text-sm text-muted">
          The first {SHOWN} of {customers.length} customers are listed: type to find any.
        </div>
      ) : null}
    </Autocomplete.Root>
  );
}
