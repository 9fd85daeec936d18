import { useQuery } from "@tanstack/react-query";
import { CircleCheck } from "lucide-react";
import { useState } from "react";
import * as api from "../../api/console";
import type { CreatedEnrolmentCode, Customer } from "../../api/types";
import { useAction } from "../../components/use-action";
import { useTicking } from "../../lib/clock";
import { type CustomerDraft, refusal } from "../../lib/customer-form";
import { fullTime } from "../../lib/format";
import { Button, Spinner } from "../../ui/button";
import { Secret } from "../../ui/copy";
import { DialogActions } from "../../ui/dialog";
import { Countdown } from "./codes";
import type { CustomerForm } from "./use-customer-form";

/** A code just made, and whom it is for. */
interface Made {
  name: string;
  code: CreatedEnrolmentCode;
}

interface CodeForm {
  /** The part of the customer's form that a code needs, with what was refused of it. */
  form: Pick<CustomerForm, "draft" | "set" | "errors">;
  busy: boolean;
  make: () => void;
  made: Made | null;
}

/** Adds a customer whose node cannot be reached from here: what the form says of it becomes a code for its side. */
export function useEnrolmentCode({ draft, set }: CustomerForm): CodeForm {
  const [made, setMade] = useState<Made | null>(null);
  const make = useAction({
    run: async () => {
      const name = draft.name.trim();
      return { name, code: await api.addEnrolmentCode({ name, mail: draft.mail.trim(), primary: draft.primary }) };
    },
    after: setMade,
    refresh: ["enrolment-codes"],
  });
  const change = (next: Partial<CustomerDraft>) => {
    make.reset();
    set(next);
  };
  const errors = make.error ? refusal(make.error) : {};
  return { form: { draft, set: change, errors }, busy: make.busy, make: () => make.start(), made };
}

export function CodeMeaning() {
  return (
    <p className="rounded-md border border-line bg-bg px-3 py-2.5 text-muted">
      You get a code that works once. The customer’s side runs one command with it, its administrator sees what is asked
      and agrees, and the node dials this console and stays connected. Everything works the same over it.
    </p>
  );
}

const LOOK_MS = 2000;

interface MadeProps {
  made: Made;
  onClose: () => void;
  onAdded: (customer: Customer) => void;
}

/** The code, this once, and whether the node has come. */
export function MadeCode({ made, onClose, onAdded }: MadeProps) {
  const { code, name } = made;
  const customers = useQuery({ queryKey: ["customers"], queryFn: api.customers, refetchInterval: LOOK_MS });
  const codes = useQuery({ queryKey: ["enrolment-codes"], queryFn: api.enrolmentCodes, refetchInterval: LOOK_MS });
  const over = useTicking((now) => (Date.parse(code.expires_time) <= now ? "over" : "")) !== "";
  const came = customers.data?.data.find(
    (customer) => customer.link === "outbound" && customer.name.toLowerCase() === name.toLowerCase(),
  );
  const gone = codes.data !== undefined && !codes.isFetching && !codes.data.data.some(({ id }) => id === code.id);
  return (
    <div className="flex flex-col gap-4">
      <p>
        Give this to <strong>{name}</strong> by a way you trust. It is shown this once, and works once, until{" "}
        {fullTime(code.expires_time)}: <Countdown time={code.expires_time} /> left.
      </p>
      <Secret label="Command for the customer’s node" text={`bailiwick node enrol ${code.code}`} />
      <Secret label="The code alone" text={code.code} />
      <div
        role="status"
        className="flex min-h-10 items-center gap-2.5 rounded-md border border-line bg-bg px-3 py-2"
        data-testid="waiting"
      >
        {came ? (
          <>
            <CircleCheck size={16} className="shrink-0 text-ok-text" aria-hidden="true" />
            <span>{came.name} has come: its node is connected, and the customer is in the list.</span>
          </>
        ) : over ? (
          <span className="text-warn-text">The code has ended. Make a new one.</span>
        ) : gone ? (
          <span className="text-muted">The code is no longer open: it was used just now, or withdrawn.</span>
        ) : (
          <>
            <span className="text-accent">
              <Spinner />
            </span>
            <span>
              Waiting for its node. You may close this: the customer appears in the list by itself, and the code can be
              withdrawn under Enrolment codes.
            </span>
          </>
        )}
      </div>
      <DialogActions>
        {came ? (
          <Button
            onClick={() => {
              onClose();
              onAdded(came);
            }}
          >
            Give people access…
          </Button>
        ) : null}
        <Button look="primary" onClick={onClose}>
          Done
        </Button>
      </DialogActions>
    </div>
  );
}
