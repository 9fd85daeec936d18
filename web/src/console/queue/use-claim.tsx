import { useState } from "react";
import { ApiError } from "../../api/http";
import * as api from "../../api/queue";
import type { Claim, QueueRow } from "../../api/queue-types";
import { Confirm, type Question } from "../../components/confirm";
import { shortTime } from "../../lib/format";
import { nameOf } from "../../lib/people";
import { useStable } from "../../lib/use-stable";
import { words } from "../../ui/states";
import { complain, notify } from "../../ui/toast";
import { useMe } from "../me";

/** Says that one is on it, or lets it go; who takes it from somebody else is asked first. */
export function useClaim() {
  const me = useMe();
  const [question, setQuestion] = useState<Question | null>(null);
  const toggle = useStable(async (row: QueueRow) => {
    try {
      if (isMine(row.claim, me.email)) {
        await api.release(row.rrn);
        notify("You let it go");
        return;
      }
      const now = await api.claim(row.rrn, false);
      notify(now.claim ? `You are on it until ${shortTime(now.claim.until)}` : "You are on it");
    } catch (error) {
      const other = error instanceof ApiError && error.code === "CLAIMED" ? claimOf(error, row) : null;
      if (other) setQuestion(takeOver(row, other));
      else complain(`Not claimed: ${row.title}`, words(error));
    }
  });
  return { toggle, element: <Confirm question={question} onClose={() => setQuestion(null)} /> };
}

export function isMine(claim: Claim | null | undefined, email: string): boolean {
  return claim !== null && claim !== undefined && claim.email.toLowerCase() === email.toLowerCase() && isOn(claim);
}

const isOn = (claim: Claim) => Date.parse(claim.until) > Date.now();

/** Whose it is by now, as the refusal says. */
function claimOf(error: ApiError, row: QueueRow): Claim {
  const { current } = error.problem as { current?: Partial<QueueRow> | null };
  return current?.claim ?? row.claim ?? { email: "Somebody else", name: "", until: "" };
}

function takeOver(row: QueueRow, claim: Claim): Question {
  const until = claim.until ? ` until ${shortTime(claim.until)}` : "";
  return {
    title: "Somebody is on it",
    meaning: `${nameOf(claim)} claimed “${row.title}”${until}. Taking it over tells everybody that you are on it instead.`,
    action: "Take it over",
    danger: false,
    done: "You are on it",
    run: () => api.claim(row.rrn, true),
    refresh: [],
  };
}
