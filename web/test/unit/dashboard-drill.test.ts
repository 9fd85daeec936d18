import { describe, expect, test } from "vitest";
import type { PanelDef } from "../../src/api/dashboard-types";
import { drill, drillRow, logSearch, type Whom } from "../../src/lib/dashboards/drill";
import { readFragment } from "../../src/lib/search";

const range = { from: "2026-11-22T00:00:00.000Z", to: "2026-11-22T01:00:00.000Z" };
const all: Whom = { customers: null, globs: undefined, tiers: undefined };
const two: Whom = {
  customers: [
    { id: "c1", name: "Acme" },
    { id: "c2", name: "Acme 2" },
  ],
  globs: ["acme*"],
  tiers: undefined,
};
const acme = { id: "c1", name: "Acme, Inc" };
const panel = (measure: PanelDef["measure"], more: Partial<PanelDef> = {}): PanelDef => ({
  id: "p",
  title: "P",
  measure,
  chart: "bar",
  unit: "records",
  ...more,
});

describe("failed records", () => {
  test("of one customer lead to its log search, by time of receipt", () => {
    const to = drill(
      { panel: panel("failed_records"), range, org: acme, keys: { reason: 'bad "x"', vendor: null } },
      all,
    );
    expect(to).toMatchObject({ to: "/customers/$id/logs", params: { id: "c1" }, search: { range: "all" } });
    expect(readFragment(to.hash ?? "")).toBe(
      `record_type:FailedRecord AND receipt_time:[${range.from} TO ${range.to}} AND reason:"bad \\"x\\"" AND NOT vendor:*`,
    );
  });
  test("of several lead to the search over just these", () => {
    expect(drill({ panel: panel("failed_records"), range }, two)).toMatchObject({
      to: "/logs",
      search: { range: "all", customers: ["c1", "c2"] },
    });
    expect(drill({ panel: panel("failed_records"), range }, all).search.customers).toBeUndefined();
  });
  test("a filter that leaves one customer is that customer", () => {
    const one = { ...two, customers: two.customers?.slice(0, 1) ?? null };
    expect(drill({ panel: panel("failed_records"), range }, one).params).toEqual({ id: "c1" });
  });
});

test("volume leads to the events of category and tier; what is fed to detection is kept in no tier of its own", () => {
  const query = (tiers: PanelDef["tiers"], whom = all) =>
    readFragment(
      drill({ panel: panel("bytes", { tiers }), range, keys: { source_category: "prod/fw" } }, whom).hash ?? "",
    );
  const time = `receipt_time:[${range.from} TO ${range.to}}`;
  expect(query(["frequent"])).toBe(`${time} AND tier:frequent AND source_category:"prod/fw"`);
  expect(query(["cse"])).toBe(`${time} AND source_category:"prod/fw"`);
  expect(query(undefined)).toBe(`${time} AND source_category:"prod/fw"`);
  expect(query(undefined, { ...all, tiers: ["continuous", "frequent"] })).toContain("tier:(continuous OR frequent)");
});

test("signals of one customer are rows of its node, of several those of the dashboard that lists them", () => {
  const one = drill({ panel: panel("signals"), range, org: acme, keys: { state: "suppressed" } }, all);
  expect(one.search).toEqual({ range: "all", view: "sql" });
  const sql = readFragment(one.hash ?? "", "sql");
  expect(sql).toContain(`event_time >= '${range.from}' and event_time < '${range.to}'`);
  expect(sql).toContain("suppressed is not null");
  expect(drill({ panel: panel("signals"), range }, two)).toMatchObject({
    to: "/dashboards/$name",
    params: { name: "signals-analysis" },
    search: { org_name: ["acme*"], ...range, panel: "signals-details" },
  });
});

test("health leads to what is unhealthy, of that customer", () => {
  expect(drill({ panel: panel("health_events"), range, org: acme }, all)).toMatchObject({
    params: { name: "collector-health-issues" },
    search: { org_name: ["Acme? Inc"], ...range, panel: "latest-health-failure-summary" },
  });
});

describe("insights lead to the queue", () => {
  const where = (measure: PanelDef["measure"]) =>
    JSON.parse(readFragment(drill({ panel: panel(measure), range }, two).hash ?? "", "where"));
  test("with the time that is counted by", () => {
    expect(where("insights_created")).toEqual({
      and: [
        { field: "created_time", op: "gte", value: range.from },
        { field: "created_time", op: "lt", value: range.to },
      ],
    });
    expect(where("time_to_remediate").and[0].field).toBe("closed_time");
    expect(where("insights_updated").and[0].field).toBe("updated_time");
  });
  test("with status and customers", () => {
    const to = drill({ panel: panel("insights_status"), range, keys: { status: "WAITING" } }, two);
    expect(to.search).toMatchObject({ statuses: ["WAITING"], customers: ["c1", "c2"], sources: ["ALERT", "USER"] });
    expect(drill({ panel: panel("insights_closed"), range }, all).search.statuses).toEqual(["CLOSED"]);
    expect(drill({ panel: panel("insights_created"), range, org: acme }, all).search).toMatchObject({
      statuses: "all",
      customers: ["c1"],
    });
  });
});

test("every panel has a log search", () => {
  expect(logSearch({ panel: panel("insights_created"), range }, two)).toMatchObject({
    to: "/logs",
    search: { range: "custom", ...range, customers: ["c1", "c2"] },
  });
  expect(logSearch({ panel: panel("signals"), range, org: acme }, all).search.view).toBe("sql");
  expect(logSearch({ panel: panel("credits"), range }, all).hash).toContain("receipt_time");
});

describe("rows", () => {
  const row = { org_id: "c1", org_name: "Acme", time: range.from };
  test("lead to what they are about", () => {
    expect(drillRow(panel("health_resource_rows"), row)).toMatchObject({
      to: "/customers/$id",
      search: { tab: "health" },
    });
    expect(drillRow(panel("signal_rows"), { ...row, investigation: "rrn:x" })).toMatchObject({
      params: { rrn: "rrn:x" },
    });
    expect(drillRow(panel("signal_rows"), row)?.search.range).toBe("custom");
    const silent = drillRow(panel("silent_category_rows"), {
      ...row,
      tier: "frequent",
      source_category: "a",
      last_seen: range.to,
    });
    expect(readFragment(silent?.hash ?? "")).toBe(
      `source_category:a AND tier:frequent AND receipt_time:[2026-11-21T01:00:00.000Z TO ${range.to}}`,
    );
  });
  test("of nobody lead nowhere", () => {
    expect(drillRow(panel("signal_rows"), { time: range.from })).toBeNull();
  });
});
