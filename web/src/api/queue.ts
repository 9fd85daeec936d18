/** The queue's calls: what the filter, the acts and the people on a row need. */
import { flatFilter } from "../lib/queue-search";
import { answer, client } from "./http";
import type * as Q from "./queue-types";

interface Json<B> {
  content: { "application/json": B };
}
interface Answers<Ok> {
  responses: { 200: Json<Ok> };
}
interface Asks<Query> {
  parameters: { query?: Query };
}
interface Named<Name extends string> {
  parameters: { path: Record<Name, string> };
}
interface Sends<Body> {
  requestBody: Json<Body>;
}
type Flat = Record<string, unknown>;

/** The paths of those calls. */
interface Paths {
  "/api/v1/investigations": {
    get: Asks<Flat> & Answers<Q.QueuePage>;
    post: Sends<Q.NewInvestigation> & Answers<Q.QueueRow>;
  };
  "/api/v1/investigations/search": { post: Sends<Q.QueueFilter> & Answers<Q.QueuePage> };
  "/api/v1/investigations/changes": { get: Asks<Flat> & Answers<Q.Changes> };
  "/api/v1/investigations/bulk": { post: Sends<Q.Bulk> & Answers<Q.BulkResult> };
  "/api/v1/investigations/bulk/{id}/undo": { post: Named<"id"> & Answers<Q.BulkResult> };
  "/api/v1/investigations/{rrn}": { patch: Named<"rrn"> & Sends<Q.QueuePatch> & Answers<Q.QueueRow> };
  "/api/v1/investigations/{rrn}/claim": {
    put: Named<"rrn"> & Sends<{ take: boolean }> & Answers<Q.QueueRow>;
    delete: Named<"rrn"> & Answers<unknown>;
  };
  "/api/v1/investigations/{rrn}/comments": {
    post: Named<"rrn"> & Sends<{ body: string; visibility: Q.Visibility }> & Answers<unknown>;
  };
}

const api = client<Paths>();

/** Search words and trees go in a body, where they leave no trace in an address; a plain filter is a plain GET. */
export const rows = (filter: Q.QueueFilter): Promise<Q.QueuePage> =>
  filter.q || filter.where
    ? answer(api.POST("/api/v1/investigations/search", { body: filter }))
    : answer(api.GET("/api/v1/investigations", { params: { query: flatFilter(filter) } }));
export const changes = (query: { updated_since?: string; customers?: string[]; cursor?: string; limit?: number }) =>
  answer(api.GET("/api/v1/investigations/changes", { params: { query: { ...query } } }));
export const create = (body: Q.NewInvestigation) => answer(api.POST("/api/v1/investigations", { body }));
export const patch = (rrn: string, body: Q.QueuePatch) =>
  answer(api.PATCH("/api/v1/investigations/{rrn}", { params: { path: { rrn } }, body }));

/** The same key with the same body changes nothing twice, also after an answer that was lost. */
export const bulk = (body: Q.Bulk, key: string) =>
  answer(api.POST("/api/v1/investigations/bulk", { body, headers: { "idempotency-key": key } }));
export const undoBulk = (id: string) =>
  answer(api.POST("/api/v1/investigations/bulk/{id}/undo", { params: { path: { id } } }));

/** 15 minutes; 409 CLAIMED while somebody else is on it, unless it is taken over. */
export const claim = (rrn: string, take: boolean) =>
  answer(api.PUT("/api/v1/investigations/{rrn}/claim", { params: { path: { rrn } }, body: { take } }));
export const release = (rrn: string) =>
  answer(api.DELETE("/api/v1/investigations/{rrn}/claim", { params: { path: { rrn } } }));
export const comment = (rrn: string, body: string, visibility: Q.Visibility) =>
  answer(api.POST("/api/v1/investigations/{rrn}/comments", { params: { path: { rrn } }, body: { body, visibility } }));
