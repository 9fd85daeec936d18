import createClient, { type Client } from "openapi-fetch";
import { toQuery } from "../lib/search";
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

const session: { csrf: string; onSignedOut: () => void } = { csrf: "", onSignedOut: () => {} };

/** The token every unsafe call by cookie carries. */
export function rememberCsrf(csrf: string): void {
  session.csrf = csrf;
}

/** Called when the server says that nobody is signed in any more. */
export function onSignedOut(listener: () => void): void {
  session.onSignedOut = listener;
}

/** A client typed by a server's OpenAPI document; every failure of a call is an ApiError. */
export function client<Paths extends object>(): Client<Paths> {
  return createClient<Paths>({
    baseUrl: globalThis.location?.origin ?? "",
    fetch: guarded,
    credentials: "same-origin",
    cache: "no-store",
    querySerializer: (query) => toQuery(query),
  });
}

/** What was answered. A failed call has thrown before it comes here. */
export async function answer<T>(call: Promise<{ data?: T }>): Promise<T> {
  return (await call).data as T;
}

/** REPLACE: a call the OpenAPI documents do not list yet; see `pending.ts`. */
export async function call<T>(method: string, path: string, body?: unknown, signal?: AbortSignal): Promise<T> {
  const response = await guarded(
    new Request(new URL(path, globalThis.location.origin), {
      method,
      body: body === undefined ? undefined : JSON.stringify(body),
      headers: body === undefined ? {} : { "content-type": "application/json" },
      credentials: "same-origin",
      cache: "no-store",
      signal,
    }),
  );
  const text = await response.text();
  return (text === "" ? undefined : JSON.parse(text)) as T;
}

/** Paths whose 401 is about the password just typed, not about the session. */
const UNSIGNED = new Set(["/api/v1/session", "/api/v1/setup"]);

async function guarded(request: Request): Promise<Response> {
  if (request.method !== "GET" && session.csrf) request.headers.set("x-csrf-token", session.csrf);
  let response: Response;
  try {
    response = await globalThis.fetch(request);
  } catch (cause) {
    if (request.signal.aborted) throw cause;
    throw new ApiError({ status: 0, title: "The server cannot be reached", code: "UNREACHABLE" });
  }
  if (response.ok) return response;
  const problem = await readProblem(response);
  if (problem.status === 401 && !UNSIGNED.has(new URL(request.url).pathname)) session.onSignedOut();
  throw new ApiError(problem);
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
