/** Every call of a node's API about parsers and the records they could not make. */
import { answer, client } from "./http";
import type { paths } from "./node.gen";
import type * as T from "./types";

const api = client<paths>();
const at = (parser: string) => ({ params: { path: { parser } } });

export const parsers = () => answer(api.GET("/api/v1/parsers"));
export const parserSource = (name: string) => answer(api.GET("/api/v1/parsers/{parser}/source", at(name)));
export const addParser = (body: T.NewParser) => answer(api.POST("/api/v1/parsers", { body }));
export const replaceParser = (name: string, body: T.NextParser) =>
  answer(api.PUT("/api/v1/parsers/{parser}", { ...at(name), body }));
export const setParserEnabled = (name: string, enabled: boolean) =>
  answer(api.PATCH("/api/v1/parsers/{parser}", { ...at(name), body: { enabled } }));
export const removeParser = (name: string) => answer(api.DELETE("/api/v1/parsers/{parser}", at(name)));
export const testParser = (body: T.ParserTest) => answer(api.POST("/api/v1/parsers/test", { body }));

export const failedSummary = (query: { from?: string; to?: string }) =>
  answer(api.GET("/api/v1/failed-records/summary", { params: { query } }));
export const replays = () => answer(api.GET("/api/v1/failed-records/replay"));
export const startReplay = (body: T.ReplayFilter) => answer(api.POST("/api/v1/failed-records/replay", { body }));
export const cancelReplay = (replay: string) =>
  answer(api.DELETE("/api/v1/failed-records/replay/{replay}", { params: { path: { replay } } }));
