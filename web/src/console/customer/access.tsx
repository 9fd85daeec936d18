import { useQuery } from "@tanstack/react-query";
import { KeyRound } from "lucide-react";
import * as api from "../../api/console";
import type { Customer } from "../../api/types";
import { Rows } from "../../components/rows";
import { readAll } from "../../lib/pages";
import { Empty } from "../../ui/states";
import { Grants } from "../customers/grants-panel";
import { DelegationTable } from "../technicians/delegation-table";

const REFRESH_MS = 5000;

/** Who has which role on a customer, and the decisions it follows from. */
export function AccessTab({ customer }: { customer: Customer }) {
  const delegations = useQuery({
    queryKey: ["delegations", "customer", customer.id],
    queryFn: () => readAll((cursor) => api.delegations({ customer: customer.id }, cursor)),
    refetchInterval: REFRESH_MS,
  });
  return (
    <>
      <div className="max-w-[820px]">
        <Grants customer={customer} />
      </div>
      <h2 className="mt-2 text-base font-semibold">
        Delegations{" "}
        <span className="font-normal text-muted">
          that reach it: by its own name, by a group it is in, or by naming all
        </span>
      </h2>
      <Rows
        label="Delegations"
        skeleton={3}
        rows={delegations.data}
        error={delegations.error}
        onRetry={() => void delegations.refetch()}
        empty={<Empty icon={<KeyRound size={18} />} title="No delegation reaches it" />}
      >
        {(rows) => <DelegationTable rows={rows} about="person" />}
      </Rows>
    </>
  );
}
