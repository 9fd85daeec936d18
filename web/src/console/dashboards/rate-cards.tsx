import { useQuery } from "@tanstack/react-query";
import { Receipt, Trash2 } from "lucide-react";
import { useState } from "react";
import type { RateCard, VolumeTier } from "../../api/dashboard-types";
import { VOLUME_TIERS } from "../../api/dashboard-types";
import * as api from "../../api/dashboards";
import { useAction } from "../../components/use-action";
import { DEFAULT_RATES, parseRate } from "../../lib/dashboards/state";
import { TIER } from "../../lib/dashboards/words";
import { faultOf, faultOfForm } from "../../lib/problems";
import { fromLocalInput, toLocalInput } from "../../lib/time-range";
import { Button, IconButton } from "../../ui/button";
import { Dialog } from "../../ui/dialog";
import { ChoiceField, FormError, TextField } from "../../ui/field";
import { Moment } from "../../ui/marks";
import { ScrollBox } from "../../ui/scroll-box";
import { Failure, SkeletonRows } from "../../ui/states";
import { Table, Td, Th, ThActions, trClass } from "../../ui/table";
import { useMe } from "../me";

interface Props {
  customers: readonly { id: string; name: string }[];
  onChanged: () => void;
}

/** The way to the rate cards, for administrators. */
export function RateCardsButton({ customers, onChanged }: Props) {
  const [open, setOpen] = useState(false);
  if (useMe().role !== "administrator") return null;
  return (
    <>
      <Button icon={<Receipt size={14} aria-hidden="true" />} onClick={() => setOpen(true)}>
        Rate cards
      </Button>
      <Dialog
        open={open}
        onClose={() => setOpen(false)}
        title="Rate cards"
        description="Credits per GB (1 GB = 2^30 bytes) from a moment on, by time of receipt, until the next card. A customer without a card of its own has everybody’s."
        className="w-[940px]"
      >
        <RateCards customers={customers} onChanged={onChanged} />
      </Dialog>
    </>
  );
}

const KEY = "rate-cards";

function RateCards({ customers, onChanged }: Props) {
  const query = useQuery({ queryKey: [KEY], queryFn: api.rateCards });
  const remove = useAction({
    run: api.removeRateCard,
    done: () => "The card is gone",
    refused: "The card was not removed",
    refresh: [KEY],
    after: onChanged,
  });
  const nameOf = (id: string | null | undefined) =>
    id ? (customers.find((one) => one.id === id)?.name ?? "A customer out of sight") : "Everybody";
  return (
    <div className="flex flex-col gap-4">
      {query.error ? (
        <Failure error={query.error} title="The rate cards could not be read" onRetry={() => void query.refetch()} />
      ) : query.data ? (
        query.data.data.length === 0 ? (
          <p className="text-muted">
            There are none. Until there are, the defaults hold: 20 continuous, 9 frequent, 0.4 infrequent, 25 CSE.
          </p>
        ) : (
          <ScrollBox label="Rate cards" className="max-h-72">
            <Table label="Rate cards">
              <thead>
                <tr>
                  <Th>Customer</Th>
                  <Th>From</Th>
                  {VOLUME_TIERS.map((tier) => (
                    <Th key={tier} className="text-right">
                      {TIER[tier]}
                    </Th>
                  ))}
                  <ThActions />
                </tr>
              </thead>
              <tbody>
                {query.data.data.map((card) => (
                  <tr key={`${card.customer} ${card.effective_from}`} className={trClass}>
                    <Td>{nameOf(card.customer)}</Td>
                    <Td>
                      <Moment time={card.effective_from} long />
                    </Td>
                    {VOLUME_TIERS.map((tier) => (
                      <Td key={tier} className="text-right">
                        {card.rates[tier]}
                      </Td>
                    ))}
                    <Td className="text-right">
                      <IconButton
                        label={`Remove the card of ${nameOf(card.customer)} from ${card.effective_from}`}
                        className="h-6"
                        disabled={remove.busy}
                        onClick={() => remove.start(card)}
                      >
                        <Trash2 size={14} aria-hidden="true" />
                      </IconButton>
                    </Td>
                  </tr>
                ))}
              </tbody>
            </Table>
          </ScrollBox>
        )
      ) : (
        <SkeletonRows rows={4} label="Reading the rate cards" />
      )}
      <NewCard customers={customers} onChanged={onChanged} />
    </div>
  );
}

const EVERYBODY = "";

function midnight(): string {
  const today = new Date();
  return toLocalInput(new Date(today.getFullYear(), today.getMonth(), today.getDate()).toISOString());
}

function NewCard({ customers, onChanged }: Props) {
  const [customer, setCustomer] = useState(EVERYBODY);
  const [from, setFrom] = useState(midnight);
  const [texts, setTexts] = useState<Record<VolumeTier, string>>(() => ({
    continuous: String(DEFAULT_RATES.continuous),
    frequent: String(DEFAULT_RATES.frequent),
    infrequent: String(DEFAULT_RATES.infrequent),
    cse: String(DEFAULT_RATES.cse),
  }));
  const save = useAction({
    run: (card: RateCard) => api.putRateCard(card),
    done: () => "The card is saved",
    refresh: [KEY],
    after: onChanged,
  });
  const start = fromLocalInput(from);
  const bad = VOLUME_TIERS.filter((tier) => parseRate(texts[tier]) === undefined);
  const fields = ["effective_from", "customer", ...VOLUME_TIERS.map((tier) => `rates.${tier}`)];
  return (
    <form
      aria-label="New rate card"
      className="flex flex-col gap-3 border-t border-line pt-3"
      onSubmit={(event) => {
        event.preventDefault();
        if (!start || bad.length > 0) return;
        const rate = (tier: VolumeTier) => parseRate(texts[tier]) ?? 0;
        const rates = {
          continuous: rate("continuous"),
          frequent: rate("frequent"),
          infrequent: rate("infrequent"),
          cse: rate("cse"),
        };
        save.start({ customer: customer || null, effective_from: start, rates });
      }}
    >
      <div className="grid grid-cols-[2fr_220px_repeat(4,1fr)_auto] items-start gap-3">
        <ChoiceField<string>
          label="Customer"
          value={customer}
          error={faultOf(save.error, "customer")}
          options={[
            { value: EVERYBODY, label: "Everybody" },
            ...customers.map(({ id, name }) => ({ value: id, label: name })),
          ]}
          onChange={setCustomer}
        />
        <TextField
          label="From"
          type="datetime-local"
          step={60}
          value={from}
          error={start ? faultOf(save.error, "effective_from") : "A moment is needed."}
          onChange={setFrom}
        />
        {VOLUME_TIERS.map((tier) => (
          <TextField
            key={tier}
            label={TIER[tier]}
            inputMode="decimal"
            value={texts[tier]}
            error={bad.includes(tier) ? "0 to 1,000,000" : faultOf(save.error, `rates.${tier}`)}
            onChange={(text) => setTexts({ ...texts, [tier]: text })}
          />
        ))}
        <Button type="submit" look="primary" busy={save.busy} className="mt-5">
          Save
        </Button>
      </div>
      <p className="text-sm text-muted">A card of the same customer and moment is replaced.</p>
      <FormError>{faultOfForm(save.error, fields)}</FormError>
    </form>
  );
}
