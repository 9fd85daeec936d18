import { useQuery } from "@tanstack/react-query";
import { Pencil } from "lucide-react";
import { useState } from "react";
import * as api from "../../api/console";
import type { Allocation, Customer } from "../../api/types";
import { Button } from "../../ui/button";
import { Panel } from "../../ui/panel";
import { Failure, SkeletonRows } from "../../ui/states";
import { AllocationDialog, allocateLabel, poolTrouble } from "../licences/allocation-dialog";
import { AllocationFacts, AllocationNote, AllocationTable } from "../licences/details";

/** What a customer may use, what its node has confirmed, what it uses. */
export function LicenceTab({ customer, administers }: { customer: Customer; administers: boolean }) {
  const query = useQuery({
    queryKey: ["licences", customer.id],
    queryFn: () => api.licence(customer.id),
    refetchInterval: (now) => (now.state.data?.state === "PENDING" ? 2000 : 10_000),
  });
  return (
    <div className="flex max-w-[920px] flex-col gap-2.5">
      {query.error ? (
        <Failure error={query.error} title="The licence could not be read" onRetry={() => void query.refetch()} />
      ) : null}
      {query.data ? (
        <>
          <Panel title="Allocation">
            <div className="flex items-start gap-4">
              <div className="min-w-0 flex-1">
                <AllocationFacts allocation={query.data} />
              </div>
              {administers ? <Edit customer={customer} allocation={query.data} /> : null}
            </div>
          </Panel>
          <div className="overflow-hidden rounded-md border border-line bg-surface">
            <AllocationTable allocation={query.data} />
          </div>
          <AllocationNote />
        </>
      ) : query.error ? null : (
        <SkeletonRows rows={7} label="Reading the licence" />
      )}
    </div>
  );
}

function Edit({ customer, allocation }: { customer: Customer; allocation: Allocation }) {
  const [open, setOpen] = useState(false);
  const pool = useQuery({ queryKey: ["licences", "pool"], queryFn: api.licencePool });
  const trouble = pool.data ? poolTrouble(pool.data) : null;
  return (
    <>
      <Button
        icon={<Pencil size={14} aria-hidden="true" />}
        disabled={trouble !== null}
        title={trouble ?? undefined}
        onClick={() => setOpen(true)}
      >
        {allocateLabel(allocation)}
      </Button>
      <AllocationDialog customer={open ? customer : null} editing onClose={() => setOpen(false)} />
    </>
  );
}
