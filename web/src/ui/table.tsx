import type { ReactNode, TdHTMLAttributes, ThHTMLAttributes } from "react";
import { cn } from "../lib/cn";

/** A bordered box whose inside scrolls and whose header row stays. */
export function TableBox({ children, className, label }: { children: ReactNode; className?: string; label: string }) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a box that scrolls must be reachable by keyboard
    <section aria-label={label} tabIndex={0} className={cn("min-h-0 overflow-auto rounded-md border border-line bg-surface", className)}>
      {children}
    </section>
  );
}

export function Table({ children, label }: { children: ReactNode; label: string }) {
  return (
    <table aria-label={label} className="w-full border-separate border-spacing-0 text-base">
      {children}
    </table>
  );
}

export function Th({ className, ...rest }: ThHTMLAttributes<HTMLTableCellElement>) {
  return (
    <th
      scope="col"
      {...rest}
      className={cn(
        "sticky top-0 h-(--row) border-b border-line bg-surface px-3 text-left text-sm font-medium whitespace-nowrap text-muted",
        className,
      )}
    />
  );
}

export function Td({ className, ...rest }: TdHTMLAttributes<HTMLTableCellElement>) {
  return <td {...rest} className={cn("h-(--row) border-b border-line px-3 py-0.5", className)} />;
}

/** A row that lights up under the pointer. */
export const trClass = "hover:bg-hover";
