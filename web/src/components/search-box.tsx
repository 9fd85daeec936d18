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
  /** What was said and has not come back as the value: its echo must not undo what was typed meanwhile. */
  const said = useRef<string[]>([]);
  const latest = useRef({ value, onChange });
  latest.current = { value, onChange };
  useEffect(() => {
    const at = said.current.indexOf(value);
    said.current = at < 0 ? [] : said.current.slice(at + 1);
    if (at >= 0) return;
    clearTimeout(timer.current);
    setText(value);
  }, [value]);
  useEffect(() => () => clearTimeout(timer.current), []);
  useHotkeys({ "/": () => input.current?.focus() });
  const say = (typed: string, wait: number) => {
    const next = typed.trim();
    clearTimeout(timer.current);
    timer.current = setTimeout(() => {
      if (next === (said.current.at(-1) ?? latest.current.value)) return;
      said.current.push(next);
      latest.current.onChange(next);
    }, wait);
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
          if (event.key === "Escape") event.currentTarget.blur();
        }}
      />
    </div>
  );
}
