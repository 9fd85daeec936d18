import { describe, expect, test } from "vitest";
import type { Access } from "../../src/api/types";
import { CAUSE_WORDS, causes, seen } from "../../src/lib/missing";

const row = (name: string | null, more: Partial<Access>): Access => ({
  allowed: false,
  count: 1,
  links: [],
  customer: name ? { id: name, name, region: "eu" } : null,
  ...more,
});

const rows = [
  row("Ours", { allowed: true }),
  row("Down", { allowed: true, missing: "NODE" }),
  row("No role", { missing: "WORKSPACE_ROLE" }),
  row("Denied", { missing: "DELEGATION", reason: "NO_GRANT" }),
  row(null, { missing: "DELEGATION", reason: "NO_GRANT", count: 7 }),
  row("Unlicensed", { reason: "NO_LICENCE" }),
  row("Switched off", { allowed: true, reason: "TOGGLE_OFF" }),
  row("Refused, nobody says why", {}),
];

describe("why customers are missing", () => {
  test("each cause once, what one did oneself first, then the commonest", () => {
    expect(causes(rows).map(({ name, count }) => [name, count])).toEqual([
      ["TOGGLE_OFF", 1],
      ["WORKSPACE_ROLE", 1],
      ["DELEGATION", 9],
      ["NO_LICENCE", 1],
      ["NODE", 1],
    ]);
  });
  test("no customer is left out: the causes and those in sight are all there are", () => {
    const { seen: those, all } = seen(rows);
    expect({ those, all }).toEqual({ those: 1, all: 14 });
    expect(causes(rows).reduce((sum, { count }) => sum + count, 0)).toBe(all - those);
  });
  test("every cause has a reason, what helps, and who can do it", () => {
    for (const { why, fix, who } of Object.values(CAUSE_WORDS)) {
      expect(why).toMatch(/^[A-Z].*[^.]$/);
      expect(fix).toMatch(/\.$/);
      expect(who).not.toMatch(/\.$/);
    }
  });
});
