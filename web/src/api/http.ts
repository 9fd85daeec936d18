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

interface Sending {
  body?: unknown;
  query?: Record<string, unknown>;
  signal?: AbortSignal;
  accept?: string;
  /** The browser sends it even when the page is being left. */
  keepalive?: boolean;
}

/** A call that no document describes by its types: what is streamed, saved as a file, or sent while the page is left. */
export function send(method: string, path: string, sending: Sending = {}): Promise<Response> {
  const { body, query = {}, signal, accept = "application/json", keepalive = false } = sending;
  const asked = toQuery(query);
  const headers = new Headers({ accept });
  if (body !== undefined) headers.set("content-type", "application/json");
  const request = new Request(`${globalThis.location?.origin ?? ""}${path}${asked ? `?${asked}` : ""}`, {
    method,
    headers,
    body: body === undefined ? undefined : JSON.stringify(body),
    credentials: "same-origin",
    cache: "no-store",
    signal,
    keepalive,
  });
  return guarded(request);
}

/** The same, answered with JSON or with nothing. */
export async function call<T>(method: string, path: string, sending?: Sending): Promise<T> {
  const text = await (await send(method, path, sending)).text();
  return (text === "" ? undefined : JSON.parse(text)) as T;
}

/** Sends a file as it is. `told` hears which part of it has left, 0 to 1: `fetch` knows nothing of that. */
export function upload<T>(
  path: string,
  query: Record<string, unknown>,
  file: Blob,
  signal: AbortSignal,
  told: (part: number) => void,
): Promise<T> {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open("POST", `${path}?${toQuery(query)}`);
    request.setRequestHeader("accept", "application/json");
    request.setRequestHeader("content-type", "application/octet-stream");
    if (session.csrf) request.setRequestHeader("x-csrf-token", session.csrf);
    request.upload.addEventListener("progress", ({ loaded, total }) => told(total > 0 ? loaded / total : 0));
    request.addEventListener("error", () => reject(unreachable()));
    request.addEventListener("abort", () => reject(signal.reason));
    request.addEventListener("load", () => {
      if (request.status < 300) return resolve(JSON.parse(request.responseText) as T);
      if (request.status === 401) session.onSignedOut();
      reject(new ApiError(problemOf(request.status, request.responseText)));
    });
    if (signal.aborted) return reject(signal.reason);
    signal.addEventListener("abort", () => request.abort(), { once: true });
    request.send(file);
  });
}

/** What was answered. A failed call has thrown before it comes here. */
export async function answer<T>(call: Promise<{ data?: T }>): Promise<T> {
  return (await call).data as T;
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
    throw unreachable();
  }
  if (response.ok) return response;
  const problem = await readProblem(response);
  if (problem.status === 401 && !UNSIGNED.has(new URL(request.url).pathname)) session.onSignedOut();
  throw new ApiError(problem);
}

function unreachable(): ApiError {
  return new ApiError({ status: 0, title: "The server cannot be reached", code: "UNREACHABLE" });
}

async function readProblem(response: Response): Promise<Problem> {
  return problemOf(response.status, await response.text().catch(() => ""));
}

function problemOf(status: number, text: string): Problem {
  const fallback = { status, title: `The server answered ${status}`, code: "HTTP_ERROR" };
  try {
    const body: unknown = JSON.parse(text);
    return isProblem(body) ? body : fallback;
  } catch {
    return fallback;
  }
}

/** Whether a body is a problem of our servers. */
export function isProblem(body: unknown): body is Problem {
  return typeof body === "object" && body !== null && "code" in body && "title" in body && "status" in body;
}
