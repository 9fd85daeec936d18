import { useState } from "react";
import * as api from "../../api/console";
import type { LicencePool, LicenceResource } from "../../api/types";
import { useAction } from "../../components/use-action";
import {
  amountWords,
  type LicenceDraft,
  type LicenceFaults,
  licenceFaults,
  numbersOf,
  RESOURCES,
  typed,
} from "../../lib/licence";
import { faultOf, faultOfForm } from "../../lib/problems";
import { Button } from "../../ui/button";
import { Dialog, DialogActions } from "../../ui/dialog";
import { FormError, TextField } from "../../ui/field";
import { Legend, ResourceFields } from "./fields";

/** Sets the pool by hand. */
export function PoolForm({ pool, open, onClose }: { pool: LicencePool; open: boolean; onClose: () => void }) {
  return (
    <Dialog
      open={open}
      onClose={onClose}
      title="Set the pool by hand"
      description="It takes the place of what there is, a licence file included. What is allocated already has to fit."
      className="top-[4vh] max-h-[92vh] w-[720px]"
    >
      {open ? <Form pool={pool} onClose={onClose} /> : null}
    </Dialog>
  );
}

function Form({ pool, onClose }: { pool: LicencePool; onClose: () => void }) {
  const row = (resource: LicenceResource) => pool.resources.find((each) => each.resource === resource);
  const was = (resource: LicenceResource) => (pool.state === "NONE" ? undefined : row(resource)?.total);
  const [draft, setDraft] = useState<LicenceDraft>(
    () => Object.fromEntries(RESOURCES.map((resource) => [resource, typed(resource, was(resource))])) as LicenceDraft,
  );
  const startDay = pool.expires_at ? dayOf(pool.expires_at) : "";
  const [ends, setEnds] = useState(startDay);
  const [own, setOwn] = useState<LicenceFaults>({});
  const save = useAction({
    run: () =>
      api.putPool({
        ...numbersOf(draft, was).numbers,
        expires_at: ends === startDay ? (pool.expires_at ?? null) : endOf(ends),
      }),
    done: () => "The licence was set",
    refresh: ["licences"],
  });
  const faults = { ...poolFaults(save.error), ...own };
  const submit = () => {
    const found = numbersOf(draft, was).faults;
    setOwn(found);
    if (Object.keys(found).length === 0) save.start(undefined, onClose);
  };
  return (
    <form
      className="flex flex-col gap-4"
      onSubmit={(event) => {
        event.preventDefault();
        submit();
      }}
    >
      <ResourceFields
        head="Total"
        draft={draft}
        onChange={(resource, text) => {
          setDraft((now) => ({ ...now, [resource]: text }));
          setOwn({});
          save.reset();
        }}
        faults={faults}
        columns={[{ head: "Allocated", of: (resource) => amountWords(resource, row(resource)?.allocated ?? 0) }]}
      />
      <TextField
        label="Last day"
        type="date"
        className="max-w-80"
        value={ends}
        onChange={setEnds}
        hint="It ends as this day does, in UTC. Empty: never."
        error={faultOf(save.error, "expires_at")}
      />
      <Legend />
      <FormError>{Object.keys(faults).length > 0 ? null : faultOfForm(save.error, ["expires_at"])}</FormError>
      <DialogActions>
        <Button onClick={onClose}>Cancel</Button>
        <Button type="submit" look="primary" busy={save.busy}>
          Set the pool
        </Button>
      </DialogActions>
    </form>
  );
}

/** Here the number asked for is what is allocated already, and the available one what was typed. */
function poolFaults(error: unknown): LicenceFaults {
  const found = licenceFaults(error);
  for (const resource of RESOURCES) {
    if (found[resource]) found[resource] = "Less than is allocated already.";
  }
  return found;
}

/** The UTC day a moment falls on, `2026-12-31`; the very beginning of a day still belongs to the one before. */
function dayOf(time: string): string {
  return new Date(Date.parse(time) - 1).toISOString().slice(0, 10);
}

/** The end of a UTC day; null for no day. */
function endOf(day: string): string | null {
  return day === "" ? null : new Date(Date.parse(`${day}T00:00:00Z`) + 24 * 60 * 60 * 1000).toISOString();
}
