import { Check, Copy } from "lucide-react";
import { useEffect, useRef, useState } from "react";
import { Button, IconButton } from "./button";

/** Copies a text; says so for two seconds. */
export function CopyButton({
  text,
  label = "Copy",
  compact = false,
}: {
  text: string;
  label?: string;
  compact?: boolean;
}) {
  const [state, setState] = useState<"idle" | "done" | "failed">("idle");
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  useEffect(() => () => clearTimeout(timer.current), []);
  const copy = async () => {
    setState((await write(text)) ? "done" : "failed");
    clearTimeout(timer.current);
    timer.current = setTimeout(() => setState("idle"), 2000);
  };
  const shown = { idle: label, done: "Copied", failed: "Select and copy by hand" }[state];
  const icon = state === "done" ? <Check size={14} aria-hidden="true" /> : <Copy size={14} aria-hidden="true" />;
  return compact ? (
    <IconButton label={shown} onClick={copy}>
      {icon}
    </IconButton>
  ) : (
    <Button onClick={copy} icon={icon} aria-live="polite">
      {shown}
    </Button>
  );
}

/** The clipboard API exists on secure origins only; a console on plain http in a closed network has the older way. */
async function write(text: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    const area = document.createElement("textarea");
    area.value = text;
    area.setAttribute("readonly", "");
    (document.activeElement?.closest("[role=dialog]") ?? document.body).append(area);
    area.select();
    const done = document.execCommand("copy");
    area.remove();
    return done;
  }
}

/** A secret that is shown this once. */
export function Secret({ label, text }: { label: string; text: string }) {
  return (
    <div className="flex flex-col gap-1">
      <div className="text-sm font-medium">{label}</div>
      <div className="flex items-start gap-2 rounded-sm border border-control bg-bg p-2">
        <code className="mono min-w-0 flex-1 break-all whitespace-pre-wrap select-all">{text}</code>
        <CopyButton text={text} compact label={`Copy ${label.toLowerCase()}`} />
      </div>
    </div>
  );
}
