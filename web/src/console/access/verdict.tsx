import { CircleCheck, CircleX } from "lucide-react";
import type { Access } from "../../api/types";
import { capital, LINK_MISSING, missingStep } from "../../lib/access";
import { Panel } from "../../ui/panel";
import { Chain } from "./chain";

/** Whether a person reaches one customer, in a sentence, and the whole chain behind it. `who` is null for oneself. */
export function Verdict({ row, who }: { row: Access; who: string | null }) {
  const step = missingStep(row);
  const name = row.customer?.name ?? "this customer";
  const subject = who ?? "You";
  return (
    <Panel title={row.customer?.name ?? "Not named to you"} className="max-w-[860px]">
      <div className="flex items-start gap-2" role="status" data-verdict={row.allowed ? "yes" : "no"}>
        {row.allowed ? (
          <CircleCheck size={18} className="mt-px shrink-0 text-ok-text" aria-hidden="true" />
        ) : (
          <CircleX size={18} className="mt-px shrink-0 text-danger" aria-hidden="true" />
        )}
        <div>
          <p className="font-semibold">
            {row.allowed
              ? `${subject} ${who ? "reaches" : "reach"} ${name}${row.missing ? `; for now ${LINK_MISSING[row.missing]}` : ""}.`
              : `${subject} ${who ? "does" : "do"} not reach ${name}${row.missing ? `: ${LINK_MISSING[row.missing]}` : ""}.`}
          </p>
          {step?.detail ? <p className="text-muted">{capital(step.detail)}</p> : null}
          {step?.remedy ? (
            <p>
              <span className="text-muted">What helps: </span>
              {step.remedy}
            </p>
          ) : null}
        </div>
      </div>
      <hr className="my-1 border-line" />
      <Chain links={row.links} />
    </Panel>
  );
}
