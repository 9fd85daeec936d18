import { Link } from "@tanstack/react-router";
import type { ReactNode } from "react";
import { PageHead } from "../../ui/states";
import { LinkTabs, linkTabClass } from "../../ui/tabs";

const PARTS = [
  { to: "/detection", word: "Rules" },
  { to: "/detection/signals", word: "Signals" },
  { to: "/detection/exceptions", word: "Exceptions" },
  { to: "/detection/entities", word: "Entities" },
  { to: "/detection/custom-insights", word: "Custom insights" },
  { to: "/detection/settings", word: "Settings" },
] as const;

interface Props {
  /** What the browser's tab is called. */
  title: string;
  note?: ReactNode;
  actions?: ReactNode;
  children: ReactNode;
}

/** One part of detection under the tabs of all. */
export function DetectionFrame({ title, note, actions, children }: Props) {
  return (
    <div className="flex h-full min-w-[892px] flex-col gap-2.5 p-3">
      <PageHead title={title} note={note}>
        {actions}
      </PageHead>
      <LinkTabs label="Parts of detection">
        {PARTS.map(({ to, word }) => (
          <Link
            key={to}
            to={to}
            activeOptions={{ exact: true, includeSearch: false, includeHash: false }}
            className={linkTabClass}
          >
            {word}
          </Link>
        ))}
      </LinkTabs>
      {children}
    </div>
  );
}
