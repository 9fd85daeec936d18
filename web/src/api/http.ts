import type { Problem } from "./types";

/** A refusal of the server, or a server that could not be reached (status 0). */
export class ApiError extends Error {
  readonly problem: Problem;

  constructor(problem: Problem) {
    super(problem.detail ?? problem.title);
    this.name = "ApiError";
    this.problem = problem;
  }

  get status(): number {
    return this.problem.status;
  }

  get code(): string {
    return this.problem.code;
  }
}

type Method = "GET" | "POST" | "PUT" | "PATCH" | "DELETE";

interface Call {
  query?: string;
  body?: unknown;
  signal?: AbortSignal;
}

const session: { csrf: string; onSignedOut: () => void } = { csrf: "", onSignedOut: () => {} };

/** The token every unsafe call by cookie carries. */
export function rememberCsrf(csrf: string): void {
  session.csrf = csrf;
}

/** Called when the server says that nobody is signed in any more. */
export function onSignedOut(listener: () => void): void {
  session.onSignedOut = listener;
}

/** Calls `/api/v1/{path}`; every failure is an ApiError. */
export async function call<T>(method: Method, path: string, { query, body, signal }: Call = {}): Promise<T> {
  const headers = new Headers({ accept: "application/json" });
  if (body !== undefined) headers.set("content-type", "application/json");
  if (method !== "GET" && session.csrf) headers.set("x-csrf-token", session.csrf);
  let response: Response;
  try {
    response = await globalThis.fetch(`/api/v1/${path}${query ? `?${query}` : ""}`, {
      method,
      headers,
      body: body === undefined ? undefined : JSON.stringify(body),
      credentials: "same-origin",
      cache: "no-store",
      signal,
    });
  } catch (cause) {
    if (signal?.aborted) throw cause;
    throw new ApiError({ status: 0, title: "The server cannot be reached", code: "UNREACHABLE" });
  }
  if (response.ok) return (await read(response)) as T;
  const problem = await readProblem(response);
  if (problem.status === 401 && path !== "session" && path !== "setup") session.onSignedOut();
  throw new ApiError(problem);
}

async function read(response: Response): Promise<unknown> {
  if (response.status === 204) return undefined;
  const text = await response.text();
  return text ? JSON.parse(text) : undefined;
}

async function readProblem(response: Response): Promise<Problem> {
  const fallback = { status: response.status, title: `The server answered ${response.status}`, code: "HTTP_ERROR" };
  try {
    const body: unknown = JSON.parse(await response.text());
    return isProblem(body) ? body : fallback;
  } catch {
    return fallback;
  }
}

/** Whether a body is a problem of our servers. */
export function isProblem(body: unknown): body is Problem {
  return typeof body === "object" && body !== null && "code" in body && "title" in body && "status" in body;
}

/** One part of a path, escaped but readable: the colons of an rrn stay. */
export function part(text: string): string {
  return encodeURIComponent(text).replaceAll("%3A", ":");
}
