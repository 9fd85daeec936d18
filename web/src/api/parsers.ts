/** Every call of a node's API about parsers and the records they could not make. */
import { toQuery } from "../lib/search";
import { call } from "./http";
import type * as P from "./pending";
import type { List } from "./types";

const at = (name: string) => `/api/v1/parsers/${encodeURIComponent(name)}`;

export const parsers = () => call<List<P.Parser>>("GET", "/api/v1/parsers");
export const parserSource = (name: string) => call<P.ParserSource>("GET", `${at(name)}/source`);
export const addParser = (body: P.NewParser) => call<P.Parser>("POST", "/api/v1/parsers", body);
export const replaceParser = (name: string, body: { source: string; description?: string }) =>
  call<P.Parser>("PUT", at(name), body);
export const setParserEnabled = (name: string, enabled: boolean) => call<P.Parser>("PATCH", at(name), { enabled });
export const removeParser = (name: string) => call<void>("DELETE", at(name));
export const testParser = (body: P.ParserTest) => call<List<P.TestedLine>>("POST", "/api/v1/parsers/test", body);

export const failedSummary = (window: { from?: string; to?: string }) => {
  const query = toQuery(window);
  return call<P.FailedSummary>("GET", `/api/v1/failed-records/summary${query ? `?${query}` : ""}`);
};
export const replays = () => call<List<P.Replay>>("GET", "/api/v1/failed-records/replay");
export const startReplay = (body: P.NewReplay) => call<P.Replay>("POST", "/api/v1/failed-records/replay", body);
export const cancelReplay = (id: string) =>
  call<void>("DELETE", `/api/v1/failed-records/replay/${encodeURIComponent(id)}`);
