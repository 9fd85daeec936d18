import { useParams } from "@tanstack/react-router";
import { Inbox } from "lucide-react";
import { Empty, Failure, Loading } from "../../ui/states";
import { MissingLink } from "../missing/link";
import { QueueView } from "../queue/view";
import { useCustomerNames } from "./use-place";

/** One customer's investigations, critical first: the queue with its scope fixed. */
export function CustomerInvestigationsPage() {
  const { id } = useParams({ from: "/frame/customers/$id/investigations" });
  const query = useCustomerNames();
  const all = query.data?.data;
  const customer = all?.find((one) => one.id === id);
  if (all && !customer) return <NotYours customer={id} />;
  if (all === undefined) {
    return query.error ? (
      <div className="p-3">
        <Failure error={query.error} title="The customer could not be read" onRetry={() => void query.refetch()} />
      </div>
    ) : (
      <Loading />
    );
  }
  return customer ? <QueueView key={id} customer={customer} /> : null;
}

/** A link into an environment that is not open to the person who follows it. */
function NotYours({ customer }: { customer: string }) {
  return (
    <>
      <h1 className="sr-only">Not yours to see</h1>
      <Empty
        icon={<Inbox size={18} />}
        title="There is no such customer, or it is not yours to see"
        action={<MissingLink customer={customer} />}
      >
        A colleague’s link opens for those who have access to the customer. Ask an administrator of this console for it.
      </Empty>
    </>
  );
}
