import type { ReactNode } from "react";

/** A row of links between the parts of one page. */
export function LinkTabs({ label, children }: { label: string; children: ReactNode }) {
  return (
    <nav aria-label={label} className="flex shrink-0 items-center gap-1 border-b border-line">
      {children}
    </nav>
  );
}

/** A link of `LinkTabs`. The router marks the active one with `data-status`, a link of our own with `aria-current`. */
export const linkTabClass =
  "-mb-px inline-flex h-8 items-center border-b-2 border-transparent px-2.5 text-base text-muted hover:text-text data-[status=active]:border-accent data-[status=active]:font-medium data-[status=active]:text-text";
