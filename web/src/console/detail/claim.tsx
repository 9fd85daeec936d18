import { Hand } from "lucide-react";
import { useEffect, useState } from "react";
import { ApiError } from "../../api/http";
import { CASE_LISTS, useCase } from "../../components/case/case-context";
import { Confirm, type Question } from "../../components/confirm";
import { useAction } from "../../components/use-action";
import { useTicking } from "../../lib/clock";
import { Button } from "../../ui/button";
import { Badge } from "../../ui/marks";
import { words } from "../../ui/states";
import { complain } from "../../ui/toast";

const MINUTE_MS = 60_000;
/** A claim of one's own is renewed while its page is open. */
const RENEW_MS = 5 * MINUTE_MS;

/** Whole minutes until a claim ends; 0 when it has. */
function useMinutesLeft(until: string | undefined): number {
  return Number(useTicking((now) => String(until ? Math.max(0, Math.ceil((Date.parse(until) - now) / MINUTE_MS)) : 0)));
}

/** Who said that they are on it; says so, takes it over, or lets it go. */
export function ClaimControl() {
  const { row, source, me, mayEdit } = useCase();
  const [question, setQuestion] = useState<Question | null>(null);
  const left = useMinutesLeft(row.claim?.until);
  const claim = left > 0 ? row.claim : null;
  const mine = claim?.email.toLowerCase() === me.toLowerCase();
  const takeOver = (who: string) =>
    setQuestion({
      title: "Take it over?",
      meaning: `${who} is on it. They see that you took it.`,
      action: "Take it over",
      danger: false,
      done: "It is yours",
      run: () => source.claim(true),
      refresh: CASE_LISTS,
    });
  const take = useAction({
    run: async () => {
      try {
        await source.claim(false);
      } catch (error) {
        if (!(error instanceof ApiError) || error.code !== "CLAIMED") throw error;
        takeOver("Somebody else");
      }
    },
    refused: "Not claimed",
    refresh: CASE_LISTS,
  });
  const release = useAction({ run: source.release, refused: "Not released", refresh: CASE_LISTS });
  useRenewal(mine, claim?.until);
  if (!mayEdit) return claim ? <Held who={claim.name || claim.email} left={left} /> : null;
  return (
    <>
      {claim && !mine ? <Held who={claim.name || claim.email} left={left} /> : null}
      {mine ? (
        <Button
          busy={release.busy}
          icon={<Hand size={14} aria-hidden="true" />}
          title={`Yours for ${left} min, and renewed while this page is open`}
          onClick={() => release.start()}
        >
          Release
        </Button>
      ) : (
        <Button
          busy={take.busy}
          icon={<Hand size={14} aria-hidden="true" />}
          title="Say that you are on it, for 15 minutes"
          onClick={() => (claim ? takeOver(claim.name || claim.email) : take.start())}
        >
          {claim ? "Take over…" : "Claim"}
        </Button>
      )}
      <Confirm question={question} onClose={() => setQuestion(null)} />
    </>
  );
}

function Held({ who, left }: { who: string; left: number }) {
  return (
    <Badge tone="accent" title="Others see that, and ask before they take it over">
      <Hand size={12} aria-hidden="true" />
      {who} is on it, {left} min left
    </Badge>
  );
}

function useRenewal(mine: boolean, until: string | undefined): void {
  const { source } = useCase();
  useEffect(() => {
    if (!mine || !until) return;
    const renew = () => {
      if (document.visibilityState !== "visible") return;
      source.claim(false).catch((error: unknown) => complain("Your claim was not renewed", words(error)));
    };
    const timer = setTimeout(renew, Math.max(1000, Date.parse(until) - Date.now() - RENEW_MS));
    return () => clearTimeout(timer);
  }, [mine, until, source]);
}
