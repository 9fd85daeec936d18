import { afterEach, expect, test, vi } from "vitest";
import { ApiError, call, onSignedOut, part, rememberCsrf } from "../../src/api/http";
import { refusal } from "../../src/lib/add-customer";
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
  const fetch = vi.fn(
    async (_url: string, _init: RequestInit) =>
      new Response(body === undefined ? null : JSON.stringify(body), { status }),
  );
  vi.stubGlobal("fetch", fetch);
  return fetch;
}

test("unsafe calls carry the token, safe ones do not", async () => {
  rememberCsrf("t0ken");
  const fetch = answer(200, {});
  await call("GET", "me");
  await call("PATCH", "investigations/x", { body: { version: 1 } });
  const token = (n: number) => (fetch.mock.calls[n]?.[1].headers as Headers).get("x-csrf-token");
  expect([token(0), token(1)]).toEqual([null, "t0ken"]);
});

test("a problem arrives whole, and being signed out is noticed once, not while signing in", async () => {
  const signedOut = vi.fn();
  onSignedOut(signedOut);
  answer(409, { status: 409, title: "Lost", code: "VERSION_CONFLICT", current: { version: 2 } });
  const lost = await call("PATCH", "x").catch((e: unknown) => e);
  expect(lost).toBeInstanceOf(ApiError);
  expect((lost as ApiError).problem.current).toEqual({ version: 2 });
  answer(401, { status: 401, title: "Sign in", code: "AUTH_FAILED" });
  await call("POST", "session").catch(() => undefined);
  expect(signedOut).not.toHaveBeenCalled();
  await call("GET", "customers").catch(() => undefined);
  expect(signedOut).toHaveBeenCalledOnce();
});

test("an answer that is no problem document, and no answer at all, are still errors in words", async () => {
  vi.stubGlobal("fetch", async () => new Response("<html>bad gateway</html>", { status: 502 }));
  expect(await call("GET", "me").catch((e: unknown) => (e as ApiError).code)).toBe("HTTP_ERROR");
  vi.stubGlobal("fetch", async () => Promise.reject(new TypeError("network")));
  expect(await call("GET", "me").catch((e: unknown) => (e as ApiError).status)).toBe(0);
});

test("an rrn stays readable in a path, and nothing escapes it", () => {
  expect(part("rrn:investigation:eu:a:investigation:1")).toBe("rrn:investigation:eu:a:investigation:1");
  expect(part("../x?y#z")).toBe("..%2Fx%3Fy%23z");
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
