/** The record of what a node told its console: how kinds read, and what stands in the address of the page. */
import type { AnswerFilter } from "../api/answers";
import { text } from "./search";
import { parseRange, type RangeState, windowOf } from "./time-range";

const NAMED: Record<string, string> = {
  "investigations.list": "The queue",
  "investigations.changes": "What changed in the queue",
  "investigations.count": "How many are open",
};

/** Paths of single calls, the more special ones first. */
const PATHS: readonly [RegExp, string][] = [
  [/\/investigations\/[^/]+\/comments/, "Comments of an investigation"],
  [/\/investigations\/[^/]+\/attachments/, "Files of an investigation"],
  [/\/investigations\/[^/]+\/evidence/, "Evidence of an investigation"],
  [/\/investigations\/[^/]+\/alerts/, "Alerts of an investigation"],
  [/\/investigations\/[^/]+\/related/, "Related investigations"],
  [/\/investigations\/[^/]+\/audit/, "Audit of an investigation"],
  [/\/investigations\/[^/]+\/export/, "An investigation as a file"],
  [/\/investigations\/[^/]+\/records/, "Records behind a signal"],
  [/\/investigations\/[^/]+\/(claim|presence)/, "Who is on an investigation"],
  [/\/investigations\/[^/]+\/merge/, "Two investigations merged"],
  [/\/investigations\/bulk/, "Many investigations changed"],
  [/\/investigations\/[^/]+/, "One investigation"],
  [/\/investigations$/, "An investigation opened"],
  [/\/logs\/export/, "Rows of a log search as a file"],
  [/\/logs\/context/, "Rows around an event"],
  [/\/logs\//, "Log search"],
  [/\/sql/, "SQL"],
  [/\/rules/, "A rule"],
  [/\/assignees|\/technicians/, "Technicians"],
  [/\/saved-searches/, "Saved searches"],
  [/\/(health|summary|meters|volume)/, "Health and volumes"],
  [/\/(sync|licence)/, "Settings and licence"],
];

/** What kind of answer it was, for people. */
export function answerWord(kind: string): string {
  const path = kind.split(" ").at(-1) ?? kind;
  return NAMED[kind] ?? PATHS.find(([pattern]) => pattern.test(path))?.[1] ?? "Another answer";
}

/** The named kinds, and those of the rows read so far. */
export function kindsOf(rows: readonly { kind: string }[] | undefined): string[] {
  return [...new Set([...Object.keys(NAMED), ...(rows ?? []).map(({ kind }) => kind)])];
}

export interface AnswerSearch extends RangeState {
  /** Mail address of the person. */
  email?: string;
  kind?: string;
}

export function parseAnswers(raw: Record<string, unknown>): AnswerSearch {
  return { ...parseRange(raw), email: text(raw.email), kind: text(raw.kind) };
}

/** As the API wants it. A span begins at a full minute, so that the same question keeps its words. */
export function answerFilter({ email, kind, ...range }: AnswerSearch, now: number): AnswerFilter {
  return { email, kind, ...windowOf(range, Math.floor(now / 60_000) * 60_000) };
}
