import { useQuery } from "@tanstack/react-query";
import { Pencil } from "lucide-react";
import { useState } from "react";
import * as api from "../../api/console";
import { ApiError } from "../../api/http";
import type { Allocation, LicencePool, LicenceResource } from "../../api/types";
import { useAction } from "../../components/use-action";
import { amountWords, type LicenceDraft, type LicenceFaults, licenceFaults, numbersOf, typed } from "../../lib/licence";
import { faultOf, faultOfForm } from "../../lib/problems";
import { Button } from "../../ui/button";
import { Dialog, DialogActions } from "../../ui/dialog";
import { AreaField, FormError } from "../../ui/field";
import { Failure, SkeletonRows } from "../../ui/states";
import { AllocationFacts, AllocationNote, AllocationTable } from "./details";
import { Legend, ResourceFields } from "./fields";
import { resourceOf } from "./usage";

interface Props {
  /** Whose, by id; null while none is open. */
  customer: { id: string; name: string } | null;
  /** Opens the form at once. */
  editing?: boolean;
  onClose: () => void;
}

/** A customer's allocation: looked at first, then changed by *Edit License*. */
export function AllocationDialog({ customer, editing = false, onClose }: Props) {
  return (
    <Dialog
      open={customer !== null}
      onClose={onClose}
      title={customer ? `Allocation Details of ${customer.name}` : ""}
      description="What is allocated counts here at once, and goes to the customer’s node by itself."
      className="top-[4vh] max-h-[92vh] w-[780px]"
    >
      {customer ? <Box key={customer.id} id={customer.id} editing={editing} onClose={onClose} /> : null}
    </Dialog>
  );
}

function Box({ id, editing, onClose }: { id: string; editing: boolean; onClose: () => void }) {
  const [edit, setEdit] = useState(editing);
  const licence = useQuery({
    queryKey: ["licences", id],
    queryFn: () => api.licence(id),
    refetchInterval: (query) => (query.state.data?.state === "PENDING" ? 2000 : 10_000),
  });
  const pool = useQuery({ queryKey: ["licences", "pool"], queryFn: api.licencePool });
  const error = licence.error ?? pool.error;
  if (!licence.data || !pool.data) {
    return error ? (
      <Failure
        error={error}
        title="The licence could not be read"
        onRetry={() => void Promise.all([licence.refetch(), pool.refetch()])}
      />
    ) : (
      <SkeletonRows rows={7} label="Reading the licence" />
    );
  }
  return edit ? (
    <Form allocation={licence.data} pool={pool.data} onClose={onClose} />
  ) : (
    <Details allocation={licence.data} pool={pool.data} onEdit={() => setEdit(true)} onClose={onClose} />
  );
}

/** Why nothing can be allocated now; null when it can. */
export function poolTrouble(pool: LicencePool): string | null {
  if (pool.state === "NONE") return "There is no licence yet: set the pool first";
  return pool.state === "VALID"
    ? null
    : "The licence has ended: allocations cannot be changed until there is a new one";
}

/** What the button says that opens the form. */
export function allocateLabel(allocation: Allocation): string {
  return allocation.state === "NONE" ? "Allocate" : "Edit License";
}

interface DetailsProps {
  allocation: Allocation;
  pool: LicencePool;
  onEdit: () => void;
  onClose: () => void;
}

function Details({ allocation, pool, onEdit, onClose }: DetailsProps) {
  const trouble = poolTrouble(pool);
  return (
    <div className="flex flex-col gap-4">
      <div className="flex items-start gap-4">
        <div className="min-w-0 flex-1">
          <AllocationFacts allocation={allocation} />
        </div>
        <Button
          icon={<Pencil size={14} aria-hidden="true" />}
          disabled={trouble !== null}
          title={trouble ?? undefined}
          onClick={onEdit}
        >
          {allocateLabel(allocation)}
        </Button>
      </div>
      {trouble ? <p className="text-warn-text">{trouble}.</p> : null}
      <div className="overflow-hidden rounded-md border border-line">
        <AllocationTable allocation={allocation} />
      </div>
      <AllocationNote />
      <DialogActions>
        <Button onClick={onClose}>Close</Button>
      </DialogActions>
    </div>
  );
}

