import { QueueView } from "./view";

/** All investigations of all customers this person may see. */
export function QueuePage() {
  return <QueueView />;
}
