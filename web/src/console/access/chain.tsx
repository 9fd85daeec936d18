import { CircleCheck, CircleHelp, CircleX } from "lucide-react";
import type { ReactNode } from "react";
import type { AccessStep } from "../../api/types";
import { capital, LINK } from "../../lib/access";
import { cn } from "../../lib/cn";

type Kind = "ok" | "missing" | "unknown";

const icons: Record<Kind, ReactNode> = {
  ok: <CircleCheck size={15} className="text-ok-text" aria-hidden="true" />,
  missing: <CircleX size={15} className="text-danger" aria-hidden="true" />,
  unknown: <CircleHelp size={15} className="text-muted" aria-hidden="true" />,
};
const words: Record<Kind, string> = { ok: "OK", missing: "Missing", unknown: "Not known" };

export function kindOf({ ok }: AccessStep): Kind {
  if (typeof ok !== "boolean") return "unknown";
  return ok ? "ok" : "missing";
}

/** Every link of the chain in its order: whether it holds, what was found, what to do about it. */
export function Chain({ links }: { links: readonly AccessStep[] }) {
  return (
    <ol aria-label="The chain of access" className="flex flex-col">
      {links.map((step, index) => {
        const kind = kindOf(step);
        return (
          <li key={step.link} data-link={step.link} data-ok={kind} className="flex gap-2.5">
            <span className="flex flex-col items-center">
              <span className="flex h-5 items-center">{icons[kind]}</span>
              {index < links.length - 1 ? <span className="w-px flex-1 bg-line" /> : null}
            </span>
            <span className="min-w-0 pb-3">
              <span className={cn("font-medium", kind === "unknown" ? "text-muted" : "")}>{LINK[step.link]}</span>{" "}
              <span className={cn("text-sm", kind === "missing" ? "text-danger" : "text-muted")}>{words[kind]}</span>
              {step.detail ? <span className="block text-muted">{capital(step.detail)}</span> : null}
              {step.remedy ? (
                <span className="block">
                  <span className="text-muted">What helps: </span>
                  {step.remedy}
                </span>
              ) : null}
            </span>
          </li>
        );
      })}
    </ol>
  );
}

/** The chain as a row of marks. */
export function ChainMarks({ links }: { links: readonly AccessStep[] }) {
  const said = links.map((step) => `${LINK[step.link]}: ${words[kindOf(step)]}`).join("; ");
  return (
    <span className="inline-flex items-center gap-1 align-middle" title={said}>
      {links.map((step) => (
        <span key={step.link}>{icons[kindOf(step)]}</span>
      ))}
      <span className="sr-only">{said}</span>
    </span>
  );
}
