import type { HTMLAttributes, Ref } from "react";
import { cn } from "../lib/cn";

/** A named, bordered box whose inside scrolls, by pointer and by keyboard. */
export function ScrollBox({
  label,
  className,
  ...rest
}: HTMLAttributes<HTMLElement> & { label: string; ref?: Ref<HTMLElement> }) {
  return (
    <section
      aria-label={label}
      // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard (WCAG 2.1.1)
      tabIndex={0}
      {...rest}
      className={cn("min-h-0 overflow-auto rounded-md border border-line bg-surface", className)}
    />
  );
}
