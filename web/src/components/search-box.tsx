import { Search } from "lucide-react";
import { useEffect, useRef, useState } from "react";
import { cn } from "../lib/cn";
import { useHotkeys } from "../lib/hotkeys";
import { controlClass } from "../ui/field";

const PAUSE_MS = 300;

/** Words that narrow a list down, asked for when the typing pauses. `/` goes there. */
export function SearchBox({
  label,
  placeholder,
  value,
  onChange,
  className,
}: {
  label: string;
  placeholder?: string;
  value: string;
  onChange: (value: string) => void;
  className?: string;
}) {
  const [text, setText] = useState(value);
  const input = useRef<HTMLInputElement>(null);
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  useEffect(() => setText(value), [value]);
  useEffect(() => () => clearTimeout(timer.current), []);
  useHotkeys({ "/": () => input.current?.focus() });
  const say = (next: string, wait: number) => {
    clearTimeout(timer.current);
    timer.current = setTimeout(() => onChange(next.trim()), wait);
  };
  return (
    <div className={cn("relative min-w-48", className)}>
      <Search size={14} className="pointer-events-none absolute top-2 left-2.5 text-muted" aria-hidden="true" />
      <input
        ref={input}
        type="search"
        aria-label={label}
        spellCheck={false}
        autoComplete="off"
        className={cn(controlClass, "pl-8")}
        placeholder={placeholder}
        value={text}
        onChange={(event) => {
          setText(event.target.value);
          say(event.target.value, PAUSE_MS);
        }}
        onKeyDown={(event) => {
          if (event.key === "Enter") say(text, 0);
        }}
      />
    </div>
  );
}
