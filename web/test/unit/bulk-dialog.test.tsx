// @vitest-environment happy-dom
import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { cleanup, render, screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { afterEach, expect, test, vi } from "vitest";
import type { Bulk, BulkItem, BulkResult } from "../../src/api/queue-types";
import { BulkDialog } from "../../src/console/queue/bulk/dialog";
import { forgetBulk } from "../../src/console/queue/bulk/last";
import type { ActKind, Target } from "../../src/console/queue/bulk/plan";
import { UndoBar } from "../../src/console/queue/bulk/undo";
import { Toasts } from "../../src/ui/toast";
import { row, scope } from "./rows";

afterEach(() => {
  cleanup();
  forgetBulk();
  vi.unstubAllGlobals();
});

const ROWS = ["a", "b", "c"].map((rrn, at) => row({ rrn, title: `Case ${rrn}`, version: at + 1 }));

function result(items: BulkItem[], change: Partial<BulkResult> = {}): BulkResult {
  const count = (...outcomes: string[]) => items.filter(({ outcome }) => outcomes.includes(outcome)).length;
  return {
    id: "b1",
    preview: false,
    matched: items.length,
    customers: [{ customer: { id: "c1", name: "Acme", region: "eu" }, count: items.length, changed: count("CHANGED") }],
    changed: count("CHANGED"),
    unchanged: count("UNCHANGED"),
    failed: items.length - count("CHANGED", "UNCHANGED"),
    items,
    undo_until: new Date(Date.now() + 600_000).toISOString(),
    scope: scope(),
    ...change,
  };
}

interface Sent {
  path: string;
  key: string | null;
  body: Bulk | null;
}

/** What the console answers to each call in turn: a preview to every preview, then the given ones. */
function server(answers: (BulkResult | Error)[], preview: BulkItem[]) {
  const sent: Sent[] = [];
  vi.stubGlobal("fetch", async (request: Request) => {
    const text = await request.text();
    const body = text ? (JSON.parse(text) as Bulk) : null;
    if (body?.preview) {
      const { items } = body.select as { items?: { rrn: string }[] };
      const asked = preview.filter(({ rrn }) => !items || items.some((one) => one.rrn === rrn));
      return Response.json(result(asked, { id: null, preview: true, undo_until: null }));
    }
    sent.push({ path: new URL(request.url).pathname, key: request.headers.get("idempotency-key"), body });
    const answer = answers.shift() ?? new Error("asked too often");
    if (answer instanceof Error) throw answer;
    return Response.json(answer);
  });
  return sent;
}

function open(kind: ActKind, target: Target = { rows: ROWS }) {
  const onDone = vi.fn();
  const rows = new Map(ROWS.map((one) => [one.rrn, one]));
  render(
    <QueryClientProvider client={new QueryClient()}>
      <Toasts>
        <BulkDialog asked={{ kind, target, rows }} onClose={() => {}} onDone={onDone} />
        <UndoBar rows={rows} />
      </Toasts>
    </QueryClientProvider>,
  );
  return { onDone, user: userEvent.setup() };
}

const changed = (rrn: string): BulkItem => ({ rrn, outcome: "CHANGED" });
const ALL = ["a", "b", "c"].map(changed);

test("what would happen is said before anything is done, with what stays as it is and why", async () => {
  const sent = server([], [changed("a"), { rrn: "b", outcome: "UNCHANGED" }, { rrn: "c", outcome: "FORBIDDEN" }]);
  const { user } = open("priority");
  await user.selectOptions(screen.getByLabelText("New priority"), "Low");
  const said = await screen.findByTestId("preview");
  expect(said.textContent).toBe("3 investigations of 1 customer: 1 will change, 1 is so already, 1 cannot be changed.");
  expect(screen.getByText(/You may look at it, not change it/)).toBeTruthy();
  expect(screen.getByText("1 of 3")).toBeTruthy();
  expect(sent).toEqual([]);
});

test("closing waits for a verdict, everything that matches waits for a limit", async () => {
  server([], ALL);
  const { user } = open("close", { filter: { statuses: ["OPEN"] } });
  const close = screen.getAllByRole("button", { name: "Close" }).find((one) => one.getAttribute("type") === "submit");
  expect(close?.getAttribute("aria-disabled")).toBe("true");
  await user.click(screen.getByRole("radio", { name: /^Benign/ }));
  await screen.findByTestId("preview");
  expect(screen.getByText("Say how many may change at most.")).toBeTruthy();
  await user.type(screen.getByLabelText("Change at most"), "2");
  expect(screen.getByText("3 match, more than 2: nothing would be changed.")).toBeTruthy();
  await user.clear(screen.getByLabelText("Change at most"));
  await user.type(screen.getByLabelText("Change at most"), "3");
  await waitFor(() =>
    expect(screen.getByRole("button", { name: "Change 3" }).getAttribute("aria-disabled")).toBe("false"),
  );
});

test("after an answer that was lost the same is asked with the same key; the failed ones alone are tried again with another", async () => {
  const failed: BulkItem = { rrn: "c", outcome: "CONFLICT", version: 9 };
  const sent = server(
    [new TypeError("network"), result([changed("a"), changed("b"), failed]), result([changed("c")])],
    ALL,
  );
  const { user, onDone } = open("priority");
  await user.selectOptions(screen.getByLabelText("New priority"), "Low");
  await user.click(await screen.findByRole("button", { name: "Change 3" }));
  await screen.findByText(/it may have been done or not/);
  expect(onDone).not.toHaveBeenCalled();
  await user.click(screen.getByRole("button", { name: "Change 3" }));
  expect((await screen.findByTestId("outcome")).textContent).toBe("2 changed, 1 not changed.");
  expect(onDone).toHaveBeenCalledOnce();
  expect(sent[0]?.key).toBeTruthy();
  expect(sent[1]).toEqual(sent[0]);
  expect(sent[1]?.body?.select).toEqual({ items: ROWS.map(({ rrn, version }) => ({ rrn, version })) });

  await user.click(screen.getByRole("button", { name: "Try the one again" }));
  await user.click(await screen.findByRole("button", { name: /^Change \d$/ }));
  await waitFor(() => expect(sent).toHaveLength(3));
  expect(sent[2]?.body).toMatchObject({
    select: { items: [{ rrn: "c", version: 9 }] },
    cap: 1,
    set: { priority: "LOW" },
  });
  expect(sent[2]?.key).not.toBe(sent[0]?.key);
});

test("what was done can be taken back; what somebody changed since is named", async () => {
  const left: BulkItem = { rrn: "b", outcome: "CONFLICT", message: "it was changed since" };
  const sent = server([result(ALL), result([changed("a"), left, changed("c")])], ALL);
  const { user } = open("priority");
  await user.selectOptions(screen.getByLabelText("New priority"), "Low");
  await user.click(await screen.findByRole("button", { name: "Change 3" }));
  await screen.findByTestId("outcome");
  const bar = screen.getByTestId("undo");
  expect(bar.textContent).toContain("3 investigations changed: priority Low");
  await user.click(within(bar).getByText("Undo"));
  expect((await screen.findByTestId("undone")).textContent).toBe("2 as before, 1 left alone.");
  expect(screen.getByText(/it was changed since/)).toBeTruthy();
  expect(sent[1]?.path).toBe("/api/v1/investigations/bulk/b1/undo");
  expect(screen.queryByTestId("undo")).toBeNull();
});
