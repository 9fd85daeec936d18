import { ShieldAlert, ShieldCheck } from "lucide-react";
import { useState } from "react";
import type { AuditCheck } from "../../api/types";
import { checkWords, walkedOn } from "../../lib/audit";
import { count } from "../../lib/format";
import { Button } from "../../ui/button";
import { CopyButton } from "../../ui/copy";
import { words } from "../../ui/states";
import { useAction } from "../use-action";

/** Walks the chain of hashes to its newest line, as many times as the server has time for it. */
export function VerifyChain({ verify }: { verify: (after?: number) => Promise<AuditCheck> }) {
  const [found, setFound] = useState<AuditCheck | null>(null);
  const walk = useAction({
    run: async () => {
      let all: AuditCheck | null = null;
      setFound(null);
      for (;;) {
        const next = await verify(all?.last_id ?? undefined);
        // A walk that came no further would come no further the next time.
        const still = all !== null && (next.last_id ?? all.last_id) === all.last_id && next.entries === 0;
        all = walkedOn(all, next);
        setFound(all);
        if (all.complete || !all.ok || still) return all;
      }
    },
  });
  return (
    <section aria-label="The chain" className="flex flex-wrap items-center gap-x-3 gap-y-2">
      <Button
        icon={<ShieldCheck size={14} aria-hidden="true" />}
        busy={walk.busy}
        title="Each line holds the hash of the line before: whatever was changed or taken away does not fit"
        onClick={() => walk.start()}
      >
        Verify the chain
      </Button>
      <div role="status" className="min-w-0 flex-1">
        {walk.error ? <span className="text-danger">{words(walk.error)}</span> : null}
        {found && walk.busy ? <span className="text-muted">{count(found.entries)} lines fit so far…</span> : null}
        {found && !walk.busy ? <Result found={found} /> : null}
      </div>
    </section>
  );
}

function Result({ found }: { found: AuditCheck }) {
  const { ok, head, entries, complete } = found;
  return (
    <span className="flex flex-wrap items-center gap-x-2" data-chain={ok ? "ok" : "broken"}>
      {ok ? (
        <ShieldCheck size={15} className="text-ok-text" aria-hidden="true" />
      ) : (
        <ShieldAlert size={15} className="text-danger" aria-hidden="true" />
      )}
      <span className={ok ? "" : "font-medium text-danger"}>{checkWords(found)}</span>
      {ok && !complete ? <span className="text-warn-text">The newest lines were not reached.</span> : null}
      {ok && entries > 0 ? (
        <span className="-my-1 flex items-center gap-1 text-muted">
          Head
          <code className="mono" title={head}>
            {head.slice(0, 12)}…
          </code>
          <CopyButton compact text={head} label="Copy the head" />
        </span>
      ) : null}
    </span>
  );
}
