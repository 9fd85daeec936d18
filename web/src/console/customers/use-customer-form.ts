import { type RefObject, useRef, useState } from "react";
import type { Customer, Preflight, PreflightStep } from "../../api/types";
import { useAction } from "../../components/use-action";
import { type CustomerDraft, type FormErrors, faultsOf, ownFaults, refusal } from "../../lib/customer-form";
import { type Run, usePreflight } from "./use-preflight";

interface Plan {
  start: CustomerDraft;
  /** The customer that is edited. */
  own?: string;
  /** Whether saving meets the node, so that a preflight comes first. */
  meets: (draft: CustomerDraft) => boolean;
  save: (draft: CustomerDraft) => Promise<Customer>;
  done: (customer: Customer) => string;
}

export interface CustomerForm {
  ref: RefObject<HTMLFormElement | null>;
  draft: CustomerDraft;
  set: (change: Partial<CustomerDraft>) => void;
  errors: FormErrors;
  /** The steps of the preflight that ended so far. */
  steps: readonly PreflightStep[];
  /** What the preflight found, when all of it is looked at. */
  found: Preflight | undefined;
  /** The form says something else than what was looked at. */
  stale: boolean;
  checking: boolean;
  saving: boolean;
  check: () => void;
  /** Takes the certificate that was shown, and looks again. */
  accept: (fingerprint: string) => void;
  /** Begins anew, with nothing said yet. */
  restart: (draft: CustomerDraft) => void;
  /** Looks first, then saves; a preflight that failed ends it. */
  submit: (then: (customer: Customer) => void) => void;
}

const NONE: readonly PreflightStep[] = [];

/** A customer's form: its preflight, its save, and what either found wrong. */
export function useCustomerForm(plan: Plan): CustomerForm {
  const ref = useRef<HTMLFormElement>(null);
  const [draft, setDraft] = useState(plan.start);
  const [own, setOwn] = useState<FormErrors>({});
  /** Fields changed since they were refused: what was said of them is over. */
  const [touched, setTouched] = useState<readonly string[]>([]);
  const preflight = usePreflight(plan.own);
  const saving = useAction({
    run: (asked: CustomerDraft) => plan.save(asked).finally(() => setDraft((now) => ({ ...now, password: "" }))),
    done: plan.done,
    refresh: ["customers"],
  });

  const begin = (asked: CustomerDraft): boolean => {
    const faults = plan.meets(asked) ? ownFaults(asked) : {};
    setTouched([]);
    setOwn(faults);
    saving.reset();
    return Object.keys(faults).length === 0 && (ref.current?.reportValidity() ?? true);
  };
  const { asked = null, steps = NONE, found, error, busy = false } = preflight.run ?? ({} as Partial<Run>);
  const errors: FormErrors = {
    ...own,
    ...faultsOf(steps),
    ...(error ? refusal(error) : {}),
    ...(saving.error ? refusal(saving.error) : {}),
  };
  for (const field of touched) delete errors[field as keyof FormErrors];
  return {
    ref,
    draft,
    set: (change) => {
      setDraft((now) => ({ ...now, ...change }));
      setTouched((now) => [...now, ...Object.keys(change)]);
      // What is saved is what was looked at, or nothing.
      preflight.alone();
    },
    errors,
    steps,
    found,
    stale: asked !== null && !alike(draft, asked),
    checking: busy,
    saving: saving.busy,
    check: () => {
      if (begin(draft)) preflight.look(draft);
    },
    accept: (fingerprint) => {
      const next = { ...draft, fingerprint };
      setDraft(next);
      if (begin(next)) preflight.look(next);
    },
    restart: (next) => {
      setDraft(next);
      preflight.reset();
      saving.reset();
    },
    submit: (then) => {
      if (!begin(draft)) return;
      const save = () => saving.start(draft, then);
      if (!plan.meets(draft) || (found?.ok && draft === asked)) save();
      else preflight.look(draft, save);
    },
  };
}

/** Whether two forms say the same; a password that is gone since is no other answer. */
function alike(a: CustomerDraft, b: CustomerDraft): boolean {
  return JSON.stringify({ ...a, password: "" }) === JSON.stringify({ ...b, password: "" });
}
