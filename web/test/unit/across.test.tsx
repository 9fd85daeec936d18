import { act, cleanup, renderHook, waitFor } from "@testing-library/react";
import { afterEach, expect, test, vi } from "vitest";
import type { AcrossRow, LogSearchState } from "../../src/api/case-types";
import { useAcross } from "../../src/console/logs/use-across";
import { joinAcross, parseAcross, withNews } from "../../src/lib/across";

const row = (customer: string, id: string, time: string) =>
  ({ id, event_time: time, customer: { id: customer, name: customer.toUpperCase(), region: "eu" } }) as AcrossRow;
const keys = (rows: readonly AcrossRow[]) => rows.map((each) => `${each.customer.id}/${each.id}`);

afterEach(() => {
  cleanup();
  vi.unstubAllGlobals();
});

test("rows join newest first, those of two customers with the same id are two", () => {
  const before = joinAcross([], [row("a", "1", "2026-11-22T10:00:00Z"), row("a", "2", "2026-11-22T12:00:00Z")]);
  const all = joinAcross(before, [
    row("b", "1", "2026-11-22T11:00:00Z"),
    row("a", "1", "2026-11-22T10:00:00Z"),
    row("b", "9", "2026-11-22T09:00:00Z"),
  ]);
  expect(keys(all)).toEqual(["a/2", "b/1", "a/1", "b/9"]);
});

test("joining in any order gives the same list", () => {
  const rows = Array.from({ length: 40 }, (_, at) =>
    row(`c${at % 3}`, `${at}`, new Date(Date.UTC(2026, 10, 22, 10, (at * 7) % 11)).toISOString()),
  );
  const once = joinAcross([], rows);
  const backwards = [...rows].reverse();
  const parts = [backwards.slice(0, 13), backwards.slice(13, 14), backwards.slice(14)];
  expect(keys(parts.reduce<AcrossRow[]>(joinAcross, []))).toEqual(keys(once));
});

test("news of a customer takes the place of older news; what failed stands first", () => {
  const about = (id: string, state: LogSearchState, rows: number) => ({
    asked: 3,
    answered: 1,
    rows,
    customer: { id, name: id, region: "eu" },
    state,
    customer_rows: rows,
    more: false,
  });
  const first = withNews([], [about("a", "SEARCHING", 1), about("b", "DONE", 9)]);
  const all = withNews(first, [
    about("c", "FAILED", 0),
    about("a", "DONE", 3),
    { asked: 3, answered: 3, rows: 12, customer_rows: 0, more: false },
  ]);
  expect(all.map(({ customer, state, rows }) => [customer.id, state, rows])).toEqual([
    ["c", "FAILED", 0],
    ["b", "DONE", 9],
    ["a", "DONE", 3],
  ]);
});

test("the address names customers and the window, never the words", () => {
  expect(parseAcross({ customers: "a,b", range: "1h", q: "jdoe" })).toEqual({ customers: ["a", "b"], range: "1h" });
});

/** A console whose answer a test writes line by line. */
function console_() {
  let lines: ReadableStreamDefaultController<Uint8Array> | undefined;
  const asked: { body: unknown; aborted: () => boolean }[] = [];
  vi.stubGlobal("fetch", async (request: Request) => {
    asked.push({ body: await request.json(), aborted: () => request.signal.aborted });
    const stream = new ReadableStream<Uint8Array>({
      start: (controller) => {
        lines = controller;
        request.signal.addEventListener("abort", () => controller.error(request.signal.reason));
      },
    });
    return new Response(stream);
  });
  return {
    asked,
    say: (line: object) => lines?.enqueue(new TextEncoder().encode(`${JSON.stringify(line)}\n`)),
    end: () => lines?.close(),
  };
}

const search = { query: "jdoe", limit: 100 };
const scope = { complete: true, asked: 2, answered: 2, skipped: [], failed: [] };

test("the first rows are there before the others have answered", async () => {
  const server = console_();
  const { result } = renderHook(useAcross);
  act(() => void result.current.start(search));
  await waitFor(() => expect(server.asked).toHaveLength(1));
  server.say({ rows: [row("a", "1", "2026-11-22T10:00:00Z")] });
  server.say({ progress: { asked: 2, answered: 1 } });
  await waitFor(() => expect(result.current.rows).toHaveLength(1));
  expect(result.current).toMatchObject({ running: true, scope: null, progress: { asked: 2, answered: 1 } });
  server.say({ rows: [row("b", "1", "2026-11-22T11:00:00Z")] });
  server.say({ scope });
  server.end();
  await waitFor(() => expect(result.current.running).toBe(false));
  expect(keys(result.current.rows)).toEqual(["b/1", "a/1"]);
  expect(result.current.scope).toEqual(scope);
});

test("cancelling hangs up and keeps what came in", async () => {
  const server = console_();
  const { result } = renderHook(useAcross);
  act(() => void result.current.start(search));
  await waitFor(() => expect(server.asked).toHaveLength(1));
  server.say({ rows: [row("a", "1", "2026-11-22T10:00:00Z")] });
  await waitFor(() => expect(result.current.rows).toHaveLength(1));
  act(() => result.current.stop());
  expect(server.asked[0]?.aborted()).toBe(true);
  expect(result.current).toMatchObject({ running: false, stopped: true, error: null });
  expect(result.current.rows).toHaveLength(1);
});

test("an answer without its scope is no whole answer", async () => {
  const server = console_();
  const { result } = renderHook(useAcross);
  act(() => void result.current.start(search));
  await waitFor(() => expect(server.asked).toHaveLength(1));
  server.end();
  await waitFor(() => expect(result.current.error).toBeInstanceOf(Error));
});
