/** Where the analyst was in the queue: kept while a detail is open, so that going back changes nothing. */
interface Place {
  /** The queue's address, fragment included. */
  href: string;
  order: string[];
  cursor: string | null;
  scrollTop: number;
}

let place: Place | null = null;

export function rememberPlace(next: Place): void {
  place = next;
}

export function lastPlace(): Place | null {
  return place;
}

export function forgetPlace(): void {
  place = null;
}

/** The investigation before and after one, in the order the queue last had. */
export function neighbours(rrn: string): { before: string | null; after: string | null } {
  const index = place?.order.indexOf(rrn) ?? -1;
  if (!place || index < 0) return { before: null, after: null };
  return { before: place.order[index - 1] ?? null, after: place.order[index + 1] ?? null };
}
