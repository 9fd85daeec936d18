import { type KeyboardEvent, useRef } from "react";
import type { Position } from "../lib/problems";
import { utf16 } from "../lib/query-text";
import { AreaField } from "./field";

interface Props {
  label: string;
  value: string;
  onChange: (value: string) => void;
  error: string | null;
  /** Where in the text the error is, when that is known. */
  position?: Position | null;
  hint?: string;
  readOnly?: boolean;
  /** Long lines go on below. */
  wrap?: boolean;
  rows?: number;
  className?: string;
  placeholder?: string;
  onKeyDown?: (event: KeyboardEvent<HTMLTextAreaElement>) => void;
}

/** Text written for machines; a button under it leads to the character a refusal points at. */
export function CodeField({ position, className, wrap = false, ...rest }: Props) {
  const area = useRef<HTMLTextAreaElement>(null);
  const go = () => {
    const element = area.current;
    if (!element || !position) return;
    element.focus();
    element.setSelectionRange(utf16(element.value, position.offset), utf16(element.value, position.offset + 1));
  };
  return (
    <div className={`flex flex-col gap-1 ${className ?? ""}`}>
      <AreaField code={wrap ? "wrap" : true} className="min-h-0 flex-1" ref={area} {...rest} />
      {position && rest.error ? (
        <button type="button" onClick={go} className="self-start text-sm text-accent underline underline-offset-2">
          Go to line {position.line}, column {position.column}
        </button>
      ) : null}
    </div>
  );
}
