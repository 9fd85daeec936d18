import type { Problem } from "../src/api/types";

export interface Request {
  method: string;
  path: string[];
  query: URLSearchParams;
  body: Record<string, unknown>;
}

export interface Reply {
  status: number;
  body?: unknown;
  /** Slows the answer down, as a far node would. */
  delay?: number;
}

export const ok = (body: unknown, delay = 0): Reply => ({ status: 200, body, delay });
export const created = (body: unknown): Reply => ({ status: 201, body });
export const none = (): Reply => ({ status: 204 });

export function refuse(status: number, code: string, detail: string, more: Partial<Problem> = {}): Reply {
  const problem: Problem = { status, code, title: detail, detail, ...more };
  return { status, body: problem };
}