function Form({ allocation, pool, onClose }: { allocation: Allocation; pool: LicencePool; onClose: () => void }) {
  const { customer, state } = allocation;
  const fresh = state === "NONE";
  const was = (resource: LicenceResource) => (fresh ? undefined : resourceOf(allocation.resources, resource).allocated);
  // What was allocated when the form was opened: a later answer must not undo what is being typed.
  const [draft, setDraft] = useState<LicenceDraft>(() => draftOf(was));
  const [own, setOwn] = useState<LicenceFaults>({});
  const [reason, setReason] = useState("");
  const save = useAction({
    run: (force: boolean) => {
      const { numbers } = numbersOf(draft, was);
      return api.putLicence(customer.id, { ...numbers, force, ...(force ? { reason: reason.trim() } : {}) });
    },
    done: (now) =>
      `The licence of ${customer.name} was ${fresh ? "allocated" : "updated"}${now.state === "PENDING" ? "; its node gets it as soon as it answers" : ""}`,
    refresh: ["licences"],
  });
  const below = save.error instanceof ApiError && save.error.code === "BELOW_USAGE";
  const faults = { ...licenceFaults(save.error), ...own };
  const change = (resource: LicenceResource, text: string) => {
    setDraft((now) => ({ ...now, [resource]: text }));
    setOwn({});
    save.reset();
  };
  const submit = () => {
    const found = numbersOf(draft, was).faults;
    setOwn(found);
    if (Object.keys(found).length === 0) save.start(below, onClose);
  };
  const verb = fresh ? "Allocate" : "Update";
  return (
    <form
      className="flex flex-col gap-4"
      onSubmit={(event) => {
        event.preventDefault();
        submit();
      }}
    >
      <ResourceFields
        head="Allocated"
        draft={draft}
        onChange={change}
        faults={faults}
        columns={[
          { head: "Used", of: (resource) => usedWords(allocation, resource) },
          { head: "Available to it", of: (resource) => availableWords(pool, resource, was(resource)) },
        ]}
      />
      <Legend />
      {below ? (
        <div className="rounded-md border border-warn p-3">
          <AreaField
            label="Reason for allocating less than is used"
            required
            rows={2}
            maxLength={500}
            value={reason}
            onChange={setReason}
            error={faultOf(save.error, "reason")}
            hint="It stands with the allocation, and in the audit."
          />
        </div>
      ) : null}
      <FormError>{Object.keys(faults).length > 0 ? null : faultOfForm(save.error, ["reason"])}</FormError>
      <DialogActions>
        <Button onClick={onClose}>Cancel</Button>
        <Button type="submit" look="primary" busy={save.busy}>
          {below ? `${verb} all the same` : verb}
        </Button>
      </DialogActions>
    </form>
  );
}

function draftOf(was: (resource: LicenceResource) => number | null | undefined): LicenceDraft {
  const field = (resource: LicenceResource) => typed(resource, was(resource));
  return {
    sources: field("sources"),
    users: field("users"),
    continuous_daily_bytes: field("continuous_daily_bytes"),
    frequent_daily_bytes: field("frequent_daily_bytes"),
    infrequent_daily_bytes: field("infrequent_daily_bytes"),
    retention_days: field("retention_days"),
  };
}

function usedWords({ resources }: Allocation, resource: LicenceResource): string {
  const { used } = resourceOf(resources, resource);
  return used === null || used === undefined ? "–" : amountWords(resource, used);
}

/** What is left of the pool, and what this customer has of it already. */
function availableWords(pool: LicencePool, resource: LicenceResource, mine: number | null | undefined): string {
  const left = pool.resources.find((each) => each.resource === resource)?.available;
  if (left === null || left === undefined) return "no limit";
  return amountWords(resource, resource === "retention_days" ? left : left + (mine ?? 0));
}
