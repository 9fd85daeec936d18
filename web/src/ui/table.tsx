import type { ReactNode, TdHTMLAttributes, ThHTMLAttributes } from "react";
import { cn } from "../lib/cn";

interface TableProps {
  children: ReactNode;
  label: string;
  /** Columns keep the widths of their headers; cells are cut, not wrapped. */
  fixed?: boolean;
  /** No cell wraps: the table scrolls sideways before it grows rows. */
  nowrap?: boolean;
  /** How many rows there are, the head among them, where not all of them are on the page. */
  rowCount?: number;
}

export function Table({ children, label, fixed, nowrap, rowCount }: TableProps) {
  return (
    <table
      aria-label={label}
      aria-rowcount={rowCount}
      className={cn(
        "w-full border-separate border-spacing-0 text-base",
        fixed ? "min-w-[860px] table-fixed" : "",
        nowrap ? "whitespace-nowrap" : "",
      )}
    >
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

/** The head of a column of buttons: named for those who do not see them. */
export function ThActions({ className }: { className?: string }) {
  return (
    <Th className={className}>
      <span className="sr-only">Actions</span>
    </Th>
  );
}

export function Td({ className, ...rest }: TdHTMLAttributes<HTMLTableCellElement>) {
  return <td {...rest} className={cn("h-(--row) border-b border-line px-3 py-0.5", className)} />;
}

/** A column that is left out in windows below 1280 pixels. */
export const wideClass = "max-xl:hidden";

/** A row that lights up under the pointer. */
export const trClass = "hover:bg-hover";
