import { Dialog as Base } from "@base-ui/react/dialog";
import { X } from "lucide-react";
import type { ReactNode } from "react";
import { cn } from "../lib/cn";
import { IconButton } from "./button";

interface Props {
  open: boolean;
  onClose: () => void;
  title: ReactNode;
  description?: ReactNode;
  children: ReactNode;
  /** `side` is a panel at the right edge that leaves the page's left half in view. */
  place?: "center" | "side";
  className?: string;
  /** Where focus returns to, when the opener is not a plain button. */
  finalFocus?: React.RefObject<HTMLElement | null>;
}

const places = {
  center:
    "top-[8vh] left-1/2 max-h-[84vh] w-[520px] max-w-[calc(100vw-32px)] -translate-x-1/2 rounded-md border border-line",
  side: "inset-y-0 right-0 w-[560px] max-w-[calc(100vw-32px)] border-l border-line",
};

export function Dialog({
  open,
  onClose,
  title,
  description,
  children,
  place = "center",
  className,
  finalFocus,
}: Props) {
  return (
    <Base.Root open={open} onOpenChange={(next) => (next ? undefined : onClose())}>
      <Base.Portal>
        <Base.Backdrop className="fixed inset-0 bg-scrim" />
        <Base.Popup
          finalFocus={finalFocus}
          className={cn(
            "fixed flex flex-col overflow-hidden bg-raised text-text shadow-pop outline-none",
            places[place],
            className,
          )}
        >
          <div className="border-b border-line py-3 pr-14 pl-4">
            <div className="min-w-0">
              <Base.Title className="text-lg font-semibold break-words">{title}</Base.Title>
              {description ? (
                <Base.Description className="mt-0.5 text-base text-muted">{description}</Base.Description>
              ) : null}
            </div>
          </div>
          <div className="min-h-0 flex-1 overflow-auto px-4 py-4">{children}</div>
          {/* Last, so that the first field or button of the dialog takes the focus. */}
          <Base.Close render={<IconButton label="Close" className="absolute top-3 right-3" />}>
            <X size={16} aria-hidden="true" />
          </Base.Close>
        </Base.Popup>
      </Base.Portal>
    </Base.Root>
  );
}

/** Buttons at the end of a dialog's form, in sight however long it is. */
export function DialogActions({ children }: { children: ReactNode }) {
  return (
    <div className="sticky -bottom-4 -mx-4 mt-2 -mb-4 flex items-center justify-end gap-2 border-t border-line bg-raised px-4 py-3">
      {children}
    </div>
  );
}
