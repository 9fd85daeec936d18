import { Menu as Base } from "@base-ui/react/menu";
import { Check } from "lucide-react";
import type { ReactElement, ReactNode } from "react";
import { cn } from "../lib/cn";
import { popupClass } from "./popover";

export const menuItemClass =
  "flex min-h-7 cursor-default items-center gap-2 rounded-sm px-2 py-1 text-base outline-none select-none data-highlighted:bg-selected data-disabled:text-muted";

/** A menu under its own button. */
export function Menu({
  trigger,
  children,
  align = "start",
}: {
  trigger: ReactElement;
  children: ReactNode;
  align?: "start" | "end";
}) {
  return (
    <Base.Root modal={false}>
      <Base.Trigger render={trigger} />
      <Base.Portal>
        <Base.Positioner align={align} sideOffset={4} collisionPadding={8} className="z-10">
          <Base.Popup className={cn(popupClass, "min-w-48 p-1")}>{children}</Base.Popup>
        </Base.Positioner>
      </Base.Portal>
    </Base.Root>
  );
}

export function MenuItem({
  children,
  onClick,
  disabled,
  why,
}: {
  children: ReactNode;
  onClick: () => void;
  disabled?: boolean;
  /** Why it cannot be chosen. */
  why?: string;
}) {
  return (
    <Base.Item className={menuItemClass} onClick={onClick} disabled={disabled}>
      {why ? (
        <span>
          {children}
          <span className="block max-w-56 text-sm text-muted">{why}</span>
        </span>
      ) : (
        children
      )}
    </Base.Item>
  );
}

export function MenuLabel({ children }: { children: ReactNode }) {
  return <div className="px-2 pt-1.5 pb-1 text-xs font-medium text-muted">{children}</div>;
}

export function MenuSeparator() {
  return <Base.Separator className="my-1 h-px bg-line" />;
}

interface RadioProps<V extends string> {
  label: string;
  value: V | null;
  options: readonly { value: V; label: ReactNode; hint?: string }[];
  onChoose: (value: V) => void;
}

/** One of several, the present one ticked. */
export function MenuRadio<V extends string>({ label, value, options, onChoose }: RadioProps<V>) {
  return (
    <Base.RadioGroup value={value} aria-label={label}>
      {options.map((option) => (
        <Base.RadioItem
          key={option.value}
          value={option.value}
          closeOnClick
          className={menuItemClass}
          onClick={() => onChoose(option.value)}
        >
          <span className="flex w-4 justify-center">
            <Base.RadioItemIndicator>
              <Check size={14} className="text-accent" aria-hidden="true" />
            </Base.RadioItemIndicator>
          </span>
          <span className="min-w-0 flex-1 truncate">{option.label}</span>
          {option.hint ? <span className="text-sm text-muted">{option.hint}</span> : null}
        </Base.RadioItem>
      ))}
    </Base.RadioGroup>
  );
}

interface AnchoredProps {
  anchor: Element | null;
  label: string;
  onClose: () => void;
  children: ReactNode;
}

/** A menu that opens at a given element: one for a whole table, never one per row. */
export function AnchoredMenu({ anchor, label, onClose, children }: AnchoredProps) {
  return (
    <Base.Root open={anchor !== null} onOpenChange={(open) => (open ? undefined : onClose())}>
      <Base.Portal>
        <Base.Positioner anchor={anchor} align="start" sideOffset={2} collisionPadding={8} className="z-10">
          <Base.Popup
            aria-label={label}
            finalFocus={() => (anchor instanceof HTMLElement ? anchor : true)}
            className={cn(popupClass, "max-h-80 min-w-52 overflow-auto p-1")}
          >
            {children}
          </Base.Popup>
        </Base.Positioner>
      </Base.Portal>
    </Base.Root>
  );
}
