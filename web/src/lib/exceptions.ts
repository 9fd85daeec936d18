import type * as T from "../api/types";
import { split } from "./source-form";
import { fromLocalInput, toLocalInput } from "./time-range";

export type Kind = T.ExceptionBody["kind"];

/** An exception as its form holds it. */
export interface ExceptionDraft {
  name: string;
  kind: Kind;
  yaml: string;
  entity_type: string;
  value: string;
  network: string;
  /** One a line. */
  values: string;
  fields: string;
  /** Ids of rules, divided by blanks or lines; empty for every rule. */
  rules: string;
  owner: string;
  reason: string;
  /** As a datetime-local input holds it. */
  expires: string;
}

const DAY = 86_400_000;

export function blankException(owner: string, now: number): ExceptionDraft {
  return {
    name: "",
    kind: "entity",
    yaml: "",
    entity_type: "hostname",
    value: "",
    network: "",
    values: "",
    fields: "",
    rules: "",
    owner,
    reason: "",
    expires: toLocalInput(new Date(now + 30 * DAY).toISOString()),
  };
}

export function draftOfException(exception: T.Exception): ExceptionDraft {
  const { name, owner, reason, excepts } = exception;
  const lists =
    excepts.kind === "indicators"
      ? { values: excepts.values.join("\n"), fields: (excepts.fields ?? []).join("\n") }
      : {};
  return {
    ...blankException(owner, Date.parse(exception.created_time)),
    ...excepts,
    ...lists,
    name,
    reason,
    rules: (exception.rules ?? []).join("\n"),
    expires: toLocalInput(exception.expires),
  } as ExceptionDraft;
}

/** What the form says, as the API wants it. */
export function newException(draft: ExceptionDraft): T.NewException {
  const rules = split(draft.rules);
  return {
    name: draft.name.trim(),
    owner: draft.owner.trim(),
    reason: draft.reason.trim(),
    expires: fromLocalInput(draft.expires) ?? "",
    rules: rules.length > 0 ? rules : null,
    excepts: body(draft),
  };
}

function body(draft: ExceptionDraft): T.ExceptionBody {
  switch (draft.kind) {
    case "filter":
      return { kind: "filter", yaml: draft.yaml };
    case "entity":
      return { kind: "entity", entity_type: draft.entity_type, value: draft.value.trim() };
    case "network":
      return { kind: "network", network: draft.network.trim() };
    case "indicators":
      return { kind: "indicators", values: lines(draft.values), fields: split(draft.fields) };
  }
}

/** An indicator may hold blanks: one a line. */
function lines(text: string): string[] {
  return text
    .split("\n")
    .map((line) => line.trim())
    .filter((line) => line !== "");
}

/** What an exception excepts, in one line. */
export function exceptsWords(excepts: T.ExceptionBody): string {
  switch (excepts.kind) {
    case "filter":
      return "Records a Sigma filter says no to";
    case "entity":
      return `${excepts.entity_type} ${excepts.value}`;
    case "network":
      return `Addresses of ${excepts.network}`;
    case "indicators": {
      const [first = "", ...rest] = excepts.values;
      return rest.length === 0 ? `Records with ${first}` : `Records with ${first} or ${rest.length} more`;
    }
  }
}
