import { ChevronDown, Keyboard, LogOut, Monitor, Moon, Rows3, Sun } from "lucide-react";
import { type ReactNode, useId } from "react";
import { cn } from "../lib/cn";
import { zoneName } from "../lib/format";
import { setLook, type Theme, useLook } from "../lib/theme";
import { buttonClass } from "../ui/button";
import { Menu, MenuItem, MenuLabel, MenuRadio, MenuSeparator } from "../ui/menu";

interface Props {
  /** What stands beside the name: the workspace, or the navigation between customers. */
  context?: ReactNode;
  /** What stands before the zone, such as the way to find something. */
  tools?: ReactNode;
  nav: ReactNode;
  /** A line above every page, where there is something everybody here has to know. */
  notice?: ReactNode;
  person: { name: string; detail: string };
  onSignOut: () => void;
  onHelp?: () => void;
  /** More of what is in the person's menu. */
  more?: ReactNode;
  children: ReactNode;
}

/** The frame of every signed-in page: bar, navigation, content. */
export function Shell({ context, tools, nav, notice, person, onSignOut, onHelp, more, children }: Props) {
  return (
    <div className="grid h-full grid-cols-[204px_minmax(0,1fr)] grid-rows-[40px_auto_minmax(0,1fr)]">
      <button
        type="button"
        onClick={() => document.getElementById("content")?.focus()}
        className="sr-only focus:not-sr-only focus:absolute focus:z-20 focus:m-2 focus:rounded-sm focus:bg-raised focus:px-3 focus:py-1.5"
      >
        Skip to content
      </button>
      <header className="col-span-2 flex items-center gap-3 border-b border-line bg-surface pr-2 pl-3">
        <Brand />
        {context}
        <div className="ml-auto flex shrink-0 items-center gap-3">
          {tools}
          <span
            className={cn("text-sm text-muted", tools ? "max-[1439px]:hidden" : "")}
            title="The zone of this browser; the tooltip of a time shows UTC"
          >
            Times in {zoneName()}
          </span>
          <PersonMenu person={person} onSignOut={onSignOut} onHelp={onHelp} more={more} />
        </div>
      </header>
      <div className="col-span-2">{notice}</div>
      <nav aria-label="Pages" className="flex flex-col gap-0.5 overflow-auto border-r border-line bg-surface p-2">
        {nav}
      </nav>
      <main id="content" tabIndex={-1} className="min-h-0 min-w-0 overflow-auto outline-none">
        {children}
      </main>
    </div>
  );
}

export function Brand({ large = false }: { large?: boolean }) {
  return (
    <span className={cn("inline-flex items-center gap-2 font-semibold", large ? "text-lg" : "text-base")}>
      <svg viewBox="0 0 24 24" className={large ? "size-7" : "size-5"} aria-hidden="true">
        <rect width="24" height="24" rx="5" className="fill-accent" />
        <path
          d="M6 6.5 12 4l6 2.5v5.2c0 3.9-2.5 6.7-6 8.3-3.5-1.6-6-4.4-6-8.3z M12 4v16 M6 11.5h12"
          fill="none"
          strokeWidth="1.5"
          strokeLinejoin="round"
          className="stroke-on-accent"
        />
      </svg>
      Bailiwick
    </span>
  );
}

export const navClass =
  "flex h-7 items-center gap-2.5 rounded-sm px-2.5 text-base text-muted hover:bg-hover hover:text-text data-[status=active]:bg-selected data-[status=active]:font-medium data-[status=active]:text-text";

export function NavLabel({ children }: { children: ReactNode }) {
  return <div className="px-2.5 pt-4 pb-1 text-xs font-medium text-muted">{children}</div>;
}

/** Pages that belong together, under a name of their own. */
export function NavGroup({ label, children }: { label: string; children: ReactNode }) {
  const id = useId();
  return (
    <div role="group" aria-labelledby={id} className="mb-1 flex flex-col gap-0.5">
      <div id={id} className="px-2.5 pt-0.5 pb-0.5 text-sm font-medium text-text">
        {label}
      </div>
      <div className="ml-2.5 flex flex-col gap-0.5 border-l border-line pl-1 whitespace-nowrap [&>a]:gap-2 [&>a]:px-1.5">
        {children}
      </div>
    </div>
  );
}

export const themes: { value: Theme; label: ReactNode }[] = [
  { value: "system", label: <Labelled icon={<Monitor size={14} aria-hidden="true" />}>As the system</Labelled> },
  { value: "light", label: <Labelled icon={<Sun size={14} aria-hidden="true" />}>Light</Labelled> },
  { value: "dark", label: <Labelled icon={<Moon size={14} aria-hidden="true" />}>Dark</Labelled> },
];

function Labelled({ icon, children }: { icon: ReactNode; children: ReactNode }) {
  return (
    <span className="flex items-center gap-2">
      {icon}
      {children}
    </span>
  );
}

function PersonMenu({ person, onSignOut, onHelp, more }: Pick<Props, "person" | "onSignOut" | "onHelp" | "more">) {
  const look = useLook();
  return (
    <Menu
      align="end"
      trigger={
        <button type="button" className={buttonClass("quiet", "max-w-72 max-xl:max-w-40")}>
          <span className="truncate">{person.name}</span>
          <ChevronDown size={14} aria-hidden="true" />
        </button>
      }
    >
      <div className="border-b border-line px-2 pt-1 pb-2">
        <div className="font-medium">{person.name}</div>
        <div className="text-sm text-muted">{person.detail}</div>
      </div>
      <MenuLabel>Theme</MenuLabel>
      <MenuRadio label="Theme" value={look.theme} options={themes} onChoose={(theme) => setLook({ theme })} />
      <MenuSeparator />
      <MenuItem onClick={() => setLook({ density: look.density === "compact" ? "comfortable" : "compact" })}>
        <Rows3 size={14} aria-hidden="true" />
        {look.density === "compact" ? "Taller rows" : "Denser rows"}
      </MenuItem>
      {more}
      {onHelp ? (
        <MenuItem onClick={onHelp}>
          <Keyboard size={14} aria-hidden="true" />
          Keyboard shortcuts
        </MenuItem>
      ) : null}
      <MenuSeparator />
      <MenuItem onClick={onSignOut}>
        <LogOut size={14} aria-hidden="true" />
        Sign out
      </MenuItem>
    </Menu>
  );
}
