import { type RefObject, useRef, useState } from "react";
import * as api from "../../api/console";
import type { Customer, Preflight } from "../../api/types";
import { useAction } from "../../components/use-action";
import {
  type CustomerDraft,
  type FormErrors,
  faultsOf,
  newCustomer,
  ownFaults,
  refusal,
} from "../../lib/customer-form";

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
  /** What the preflight found. */
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

/** A customer's form: its preflight, its save, and what either found wrong. */
export function useCustomerForm(plan: Plan): CustomerForm {
  const ref = useRef<HTMLFormElement>(null);
  const [draft, setDraft] = useState(plan.start);
  const [checked, setChecked] = useState<CustomerDraft | null>(null);
  const [own, setOwn] = useState<FormErrors>({});
  /** Fields changed since they were refused: what was said of them is over. */
  const [touched, setTouched] = useState<readonly string[]>([]);
  const preflight = useAction({ run: (asked: CustomerDraft) => api.preflight(newCustomer(asked), plan.own) });
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
  const look = (asked: CustomerDraft, then: () => void) => {
    preflight.reset();
    setChecked(asked);
    preflight.start(asked, (result) => (result.ok ? then() : undefined));
  };
  const errors: FormErrors = {
    ...own,
    ...(preflight.answer ? faultsOf(preflight.answer) : {}),
    ...(preflight.error ? refusal(preflight.error) : {}),
    ...(saving.error ? refusal(saving.error) : {}),
  };
  for (const field of touched) delete errors[field as keyof FormErrors];
  return {
    ref,
    draft,
    set: (change) => {
      setDraft((now) => ({ ...now, ...change }));
      setTouched((now) => [...now, ...Object.keys(change)]);
    },
    errors,
    found: preflight.answer,
    stale: preflight.answer !== undefined && !alike(draft, checked),
    checking: preflight.busy,
    saving: saving.busy,
    check: () => {
      if (begin(draft)) look(draft, () => undefined);
    },
    accept: (fingerprint) => {
      const next = { ...draft, fingerprint };
      setDraft(next);
      if (begin(next)) look(next, () => undefined);
    },
    restart: (next) => {
      setDraft(next);
      setChecked(null);
      preflight.reset();
      saving.reset();
    },
    submit: (then) => {
      if (!begin(draft)) return;
      const save = () => saving.start(draft, then);
      if (!plan.meets(draft) || (preflight.answer?.ok && draft === checked)) save();
      else look(draft, save);
    },
  };
}

/** Whether two forms say the same; a password that is gone since is no other answer. */
function alike(a: CustomerDraft, b: CustomerDraft | null): boolean {
  return b !== null && JSON.stringify({ ...a, password: "" }) === JSON.stringify({ ...b, password: "" });
}
