import { CircleCheck, CircleDashed, CircleMinus, CircleX, ShieldQuestionMark, TriangleAlert } from "lucide-react";
import { type ReactNode, useEffect, useRef } from "react";
import type { PreflightCheck, PreflightResult, PreflightStep } from "../../api/types";
import { cn } from "../../lib/cn";
import { withoutField } from "../../lib/customer-form";
import { PREFLIGHT, PREFLIGHT_CHECKS, PREFLIGHT_RESULT } from "../../lib/words";
import { Button, Spinner } from "../../ui/button";
import { Pairs } from "../../ui/pairs";
import type { CustomerForm } from "./use-customer-form";

const marks: Record<PreflightResult, ReactNode> = {
  PASSED: <CircleCheck size={15} className="text-ok-text" aria-hidden="true" />,
  WARNING: <TriangleAlert size={15} className="text-warn-text" aria-hidden="true" />,
  FAILED: <CircleX size={15} className="text-danger" aria-hidden="true" />,
  SKIPPED: <CircleMinus size={15} className="text-muted" aria-hidden="true" />,
};

/** The preflight: each step, how it ended, what was found and what to do about it. */
export function Checklist({ form }: { form: CustomerForm }) {
  const { steps, found, checking, stale } = form;
  const byCheck = new Map(steps.map((step) => [step.check, step]));
  const running = runningOf(form);
  const box = useRef<HTMLElement>(null);
  useEffect(() => {
    // The button that began it may be where the steps are out of sight, and what to do about a fault is more than its line.
    if (checking || found) box.current?.scrollIntoView({ block: "nearest" });
  }, [checking, found]);
  return (
    <section
      ref={box}
      aria-label="Preflight"
      aria-busy={checking}
      className="scroll-mb-18 rounded-md border border-line bg-bg"
    >
      <div className="flex min-h-9 items-center gap-3 border-b border-line py-1 pr-1.5 pl-3">
        <h3 className="text-base font-medium">Preflight</h3>
        <span role="status" className="min-w-0 flex-1 truncate text-sm text-muted">
          {summary(form, running)}
        </span>
        <Button className="h-6" onClick={form.check} busy={checking && !stale} disabled={form.saving}>
          {checking && stale ? "Check anew" : "Check"}
        </Button>
      </div>
      <ol className={cn("flex flex-col py-1", stale ? "opacity-60" : "")}>
        {PREFLIGHT_CHECKS.map((check) => (
          <Step key={check} name={PREFLIGHT[check]} step={byCheck.get(check)} running={check === running}>
            {check === "TLS" && !checking ? <Fingerprint form={form} /> : null}
          </Step>
        ))}
      </ol>
    </section>
  );
}

/** What is looked at now: the first that did not end, unless one before it is in the way. */
function runningOf({ checking, steps }: CustomerForm): PreflightCheck | null {
  if (!checking || steps.some((step) => step.result === "FAILED")) return null;
  return PREFLIGHT_CHECKS.find((check) => !steps.some((step) => step.check === check)) ?? null;
}

function summary({ steps, found, checking, stale, saving }: CustomerForm, running: PreflightCheck | null): string {
  if (checking) return running ? `Checking: ${PREFLIGHT[running]}…` : "Checking…";
  if (saving) return "Enrolling…";
  if (!found && steps.length > 0) return "Not all of it was looked at.";
  if (!found) return "Everything that saving would look at. Checking saves nothing.";
  if (stale) return "The form was changed since: check again.";
  if (!found.ok) return "This cannot be saved yet.";
  return found.steps.some((step) => step.result === "WARNING")
    ? "It works, with a drawback."
    : "Everything is in order.";
}

interface StepProps {
  name: string;
  step: PreflightStep | undefined;
  running: boolean;
  children: ReactNode;
}

function Step({ name, step, running, children }: StepProps) {
  const detail = withoutField(step?.detail);
  const matters = step?.result === "FAILED" || step?.result === "WARNING";
  return (
    <li
      className="flex gap-2.5 px-3 py-0.5"
      data-step={step?.check}
      data-result={step?.result}
      aria-current={running ? "step" : undefined}
    >
      <span className="flex h-5 w-4 shrink-0 items-center justify-center text-muted">
        {step ? marks[step.result] : running ? <Spinner /> : <CircleDashed size={15} aria-hidden="true" />}
      </span>
      <div className="min-w-0 flex-1">
        <div className="flex gap-3">
          <span
            className={cn("shrink-0", matters ? "font-medium" : "", step?.result === "SKIPPED" ? "text-muted" : "")}
          >
            {name}
            <span className="sr-only">: {step ? PREFLIGHT_RESULT[step.result] : running ? "Running" : "Not yet"}</span>
          </span>
          {detail && !matters ? (
            <span className="min-w-0 flex-1 truncate text-right text-muted" title={detail}>
              {detail}
            </span>
          ) : null}
        </div>
        {matters && detail ? <div className="break-words">{detail}</div> : null}
        {matters && step.remedy ? <div className="break-words text-muted">{step.remedy}</div> : null}
        {children}
      </div>
    </li>
  );
}

/** The certificate no authority vouches for, to be compared with what its operator reads out. */
function Fingerprint({ form }: { form: CustomerForm }) {
  const certificate = form.found?.certificate;
  const tls = form.steps.find((step) => step.check === "TLS");
  if (!certificate || certificate.trusted) return null;
  return (
    <div className="mt-1 mb-1.5 flex flex-col items-start gap-1.5 rounded-sm border border-line bg-surface p-2">
      <div className="text-sm text-muted">SHA-256 fingerprint of the certificate it shows</div>
      <code className="mono select-all" data-testid="fingerprint">
        <Pairs hex={certificate.fingerprint} />
      </code>
      {tls?.result === "FAILED" ? (
        <Button
          className="h-6"
          icon={<ShieldQuestionMark size={14} aria-hidden="true" />}
          onClick={() => form.accept(certificate.fingerprint)}
        >
          It is the one I was read: accept it
        </Button>
      ) : null}
    </div>
  );
}
