/** Wire types of what belongs to one person: preferences, and searches kept to be used again. */

/** How tall rows are. */
export type DensityWord = "compact" | "comfortable";

export interface Preferences {
  /** Merged views over many customers. */
  multi_customer: boolean;
  /** Whether it may be switched on: only while a licensed, linked customer exists. */
  multi_customer_available: boolean;
  /** Why not, for people. */
  reason?: string | null;
  density?: DensityWord | null;
  /** Shortcuts of a single letter. */
  single_keys?: boolean | null;
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
