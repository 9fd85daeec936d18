import type { ButtonHTMLAttributes, MouseEvent, ReactNode, Ref } from "react";
import { cn } from "../lib/cn";

type Look = "plain" | "primary" | "quiet" | "danger";

const looks: Record<Look, string> = {
  plain: "border border-control bg-surface text-text hover:bg-hover",
  primary: "border border-transparent bg-accent text-on-accent font-medium hover:bg-accent-strong",
  quiet: "border border-transparent text-muted hover:bg-hover hover:text-text",
  danger: "border border-transparent bg-danger-fill text-[#fff] font-medium hover:brightness-110",
};

/** The classes of a button, for links that look like one. */
export function buttonClass(look: Look = "plain", ...more: string[]): string {
  return cn(
    "inline-flex h-7 shrink-0 items-center justify-center gap-1.5 rounded-sm px-2.5 text-base whitespace-nowrap",
    "aria-disabled:opacity-50",
    looks[look],
    ...more,
  );
}

interface Props extends ButtonHTMLAttributes<HTMLButtonElement> {
  look?: Look;
  busy?: boolean;
  icon?: ReactNode;
  ref?: Ref<HTMLButtonElement>;
}

/**
 * Does nothing, and sends no form. A button that cannot be pressed for now stays where it is for the keyboard: the browser
 * takes the focus away from one that is `disabled`, and who had just pressed it would be at the top of the page.
 */
function refuse(event: MouseEvent) {
  event.preventDefault();
}

export function Button({ look = "plain", busy = false, icon, className, children, disabled, onClick, ...rest }: Props) {
  const off = disabled || busy;
  return (
    <button
      type="button"
      {...rest}
      aria-disabled={off}
      aria-busy={busy}
      onClick={off ? refuse : onClick}
      className={buttonClass(look, className ?? "")}
    >
      {busy ? <Spinner /> : icon}
      {children}
    </button>
  );
}

/** A square button with an icon alone; `label` is its name and tooltip. */
export function IconButton({ label, className, children, disabled, onClick, ...rest }: Props & { label: string }) {
  return (
    <button
      type="button"
      aria-label={label}
      title={label}
      {...rest}
      aria-disabled={disabled}
      onClick={disabled ? refuse : onClick}
      className={cn(
        "inline-flex size-7 shrink-0 items-center justify-center rounded-sm text-muted hover:bg-hover hover:text-text aria-disabled:opacity-50",
        className,
      )}
    >
      {children}
    </button>
  );
}

export function Spinner() {
  return (
    <span
      aria-hidden="true"
      className="inline-block size-3.5 animate-spin rounded-full border-2 border-current border-t-transparent"
    />
  );
}
