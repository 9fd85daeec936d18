import { ApiError } from "../api/http";

/** What a refusal says of one field of a form; null when it is about something else. */
export function faultOf(error: unknown, field: string): string | null {
  if (!(error instanceof ApiError) || error.problem.field !== field) return null;
  return sentence((error.problem.detail ?? error.problem.title).replace(new RegExp(`^(\\w+\\.)?${field}: `), ""));
}

/** What a refusal says that none of a form's fields shows. */
export function faultOfForm(error: unknown, fields: readonly string[]): string | null {
  if (!error) return null;
  if (error instanceof ApiError) {
    const { field, detail, title } = error.problem;
    return field && fields.includes(field) ? null : (detail ?? title);
  }
  return error instanceof Error ? error.message : "Something went wrong";
}

/** With a capital, unless it begins with the name of a field. */
function sentence(text: string): string {
  const first = /^[a-z]+[ ,]/.test(text) ? text.charAt(0).toUpperCase() : text.charAt(0);
  return `${first}${text.slice(1)}${/[.!?]$/.test(text) ? "" : "."}`;
}

/** A place in a text someone wrote: characters from the start, and line and column from 1. */
export interface Position {
  offset: number;
  line: number;
  column: number;
}

/** Where in the text sent the fault is, when the refusal knows. */
export function positionOf(error: unknown): Position | null {
  if (!(error instanceof ApiError)) return null;
  const at: unknown = (error.problem as { position?: unknown }).position;
  return isPosition(at) ? at : null;
}

/** The place a refusal names in words, in the text that was sent: a compiler's own message may be all there is. */
export function positionIn(error: unknown, text: string): Position | null {
  const known = positionOf(error);
  if (known || !(error instanceof ApiError)) return known;
  const named = /line (\d+), column (\d+)/.exec(error.problem.detail ?? "");
  if (!named) return null;
  const [line, column] = [Number(named[1]), Number(named[2])];
  const before = text.split("\n").slice(0, line - 1);
  return { offset: before.reduce((sum, each) => sum + [...each].length + 1, 0) + column - 1, line, column };
}

function isPosition(value: unknown): value is Position {
  return (
    typeof value === "object" &&
    value !== null &&
    ["offset", "line", "column"].every((name) => typeof (value as Record<string, unknown>)[name] === "number")
  );
}
