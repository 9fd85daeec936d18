/** The calls about what belongs to one person. */
import { answer, client } from "./http";
import type {
  NewSavedSearch,
  Preferences,
  PreferencesPatch,
  SavedKind,
  SavedSearch,
  SavedSearchPatch,
} from "./me-types";
import type { List } from "./types";

interface Answers<T> {
  responses: { 200: { content: { "application/json": T } } };
}
interface Sends<Body, T> extends Answers<T> {
  requestBody: { content: { "application/json": Body } };
}
type At<Path extends Record<string, string>, Query = never> = { parameters: { path: Path; query?: Query } };

interface paths {
  "/api/v1/me/preferences": { get: Answers<Preferences>; patch: Sends<PreferencesPatch, Preferences> };
  "/api/v1/customers/{id}/saved-searches": {
    get: Answers<List<SavedSearch>> & At<{ id: string }, { kind?: SavedKind }>;
    post: Sends<NewSavedSearch, SavedSearch> & At<{ id: string }>;
  };
  "/api/v1/customers/{id}/saved-searches/{search}": {
    patch: Sends<SavedSearchPatch, SavedSearch> & At<{ id: string; search: string }>;
    delete: Answers<unknown> & At<{ id: string; search: string }>;
  };
}

const api = client<paths>();

export const preferences = () => answer(api.GET("/api/v1/me/preferences"));
export const patchPreferences = (body: PreferencesPatch) => answer(api.PATCH("/api/v1/me/preferences", { body }));

/** Searches over many customers are kept at the primary, whichever customer that is. */
export const MANY = "primary";

/** Those of one customer that this person may see: one's own, and what colleagues share. */
export const savedSearches = (id: string, kind: SavedKind) =>
  answer(api.GET("/api/v1/customers/{id}/saved-searches", { params: { path: { id }, query: { kind } } }));
export const addSavedSearch = (id: string, body: NewSavedSearch) =>
  answer(api.POST("/api/v1/customers/{id}/saved-searches", { params: { path: { id } }, body }));
export const patchSavedSearch = (id: string, search: string, body: SavedSearchPatch) =>
  answer(api.PATCH("/api/v1/customers/{id}/saved-searches/{search}", { params: { path: { id, search } }, body }));
export const removeSavedSearch = (id: string, search: string) =>
  answer(api.DELETE("/api/v1/customers/{id}/saved-searches/{search}", { params: { path: { id, search } } }));
