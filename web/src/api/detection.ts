/** Every call of a node's API about rules, signals, exceptions, entities and custom insights. */
import { answer, client } from "./http";
import type { paths } from "./node.gen";
import type * as T from "./types";

const api = client<paths>();
const PAGE = 100;

export interface RuleFilter {
  state?: T.RuleState;
  level?: string;
  product?: string;
  q?: string;
}

export const rules = (filter: RuleFilter, cursor?: string) =>
  answer(api.GET("/api/v1/rules", { params: { query: { ...filter, limit: PAGE, cursor } } }));
export const rule = (rule: string) => answer(api.GET("/api/v1/rules/{rule}", { params: { path: { rule } } }));
export const patchRule = (rule: string, body: T.RulePatch) =>
  answer(api.PATCH("/api/v1/rules/{rule}", { params: { path: { rule } }, body }));
export const addRule = (body: T.NewRule) => answer(api.POST("/api/v1/rules", { body }));
export const removeRule = (rule: string) => answer(api.DELETE("/api/v1/rules/{rule}", { params: { path: { rule } } }));
export const testRule = (body: T.RuleTest) => answer(api.POST("/api/v1/rules/test", { body }));

export interface SignalFilter {
  rule?: string;
  entity_type?: string;
  entity?: string;
  suppressed?: string;
  prototype?: string;
}

export const signals = (filter: SignalFilter, cursor?: string) =>
  answer(api.GET("/api/v1/signals", { params: { query: { ...filter, limit: PAGE, cursor } } }));

export const exceptions = (cursor?: string) =>
  answer(api.GET("/api/v1/exceptions", { params: { query: { limit: PAGE, cursor } } }));
export const addException = (body: T.NewException) => answer(api.POST("/api/v1/exceptions", { body }));
export const replaceException = (exception: string, body: T.NewException) =>
  answer(api.PUT("/api/v1/exceptions/{exception}", { params: { path: { exception } }, body }));
export const removeException = (exception: string) =>
  answer(api.DELETE("/api/v1/exceptions/{exception}", { params: { path: { exception } } }));

export const entities = (filter: { type?: string; q?: string }, cursor?: string) =>
  answer(api.GET("/api/v1/entities", { params: { query: { ...filter, limit: PAGE, cursor } } }));
export const entitySettings = (cursor?: string) =>
  answer(api.GET("/api/v1/entity-settings", { params: { query: { limit: PAGE, cursor } } }));
export const setEntity = (body: T.EntitySetting) => answer(api.PUT("/api/v1/entity-settings", { body }));

export const customInsights = () => answer(api.GET("/api/v1/custom-insights"));
export const addCustomInsight = (body: T.NewCustomInsight) => answer(api.POST("/api/v1/custom-insights", { body }));
export const replaceCustomInsight = (insight: string, body: T.NewCustomInsight) =>
  answer(api.PUT("/api/v1/custom-insights/{insight}", { params: { path: { insight } }, body }));
export const removeCustomInsight = (insight: string) =>
  answer(api.DELETE("/api/v1/custom-insights/{insight}", { params: { path: { insight } } }));

export const settings = () => answer(api.GET("/api/v1/detection"));
export const saveSettings = (body: T.DetectionSettings) => answer(api.PUT("/api/v1/detection", { body }));
