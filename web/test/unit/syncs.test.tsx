import { QueryClient, QueryClientProvider, useQuery } from "@tanstack/react-query";
import { cleanup, render, screen, waitFor } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { Customer, SyncState } from "../../src/api/types";
import { useSyncs } from "../../src/console/customers/use-syncs";
import { Toasts } from "../../src/ui/toast";

const before = "2026-11-22T12:00:00Z";
const after = "2026-11-22T12:05:00Z";

/** How the server says the sync stands; what it was asked. */
let state: SyncState;
let asked: string[];

const summary = () => ({
  state,
  started: before,
  finished: state === "OK" || state === "FAILED" ? after : before,
  items: 1,
  failed: [],
  code: state === "FAILED" ? "NODE_DOWN" : null,
  detail: null,
  since: null,
  consecutive: 0,
  next_time: null,
  last_success: before,
});

const customer = {
  id: "cus-1",
  name: "Acme",
  sync: { ...summary(), state: "OK", finished: before },
} as unknown as Customer;

beforeEach(() => {
  asked = [];
  state = "QUEUED";
  vi.stubGlobal("fetch", (request: Request) => {
    asked.push(request.method);
    return Promise.resolve(Response.json({ ...summary(), modules: [], runs: [] }));
  });
});

afterEach(() => {
  cleanup();
  vi.unstubAllGlobals();
});

function Page() {
  const { data } = useQuery<{ data: Customer[] }>({
    queryKey: ["customers"],
    queryFn: () => new Promise(() => {}),
    enabled: false,
  });
  const begin = useSyncs(data?.data);
  return data?.data.map((each) => (
    <button key={each.id} type="button" onClick={() => begin(each)}>
      Sync Now: {each.sync?.state}
    </button>
  ));
}

function shown() {
  const queries = new QueryClient();
  queries.setQueryData(["customers"], { data: [customer] });
  render(
    <QueryClientProvider client={queries}>
      <Toasts>
        <Page />
      </Toasts>
    </QueryClientProvider>,
  );
}

const press = () => userEvent.click(screen.getByRole("button", { name: /^Sync Now/ }));
const told = (text: RegExp) =>
  waitFor(() => expect(screen.getAllByText(text).length).toBeGreaterThan(0), { timeout: 4000 });

test("a sync asked for is followed to its end, told once, and not looked at any more", async () => {
  shown();
  await press();
  await screen.findByText("Sync Now: QUEUED");
  state = "RUNNING";
  await screen.findByText("Sync Now: RUNNING", undefined, { timeout: 4000 });
  state = "OK";
  await screen.findByText("Sync Now: OK", undefined, { timeout: 4000 });
  await told(/^Acme: Data Collection Successful/);
  const count = asked.length;
  await new Promise((resolve) => setTimeout(resolve, 2000));
  expect(asked.length).toBe(count);
  expect(asked.filter((method) => method === "POST")).toHaveLength(1);
}, 15_000);

test("pressing it while one is under way says so, and how it failed is told with its code", async () => {
  shown();
  await press();
  await screen.findByText("Sync Now: QUEUED");
  await press();
  await told(/Acme: a sync was under way already/);
  state = "FAILED";
  await screen.findByText("Sync Now: FAILED", undefined, { timeout: 4000 });
  await told(/Acme: the sync failed/);
  await told(/NODE_DOWN/);
}, 15_000);
