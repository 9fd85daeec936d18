import { ChevronDown } from "lucide-react";
import type { SelectHTMLAttributes } from "react";
import { cn } from "../lib/cn";
import { controlClass } from "./field";

/** The system's own list behind our own face: short lists, full keyboard and touch support for nothing. */
export function Select({ className, children, ...rest }: SelectHTMLAttributes<HTMLSelectElement>) {
  return (
    <span className={cn("relative inline-block min-w-0", className)}>
      <select
        {...rest}
        className={cn(controlClass, "appearance-none truncate pr-7 disabled:text-muted", className, "w-full")}
      >
        {children}
      </select>
      <ChevronDown
        size={14}
        className="pointer-events-none absolute top-1/2 right-2 -translate-y-1/2 text-muted"
        aria-hidden="true"
      />
    </span>
  );
}
