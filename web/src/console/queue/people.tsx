import { Hand } from "lucide-react";
import type { Claim, QueueRow } from "../../api/queue-types";
import { useTicking } from "../../lib/clock";
import { cn } from "../../lib/cn";
import { initials, type Named, nameOf } from "../../lib/people";

const SHOWN = 2;

/** Who is on a row and who looks at it: initials for the eye, names for everybody else. */
export function OnRow({ row, me }: { row: QueueRow; me: string }) {
  const others = (row.looking ?? []).filter(({ email }) => email.toLowerCase() !== me);
  if (!row.claim && others.length === 0) return null;
  return (
    <span className="ml-auto flex shrink-0 items-center gap-1 pl-1">
      {row.claim ? <ClaimChip claim={row.claim} me={me} /> : null}
      {others.slice(0, SHOWN).map((person) => (
        <Face key={person.email} person={person} says={`${nameOf(person)} looks at it now`} />
      ))}
      {others.length > SHOWN ? (
        <span className="text-xs text-muted" title={others.map(nameOf).join(", ")}>
          +{others.length - SHOWN}
          <span className="sr-only"> more look at it</span>
        </span>
      ) : null}
    </span>
  );
}

function Face({ person, says }: { person: Named; says: string }) {
  return (
    <span
      title={says}
      className="inline-flex h-4.5 min-w-4.5 items-center justify-center rounded-full border border-line bg-hover px-0.5 text-xs text-muted"
    >
      <span aria-hidden="true">{initials(person)}</span>
      <span className="sr-only">{says}</span>
    </span>
  );
}

/** A claim that ends before one's eyes. */
function ClaimChip({ claim, me }: { claim: Claim; me: string }) {
  const left = useTicking((now) => minutesLeft(claim, now));
  if (left === "") return null;
  const mine = claim.email.toLowerCase() === me;
  const says = mine ? `You are on it, for ${left} more` : `${nameOf(claim)} is on it, for ${left} more`;
  return (
    <span
      title={says}
      data-testid="claim"
      className={cn(
        "inline-flex h-4.5 items-center gap-0.5 rounded-sm border px-1 text-xs",
        mine ? "border-accent bg-selected text-text" : "border-warn bg-warn-soft text-warn-text",
      )}
    >
      <Hand size={10} aria-hidden="true" />
      <span aria-hidden="true">{mine ? "You" : initials(claim)}</span>
      <span className="sr-only">{says}</span>
    </span>
  );
}

/** `14 min`, `40 s`; empty when it has ended. */
function minutesLeft(claim: Claim, now: number): string {
  const seconds = Math.floor((Date.parse(claim.until) - now) / 1000);
  if (!(seconds > 0)) return "";
  return seconds < 60 ? `${seconds} s` : `${Math.floor(seconds / 60)} min`;
}
