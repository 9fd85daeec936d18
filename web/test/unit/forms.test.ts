import { expect, test } from "vitest";
import { ApiError } from "../../src/api/http";
import type { Collector, Customer, CustomInsight, Exception, Source } from "../../src/api/types";
import { criticalityWords, readCriticality, writeCriticality } from "../../src/lib/criticality";
import { csv } from "../../src/lib/csv";
import { draftOfInsight, newInsight } from "../../src/lib/custom-insight";
import { draftOfCustomer, faultsOf, isMoved, newCustomer, patchOfCustomer } from "../../src/lib/customer-form";
import { blankException, draftOfException, exceptsWords, newException } from "../../src/lib/exceptions";
import { EXAMPLE, records } from "../../src/lib/import-file";
import { faultOf, faultOfForm, positionIn, positionOf } from "../../src/lib/problems";
import { failedQuery, progress } from "../../src/lib/replay";
import { sampleEvents } from "../../src/lib/samples";
import { BLANK_SOURCE, byCollector, draftOf, newSource, patchOf } from "../../src/lib/source-form";

const source = {
  id: "src-1",
  name: "DC",
  source_category: "windows/dc",
  format: "auto",
  tier: "continuous",
  collector: "col-1",
  host: null,
  parser: "windows",
  cse: true,
  allowed: ["10.0.0.0/8"],
  syslog_tcp: "127.0.0.1:9514",
} as unknown as Source;

test("a patch holds only what was changed, and null for what was taken away", () => {
  const draft = draftOf(source);
  expect(patchOf(source, draft)).toEqual({});
  expect(
    patchOf(source, { ...draft, name: " DC1 ", parser: "", host: "dc1", allowed: "10.0.0.0/8, 192.0.2.1", cse: false }),
  ).toEqual({ name: "DC1", parser: null, host: "dc1", allowed: ["10.0.0.0/8", "192.0.2.1"], cse: false });
});

test("a new source leaves out what is empty", () => {
  expect(newSource({ ...BLANK_SOURCE, name: "a", source_category: "b/c" })).toEqual({
    name: "a",
    source_category: "b/c",
    format: "auto",
    tier: "continuous",
    cse: true,
    allowed: [],
  });
});

test("sources stand under their collector, and those of none, or of one that is gone, last", () => {
  const collectors = [
    { id: "col-2", name: "b" },
    { id: "col-1", name: "a" },
  ] as Collector[];
  const stray = { ...source, id: "src-2", name: "x", collector: "col-gone" } as Source;
  const groups = byCollector(collectors, [stray, source]);
  expect(groups.map((g) => [g.collector?.name ?? null, g.sources.map((s) => s.name)])).toEqual([
    ["a", ["DC"]],
    ["b", []],
    [null, ["x"]],
  ]);
  expect(byCollector([], [])).toEqual([]);
});

const customer = {
  id: "cus-1",
  name: "Acme",
  mail: "soc@acme.example",
  server: "node.acme.example",
  port: 9101,
  scheme: "https",
  primary: false,
} as unknown as Customer;

test("a customer's patch names its node and its administrator only when it moves", () => {
  const draft = draftOfCustomer(customer);
  expect(patchOfCustomer(customer, draft)).toEqual({});
  expect(patchOfCustomer(customer, { ...draft, name: " Acme Ltd ", primary: true })).toEqual({
    name: "Acme Ltd",
    primary: true,
  });
  const moved = { ...draft, port: "9102", user: "acme", password: "p" };
  expect(isMoved(customer, { ...draft, fingerprint: "ab:cd" })).toBe(true);
  expect(patchOfCustomer(customer, moved)).toEqual({
    server: "node.acme.example",
    port: 9102,
    scheme: "https",
    admin: { user: "acme", password: "p" },
  });
  expect(newCustomer({ ...moved, scheme: "http", fingerprint: "ab" })).not.toHaveProperty("fingerprint");
});

test("what a preflight finds wrong stands at its field, a drawback at none", () => {
  const step = (result: string, code: string, field: string, detail = `${field}: why`) => ({
    result,
    code,
    field,
    detail,
  });
  const found = (...steps: unknown[]) => faultsOf(steps as never);
  expect(found(step("FAILED", "NAME_TAKEN", "name"))).toEqual({ name: "Another customer has this name." });
  expect(found(step("FAILED", "SOMETHING_NEW", "admin.user", "admin.user: taken"))).toEqual({ user: "Taken" });
  expect(found(step("FAILED", "HOST_UNREACHABLE", "port"))).toEqual({ port: "Nobody answers here." });
  expect(found(step("WARNING", "CALLBACK_UNREACHABLE", "server"))).toEqual({});
});

test("the customers of a file are counted as they are read: blank lines are none, quoted breaks end none", () => {
  expect(records(EXAMPLE)).toBe(1);
  expect(records("")).toBe(0);
  expect(records('\uFEFFname,mail\r\na,"b\nc ""d"""\r\n\r\ne,f')).toBe(2);
});

