import { expect, test } from "vitest";
import type { AuditCheck } from "../../src/api/types";
import {
  auditFilter,
  betweenTimes,
  checkWords,
  exportAddress,
  isNarrow,
  parseAudit,
  walkedOn,
} from "../../src/lib/audit";

const now = Date.parse("2026-11-22T12:00:42Z");

test("the address of an audit is read word by word, and what is unknown is left out", () => {
  expect(parseAudit({ module: "access", outcome: "ok", actor: "ada@mssp.example", range: "1h" })).toEqual({
    range: "1h",
    module: "access",
    outcome: "ok",
    actor: "ada@mssp.example",
    customer: undefined,
  });
  expect(parseAudit({ module: "nonsense", outcome: "maybe" })).toMatchObject({ module: undefined, outcome: undefined });
  expect(isNarrow(parseAudit({}))).toBe(false);
  expect(isNarrow(parseAudit({ customer: "c1" }))).toBe(true);
});

test("a span begins at a full minute and has no end", () => {
  expect(auditFilter(parseAudit({ range: "1h" }), now)).toEqual({ from: "2026-11-22T11:00:00.000Z" });
});

test("the file has the filters of the page", () => {
  const filter = auditFilter(parseAudit({ customer: "c1", module: "sync" }), now);
  expect(exportAddress(filter, "csv")).toBe("/api/v1/audit/export?customer=c1&module=sync&format=csv");
});

test("times nobody typed are all of time", () => {
  expect(betweenTimes("", "")).toEqual({ range: "all" });
  expect(betweenTimes("2026-11-22T10:00:00", "")).toMatchObject({ range: "custom", to: undefined });
});

const check = (change: Partial<AuditCheck> = {}): AuditCheck => ({
  entries: 3,
  first_id: 1,
  last_id: 3,
  head: "aa",
  ok: true,
  broken_at: null,
  complete: false,
  ...change,
});

test("two walks are one, and the first break counts", () => {
  const all = walkedOn(check(), check({ first_id: 4, last_id: 5, entries: 2, complete: true, head: "bb" }));
  expect(all).toMatchObject({ entries: 5, first_id: 1, last_id: 5, complete: true, head: "bb" });
  expect(checkWords(all)).toBe("5 lines, 1 to 5: each fits the one before it. None was changed or taken away.");
  expect(walkedOn(check(), check({ ok: false, broken_at: 4 })).ok).toBe(false);
  expect(checkWords(check({ ok: false, broken_at: 1204 }))).toMatch(/^Line 1,204 does not fit/);
});
