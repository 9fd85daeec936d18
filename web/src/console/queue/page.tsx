import { QueueView } from "./view";

/** All investigations this person may see, or those of one customer inside its environment. */
export function QueuePage({ customer }: { customer?: string }) {
  return <QueueView customer={customer} />;
}
