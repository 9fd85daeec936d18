import { expect, test } from "vitest";
import { ApiError } from "../../src/api/http";
import type { LicencePool } from "../../src/api/types";
import {
  amountWords,
  expiryNotice,
  GB,
  gb,
  licenceFaults,
  mark,
  numbersOf,
  parsed,
  RESOURCES,
  share,
  typed,
} from "../../src/lib/licence";

test.each([
  [0, "0"],
  [1, "<0.001"],
  [GB / 4, "0.25"],
  [GB, "1"],
  [12.5 * GB, "12.5"],
  [1000 * GB, "1,000"],
])("%i bytes are %s GB", (bytes, text) => {
  expect(gb(bytes)).toBe(text);
});

test("a GB is 2^30 bytes, and what is typed comes back the same", () => {
  expect(parsed("continuous_daily_bytes", "1")).toBe(1_073_741_824);
  for (const text of ["0", "0.5", "1", "12.25", "20000"]) {
    const bytes = parsed("frequent_daily_bytes", text);
    expect(typed("frequent_daily_bytes", bytes)).toBe(text);
  }
});

test("a number of bytes that is no round number of GB stays as it was unless it is changed", () => {
  const odd = 1_000_000_007;
  expect(parsed("continuous_daily_bytes", typed("continuous_daily_bytes", odd), odd)).toBe(odd);
  expect(parsed("continuous_daily_bytes", "2", odd)).toBe(2 * GB);
});

test.each(["-1", "1.5", "many", "1e3", "99999999999999999"])("%s is no number of sources", (text) => {
  expect(parsed("sources", text)).toBeUndefined();
});

test("an empty field is no limit; every wrong one is named", () => {
  const draft = {
    ...(Object.fromEntries(RESOURCES.map((each) => [each, ""])) as Record<(typeof RESOURCES)[number], string>),
  };
  expect(numbersOf(draft, () => undefined)).toEqual({
    numbers: Object.fromEntries(RESOURCES.map((each) => [each, null])),
    faults: {},
  });
  const { faults } = numbersOf({ ...draft, users: "x", retention_days: "1.5" }, () => undefined);
  expect(Object.keys(faults)).toEqual(["users", "retention_days"]);
});

test("numbers carry their units", () => {
  expect(amountWords("sources", 1)).toBe("1 source");
  expect(amountWords("continuous_daily_bytes", 2 * GB)).toBe("2 GB a day");
  expect(amountWords("retention_days", 90)).toBe("90 days");
  expect(amountWords("users", null)).toBe("no limit");
});

const refusal = (code: string, current: Record<string, unknown>) =>
  new ApiError({ status: 409, title: "Conflict", code, current });

test("a refusal stands at its resource with the numbers", () => {
  expect(licenceFaults(refusal("OVER_ALLOCATED", { resource: "sources", requested: 99, available: 12 }))).toEqual({
    sources: "99 requested, 12 sources available.",
  });
  expect(
    licenceFaults(refusal("BELOW_USAGE", { resource: "continuous_daily_bytes", requested: 1, used: 3 * GB })),
  ).toEqual({ continuous_daily_bytes: "3 GB a day in use." });
  expect(licenceFaults(refusal("POOL_EXPIRED", {}))).toEqual({});
  expect(licenceFaults(new Error("no"))).toEqual({});
});

test.each([
  ["sources", 89, 100, null],
  ["sources", 90, 100, "near"],
  ["sources", 100, 100, "full"],
  ["sources", 101, 100, "over"],
  ["sources", 0, 0, null],
  ["sources", 1, 0, "over"],
  ["retention_days", 90, 90, null],
  ["retention_days", 91, 90, "over"],
  ["users", 5, null, null],
] as const)("%s: %i of %s is %s", (resource, used, most, marked) => {
  expect(mark(resource, share(used, most))).toBe(marked);
});

const pool = (change: Partial<LicencePool>): LicencePool =>
  ({ state: "VALID", resources: [], ...change }) as LicencePool;

test("the end of a licence is told from the first warning on, and what it does not do", () => {
  expect(expiryNotice(pool({ days_left: 199, warning: null }))).toBeNull();
  expect(expiryNotice(pool({ state: "NONE" }))).toBeNull();
  expect(expiryNotice(pool({ days_left: 14, warning: 16 }))).toEqual({
    bad: false,
    text: "The licence ends in 14 days.",
  });
  expect(expiryNotice(pool({ days_left: 0, warning: 1 }))).toEqual({
    bad: true,
    text: "The licence ends in less than a day.",
  });
  const over = expiryNotice(pool({ state: "GRACE", days_left: -3, warning: 0 }));
  expect(over?.text).toContain("ended 2 days ago");
  expect(over?.text).toContain("Nothing stops collecting");
});
