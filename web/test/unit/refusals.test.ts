import { afterEach, expect, test, vi } from "vitest";
import * as api from "../../src/api/console";
import { ApiError, onSignedOut, rememberCsrf } from "../../src/api/http";
import * as queue from "../../src/api/queue";
import { refusal } from "../../src/lib/customer-form";
import { match } from "../../src/lib/hotkeys";
import { linkToken } from "../../src/lib/link-token";

afterEach(() => vi.unstubAllGlobals());

const problem = (code: string, more: object = {}) => new ApiError({ status: 400, title: "Refused", code, ...more });

test("a refusal lands on the field it is about", () => {
  expect(refusal(problem("NAME_TAKEN", { field: "name" }))).toEqual({ name: "Another customer has this name." });
  expect(refusal(problem("HOST_UNREACHABLE", { detail: "connection refused" }))).toEqual({
    server: "The node cannot be reached there. Check host, port and connection. (connection refused)",
  });
  expect(refusal(problem("AUTH_FAILED", { field: "admin" }))).toHaveProperty("user");
  expect(refusal(problem("VERSION_MISMATCH", { field: "server" }))).toHaveProperty("form");
  expect(refusal(problem("SOMETHING_NEW", { detail: "port: too large", field: "port" }))).toEqual({
    port: "port: too large",
  });
  expect(refusal(problem("SOMETHING_NEW"))).toEqual({ form: "Refused" });
});

function answer(status: number, body: unknown) {
  const fetch = vi.fn(async (_request: Request) => new Response(JSON.stringify(body), { status }));
  vi.stubGlobal("fetch", fetch);
  return (n: number) => fetch.mock.calls[n]?.[0] as Request;
}

test("unsafe calls carry the token, safe ones do not", async () => {
  rememberCsrf("t0ken");
  const sent = answer(200, {});
  await api.me();
  await queue.patch("x", { version: 1 });
  expect([0, 1].map((n) => sent(n).headers.get("x-csrf-token"))).toEqual([null, "t0ken"]);
});

test("a filter is a query with comma lists; search words travel in a body and in no address", async () => {
  const sent = answer(200, { data: [] });
  await queue.rows({ customers: ["c1", "c2"], statuses: ["OPEN"], limit: 200 });
  await queue.rows({ customers: ["c1"], q: "jdoe" });
  expect(new URL(sent(0).url).search).toBe("?customers=c1,c2&statuses=OPEN&limit=200");
  expect(sent(1).method).toBe("POST");
  expect(sent(1).url).not.toContain("jdoe");
  expect(await sent(1).json()).toEqual({ customers: ["c1"], q: "jdoe" });
});

test("a problem arrives whole, and being signed out is noticed, but not while signing in", async () => {
  const signedOut = vi.fn();
  onSignedOut(signedOut);
  answer(409, { status: 409, title: "Lost", code: "VERSION_CONFLICT", current: { version: 2 } });
  const lost = await queue.patch("x", { version: 1 }).catch((e: unknown) => e);
  expect(lost).toBeInstanceOf(ApiError);
  expect((lost as ApiError).problem.current).toEqual({ version: 2 });
  answer(401, { status: 401, title: "Sign in", code: "AUTH_FAILED" });
  await api.signIn("a@x.example", "wrong").catch(() => undefined);
  expect(signedOut).not.toHaveBeenCalled();
  await api.customers().catch(() => undefined);
  expect(signedOut).toHaveBeenCalledOnce();
});

test("an answer that is no problem document, and no answer at all, are still errors in words", async () => {
  vi.stubGlobal("fetch", async () => new Response("<html>bad gateway</html>", { status: 502 }));
  expect(await api.me().catch((e: unknown) => (e as ApiError).code)).toBe("HTTP_ERROR");
  vi.stubGlobal("fetch", async () => Promise.reject(new TypeError("network")));
  expect(await api.me().catch((e: unknown) => (e as ApiError).status)).toBe(0);
});

test("nothing in a name escapes its place in a path", async () => {
  const sent = answer(200, {});
  await api.investigation("../customers?x#y");
  expect(new URL(sent(0).url).pathname).toBe("/api/v1/investigations/..%2Fcustomers%3Fx%23y");
});

test("a single-use token is read from the fragment", () => {
  expect(linkToken("#abc-123")).toBe("abc-123");
  expect(linkToken("#")).toBeNull();
  expect(linkToken("#%E0%A4%A")).toBe("%E0%A4%A");
});

test("the second key of a sequence never acts alone", () => {
  const keys = { a: () => {}, "g c": () => {} };
  expect([match(keys, "a", null), match(keys, "a", "g"), match(keys, "c", "g"), match(keys, "c", "x")]).toEqual([
    "a",
    null,
    "g c",
    null,
  ]);
});
