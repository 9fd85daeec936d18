import { expect, test } from "vitest";
import { filterQuery, isNarrowed, NOT_CLOSED, parseQueue, queueFilter } from "../../src/lib/queue-search";
import { parseSearch, readFragment, stringifySearch, writeFragment } from "../../src/lib/search";
import { parseRange, windowOf } from "../../src/lib/time-range";

const nothing = { q: "", where: "" };

test("a filter survives the way into the address and back, readable", () => {
  const search = parseQueue({
    customers: ["c1", "c2"],
    statuses: ["WAITING"],
    priorities: ["HIGH"],
    sort: "-updated_time",
  });
  const text = stringifySearch({ ...search });
  expect(text).toBe("?customers=c1,c2&statuses=WAITING&priorities=HIGH&sort=-updated_time");
  expect(parseQueue(parseSearch(text))).toEqual(search);
});

test("without a status the queue shows what is not closed; `all` is written out and asks without a filter", () => {
  expect(parseQueue({}).statuses).toEqual(NOT_CLOSED);
  expect(filterQuery(queueFilter(parseQueue({}), nothing))).toBe("statuses=OPEN,INVESTIGATING,WAITING&limit=200");
  const all = parseQueue(parseSearch("?statuses=all"));
  expect(stringifySearch({ ...all })).toBe("?statuses=all");
  expect(filterQuery(queueFilter(all, nothing))).toBe("limit=200");
});

test("what somebody typed into the address by hand is read in any case, and nonsense is dropped", () => {
  const search = parseQueue(parseSearch("?statuses=open,nonsense&priorities=&sort=sideways&regions=eu,,eu"));
  expect(search).toMatchObject({ statuses: ["OPEN"], priorities: undefined, sort: undefined, regions: ["eu"] });
});

test("names with commas, ampersands and spaces are escaped", () => {
  const text = stringifySearch({ assignee: "a&b c@x.example" });
  expect(parseSearch(text)).toEqual({ assignee: "a&b c@x.example" });
});

test("search text travels in the fragment, never in the query", () => {
  const hash = writeFragment('user:"jdoe" & #1 100%');
  expect(readFragment(`#${hash}`)).toBe('user:"jdoe" & #1 100%');
  expect(writeFragment("")).toBe("");
  const filter = queueFilter(parseQueue({}), { q: " jdoe ", where: "" });
  expect(filter.q).toBe("jdoe");
  expect(filterQuery(filter)).not.toContain("jdoe");
});

test("the queue knows when something narrows it", () => {
  expect(isNarrowed(parseQueue({}), nothing)).toBe(false);
  expect(isNarrowed(parseQueue({ statuses: "all" }), nothing)).toBe(true);
  expect(isNarrowed(parseQueue({ regions: "eu" }), nothing)).toBe(true);
  expect(isNarrowed(parseQueue({}), { q: "lsass", where: "" })).toBe(true);
});

test("a window is nothing unless asked for", () => {
  expect(windowOf(parseRange({}), 0)).toEqual({});
  expect(windowOf(parseRange({ range: "1h" }), Date.parse("2026-01-01T01:00:00Z"))).toEqual({
    from: "2026-01-01T00:00:00.000Z",
  });
  expect(parseRange({ range: "custom", from: "yesterday" })).toEqual({ range: "all" });
  expect(parseRange({ range: "custom", from: "2026-01-01T00:00:00Z" })).toMatchObject({
    range: "custom",
    from: "2026-01-01T00:00:00.000Z",
  });
});
