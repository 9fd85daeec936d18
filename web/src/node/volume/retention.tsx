import { useQuery, useQueryClient } from "@tanstack/react-query";
import * as api from "../../api/node";
import type { Retention } from "../../api/types";
import { useAction } from "../../components/use-action";
import { faultOf, faultOfForm } from "../../lib/problems";
import { useDraft } from "../../lib/use-draft";
import { TIERS } from "../../lib/words";
import { Button } from "../../ui/button";
import { FormError, TextField } from "../../ui/field";
import { Panel } from "../../ui/panel";
import { Failure, SkeletonRows } from "../../ui/states";

/** How long events are kept, by tier. */
export function RetentionPanel() {
  const query = useQuery({ queryKey: ["retention"], queryFn: api.retention });
  return (
    <Panel title="Retention" note="days after receipt">
      {query.error ? (
        <Failure error={query.error} title="Retention could not be read" onRetry={() => void query.refetch()} />
      ) : null}
      {query.data ? <Form retention={query.data} /> : query.error ? null : <SkeletonRows rows={3} label="Reading" />}
    </Panel>
  );
}

type Field = keyof Retention;
const field = (tier: (typeof TIERS)[number]): Field => `${tier}_days`;

function Form({ retention }: { retention: Retention }) {
  const {
    draft: days,
    changed,
    set,
  } = useDraft<Record<Field, string>>({
    continuous_days: String(retention.continuous_days),
    frequent_days: String(retention.frequent_days),
    infrequent_days: String(retention.infrequent_days),
  });
  const queries = useQueryClient();
  const next = Object.fromEntries(
    TIERS.map((tier) => [field(tier), Number(days[field(tier)])]),
  ) as unknown as Retention;
  const shorter = TIERS.some((tier) => next[field(tier)] < retention[field(tier)]);
  const save = useAction({
    run: () => api.setRetention(next),
    after: (saved) => queries.setQueryData(["retention"], saved),
    done: () => "Retention is changed",
  });
  return (
    <form
      className="flex flex-col gap-3"
      onSubmit={(event) => {
        event.preventDefault();
        save.start();
      }}
    >
      <div className="grid grid-cols-3 gap-4">
        {TIERS.map((tier) => (
          <TextField
            key={tier}
            label={`Tier ${tier}`}
            type="number"
            min={1}
            max={3650}
            required
            value={days[field(tier)]}
            onChange={(text) => set(field(tier), text)}
            error={faultOf(save.error, field(tier))}
          />
        ))}
      </div>
      <FormError>
        {faultOfForm(
          save.error,
          TIERS.map((tier) => field(tier)),
        )}
      </FormError>
      <div className="flex items-center gap-3">
        <Button type="submit" look="primary" disabled={!changed} busy={save.busy}>
          Save
        </Button>
        {shorter ? (
          <span className="text-sm text-warn-text">What is older than the new number of days is deleted for good.</span>
        ) : null}
      </div>
    </form>
  );
}
