import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { act, cleanup, fireEvent, render, screen, waitFor, within } from "@testing-library/react";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { AddCustomer } from "../../src/console/customers/add-customer";
import { PREFLIGHT, PREFLIGHT_CHECKS } from "../../src/lib/words";
import { Toasts } from "../../src/ui/toast";

/** Looks that were asked for, and what is said of each, line by line. */
interface Look {
  body: { name: string };
  signal: AbortSignal;
  say: (...lines: unknown[]) => Promise<void>;
  end: () => Promise<void>;
}

let looks: Look[];
let saved: number;

const problem = (code: string, field: string) => ({
  ...{ status: 400, title: "No", code, field, detail: `${field}: no` },
});
let refuse: boolean;

async function fetched(request: Request): Promise<Response> {
  if (!request.url.endsWith("/preflight")) {
    saved += 1;
    return Response.json({ id: "cus-1", name: "Acme" });
  }
  expect(request.headers.get("accept")).toBe("application/x-ndjson");
  if (refuse) return Response.json(problem("INVALID", "mail"), { status: 400 });
  const body = (await request.json()) as Look["body"];
  const encoder = new TextEncoder();
  let to: ReadableStreamDefaultController<Uint8Array> | undefined;
  const stream = new ReadableStream<Uint8Array>({
    start: (controller) => {
      to = controller;
      request.signal.addEventListener("abort", () => controller.error(new DOMException("gone", "AbortError")));
    },
  });
  const say: Look["say"] = (...lines) =>
    act(async () => {
      for (const line of lines) to?.enqueue(encoder.encode(`${JSON.stringify(line)}\n`));
    });
  looks.push({ body, signal: request.signal, say, end: () => act(async () => to?.close()) });
  return new Response(stream, { headers: { "content-type": "application/x-ndjson" } });
}

beforeEach(() => {
  looks = [];
  saved = 0;
  refuse = false;
  vi.stubGlobal("fetch", fetched);
});

afterEach(() => {
  cleanup();
  vi.unstubAllGlobals();
});

const closed = vi.fn();
const page = (open: boolean) => (
  <QueryClientProvider client={new QueryClient()}>
    <Toasts>
      <AddCustomer open={open} onClose={closed} onAdded={() => {}} />
    </Toasts>
  </QueryClientProvider>
);

const type = (label: RegExp, value: string) => fireEvent.change(screen.getByLabelText(label), { target: { value } });
const press = (name: string) => fireEvent.click(screen.getByRole("button", { name }));
const list = () => screen.getByRole("region", { name: "Preflight" });
const said = () => within(list()).getByRole("status").textContent;
const asked = (n: number) => waitFor(() => expect(looks).toHaveLength(n)).then(() => looks[n - 1] as Look);
const states = () =>
  within(list())
    .getAllByRole("listitem")
    .map((item) => item.getAttribute("data-result") ?? (item.getAttribute("aria-current") ? "RUNNING" : "WAITS"));

function filled() {
  const view = render(page(true));
  type(/^Customer name/, "Acme");
  type(/^Customer mail/, "soc@acme.example");
  type(/^Server/, "node.acme.example");
  type(/^Port/, "9101");
  type(/^Workspace administrator/, "acme");
  type(/^Its password/, "a password");
  return view;
}

const passed = (check: string) => ({ check, result: "PASSED", code: null, field: null, detail: null, remedy: null });
const failed = {
  ...passed("PORT"),
  result: "FAILED",
  code: "HOST_UNREACHABLE",
  field: "port",
  detail: "port: refused",
};
const rest = (from: number, result: string) =>
  PREFLIGHT_CHECKS.slice(from).map((check) => ({ ...passed(check), result }));
const all = PREFLIGHT_CHECKS.map(passed);

test("each step shows as it ends, and the one that is looked at by its name", async () => {
  filled();
  press("Check");
  const look = await asked(1);
  expect(said()).toContain(PREFLIGHT.FORM);
  expect(states()).toEqual(["RUNNING", ...Array(7).fill("WAITS")]);
  await look.say(passed("FORM"), passed("ADDRESS"));
  await waitFor(() => expect(said()).toContain(PREFLIGHT.PORT));
  expect(states()).toEqual(["PASSED", "PASSED", "RUNNING", ...Array(5).fill("WAITS")]);
  await look.say(failed);
  await screen.findByText("Nobody answers here.");
  expect(states()).toEqual(["PASSED", "PASSED", "FAILED", ...Array(5).fill("WAITS")]);
  await look.say({ ok: false, steps: [...all.slice(0, 2), failed, ...rest(3, "SKIPPED")], certificate: null });
  await look.end();
  await waitFor(() => expect(said()).toBe("This cannot be saved yet."));
  expect(states().slice(2)).toEqual(["FAILED", ...Array(5).fill("SKIPPED")]);
  expect(saved).toBe(0);
});

test("checking a changed form anew ends the look before it, of which nothing more is shown", async () => {
  filled();
  press("Check");
  const first = await asked(1);
  await first.say(passed("FORM"));
  await waitFor(() => expect(states()[0]).toBe("PASSED"));
  type(/^Customer name/, "Other");
  press("Check anew");
  const second = await asked(2);
  expect(first.signal.aborted).toBe(true);
  expect(second.body.name).toBe("Other");
  expect(states()[0]).toBe("RUNNING");
  await second.say({ ok: true, steps: all, certificate: null });
  await second.end();
  await waitFor(() => expect(said()).toBe("Everything is in order."));
});

test("closing the dialog ends the look", async () => {
  const view = filled();
  press("Check");
  const look = await asked(1);
  view.rerender(page(false));
  await waitFor(() => expect(look.signal.aborted).toBe(true));
});

test("what was looked at is saved; a form that was changed meanwhile is not", async () => {
  filled();
  press("Add customer");
  const first = await asked(1);
  type(/^Customer name/, "Other");
  await first.say({ ok: true, steps: all, certificate: null });
  await first.end();
  await waitFor(() => expect(said()).toContain("check again"));
  expect(saved).toBe(0);
  press("Add customer");
  const second = await asked(2);
  await second.say({ ok: true, steps: all, certificate: null });
  await second.end();
  await waitFor(() => expect(saved).toBe(1));
});

test("an answer that ends early and one that is a refusal say so", async () => {
  filled();
  press("Check");
  const look = await asked(1);
  await look.say(passed("FORM"));
  await look.end();
  await screen.findByText(/ended early/);
  expect(said()).toBe("Not all of it was looked at.");
  refuse = true;
  press("Check");
  await screen.findByText("mail: no");
});
