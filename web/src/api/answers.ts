/** What a workspace's administrator decides about files, and the record of every answer the node gave the console. */
import { toQuery } from "../lib/search";
import type { Answer, Listed } from "./case-types";
import { call } from "./http";

export const exports = () => call<{ allowed: boolean }>("GET", "/api/v1/exports");
export const setExports = (allowed: boolean) =>
  call<{ allowed: boolean }>("PUT", "/api/v1/exports", { body: { allowed } });

export interface AnswerFilter {
  email?: string;
  kind?: string;
  from?: string;
  to?: string;
}

export const answers = (filter: AnswerFilter, cursor?: string) =>
  call<Listed<Answer>>("GET", "/api/v1/answers", { query: { ...filter, limit: 200, cursor } });
/** Where the file of the same answers is. */
export const answersFile = (filter: AnswerFilter) => {
  const query = toQuery({ ...filter });
  return `/api/v1/answers/export${query ? `?${query}` : ""}`;
};