test("an exception goes through its form unchanged", () => {
  const bodies = [
    { kind: "entity", entity_type: "ip", value: "10.1.*" },
    { kind: "network", network: "10.0.0.0/8" },
    { kind: "indicators", values: ["a b", "c"], fields: ["source.ip"] },
    { kind: "filter", yaml: "title: x\n" },
  ] as const;
  for (const excepts of bodies) {
    const exception = {
      name: "n",
      excepts,
      rules: ["r1", "r2"],
      owner: "o",
      reason: "why",
      expires: "2026-12-01T10:00:00.000Z",
      created_time: "2026-11-01T10:00:00Z",
    } as unknown as Exception;
    expect(newException(draftOfException(exception))).toEqual({
      name: "n",
      excepts,
      rules: ["r1", "r2"],
      owner: "o",
      reason: "why",
      expires: "2026-12-01T10:00:00.000Z",
    });
    expect(exceptsWords(excepts as Exception["excepts"])).not.toBe("");
  }
  expect(newException(blankException("me", 0)).rules).toBeNull();
});

test("a custom insight goes through its form unchanged", () => {
  for (const priority of [
    { constant: "LOW" },
    { dynamic: { default: "LOW", thresholds: [{ severity: 7, priority: "CRITICAL" }] } },
  ] as const) {
    const when = { rules: ["a", "b *"], order: "exact", priority } as unknown as CustomInsight["when"];
    const insight = { id: "i", name: "n", enabled: false, when } as CustomInsight;
    expect(newInsight(draftOfInsight(insight))).toEqual({ name: "n", enabled: false, when });
  }
});

test.each(["severity+3", "severity-1.5", "severity*2", "severity/4"])("criticality %s is read and written", (text) => {
  expect(writeCriticality(readCriticality(text))).toBe(text);
});

test("no criticality is nothing, in words and on the wire", () => {
  expect(writeCriticality({ operator: "", number: "3" })).toBeNull();
  expect(criticalityWords(null)).toBe("As it is");
  expect(criticalityWords("severity+3")).toBe("Weight plus 3");
});

const refusal = (field: string, detail: string, position?: unknown) =>
  new ApiError({ status: 400, title: "Invalid", code: "X", field, detail, ...(position ? { position } : {}) } as never);

test("a refusal is shown at the field it names, or above the form", () => {
  const error = refusal("value", "excepts.value: must not be empty");
  expect(faultOf(error, "value")).toBe("Must not be empty.");
  expect(faultOf(error, "name")).toBeNull();
  expect(faultOfForm(error, ["value"])).toBeNull();
  expect(faultOfForm(error, ["name"])).toBe("excepts.value: must not be empty");
  expect(faultOfForm(new Error("gone"), [])).toBe("gone");
  expect(faultOfForm(null, [])).toBeNull();
});

test("a refusal says where in the text the fault is, when it knows", () => {
  const position = { offset: 3, line: 1, column: 4 };
  expect(positionOf(refusal("query", "no", position))).toEqual(position);
  expect(positionOf(refusal("query", "no"))).toBeNull();
  expect(positionOf(new Error("no"))).toBeNull();
});

test("a place named in words only is found in the text", () => {
  const error = refusal("source", "source: line 2, column 3: no such variable");
  expect(positionIn(error, "aé\nxyz")).toEqual({ offset: 5, line: 2, column: 3 });
  expect(positionIn(refusal("source", "too long"), "x")).toBeNull();
});

test("CSV is quoted where it must be, and no cell is a formula", () => {
  expect(
    csv(
      ["a", "b,c"],
      [
        ["x", 'say "hi"\n'],
        [null, -1],
        ["=1+1", { k: "v" }],
      ],
    ),
  ).toBe('a,"b,c"\r\nx,"say ""hi""\n"\r\n,-1\r\n\'=1+1,"{""k"":""v""}"');
});

test("sample events are one document, or one a line", () => {
  expect(sampleEvents('[{"a":1},"line"]')).toEqual([{ a: 1 }, "line"]);
  expect(sampleEvents('{\n "a": 1\n}')).toEqual([{ a: 1 }]);
  expect(sampleEvents('{"a":1}\n\n<34>1 x\r\n')).toEqual([{ a: 1 }, "<34>1 x"]);
});

test("failed records are found by what they have in common", () => {
  expect(failedQuery("reason_code", null)).toBe("record_type:FailedRecord");
  expect(failedQuery("parser", "cef")).toBe("record_type:FailedRecord AND parser:cef");
  expect(failedQuery("vendor", 'A "B"')).toBe('record_type:FailedRecord AND vendor:"A \\"B\\""');
  const replay = { state: "running", files_total: 0, files_done: 0 } as never;
  expect(progress(replay)).toBe(0);
});
