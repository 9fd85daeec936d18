import type { ReactNode } from "react";

interface Props<T extends string> {
  tabs: readonly { id: T; label: string; count?: number }[];
  tab: T;
  onTab: (tab: T) => void;
}

/** The parts of an investigation. The arrow keys go from one to the next. */
export function CaseTabs<T extends string>({ tabs, tab, onTab }: Props<T>): ReactNode {
  return (
    <div
      role="tablist"
      aria-label="Parts"
      className="flex shrink-0 flex-wrap gap-x-1 border-b border-line"
      onKeyDown={(event) => {
        const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
        if (!step) return;
        event.preventDefault();
        const at = tabs.findIndex(({ id }) => id === tab);
        const next = tabs[(at + step + tabs.length) % tabs.length];
        if (!next) return;
        onTab(next.id);
        event.currentTarget.querySelector<HTMLElement>(`[data-tab="${next.id}"]`)?.focus();
      }}
    >
      {tabs.map(({ id, label, count }) => (
        <button
          key={id}
          type="button"
          role="tab"
          data-tab={id}
          aria-selected={tab === id}
          tabIndex={tab === id ? 0 : -1}
          onClick={() => onTab(id)}
          className="-mb-px h-8 border-b-2 border-transparent px-2.5 text-muted hover:text-text aria-selected:border-accent aria-selected:font-medium aria-selected:text-text"
        >
          {label} {count === undefined ? null : <span className="text-muted">{count}</span>}
        </button>
      ))}
    </div>
  );
}
