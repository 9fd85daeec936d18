/** Wire types of what belongs to one person: preferences, and searches kept to be used again. */

/** How tall rows are. */
export type DensityWord = "COMPACT" | "COMFORTABLE";

/** Why views over many customers cannot be switched on. */
export type WhyNotMany = "NO_LINKED_CUSTOMER" | "NO_LICENSED_CUSTOMER";

export interface Preferences {
  /** Views over many customers. */
  multi_customer: boolean;
  /** Whether it may be switched on: only while a licensed, linked customer exists. */
  multi_customer_available: boolean;
  reason: WhyNotMany | null;
  density: DensityWord;
  /** Shortcuts of a single letter. */
  single_keys: boolean;
}

export interface PreferencesPatch {
  multi_customer?: boolean;
  density?: DensityWord;
  single_keys?: boolean;
}

/** What a saved search is for. */
export type SavedKind = "INVESTIGATIONS" | "LOGS";

export interface SavedSearch {
  id: string;
  kind: SavedKind;
  name: string;
  /** What was searched for, as the page keeps it. */
  body: Record<string, unknown>;
  /** Whether colleagues with access to the customer see it. */
  shared: boolean;
  owner: { email: string; name: string };
  /** Whether the one who asks may change it. */
  mine: boolean;
}

export interface NewSavedSearch {
  kind: SavedKind;
  name: string;
  body: Record<string, unknown>;
  shared: boolean;
}

export interface SavedSearchPatch {
  name?: string;
  body?: Record<string, unknown>;
  shared?: boolean;
}
