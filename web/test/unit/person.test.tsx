/** What belongs to one person: preferences that hide merged views, and searches kept to be used again. */
import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import {
  createMemoryHistory,
  createRootRoute,
  createRoute,
  createRouter,
  Outlet,
  RouterProvider,
} from "@tanstack/react-router";
import { cleanup, render, screen, waitFor } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import type { ReactNode } from "react";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { Preferences, SavedSearch } from "../../src/api/me-types";
import { Merged } from "../../src/console/preferences/merged";
import { PreferencesPage } from "../../src/console/preferences/page";
import { SavedSearches } from "../../src/console/saved/saved-searches";
import { Toasts } from "../../src/ui/toast";

let preferences: Preferences;
let saved: SavedSearch[];
let refusal: { status: number; code: string } | null;
let asked: { method: string; path: string; body: unknown }[];

const one = (id: string, mine: boolean, body: Record<string, unknown>): SavedSearch => ({
  id,
  kind: "INVESTIGATIONS",
  name: `filter ${id}`,
  body,
  mine,
  shared: !mine,
  owner: { email: "ana@x.example", name: "Ana" },
});

beforeEach(() => {
  preferences = {
    multi_customer: true,
    multi_customer_available: true,
    reason: null,
    density: "COMPACT",
    single_keys: true,
  };
  saved = [one("s1", true, { statuses: ["OPEN"] }), one("s2", false, { q: "lsass" })];
  refusal = null;
  asked = [];
  vi.stubGlobal("scrollTo", () => {});
  vi.stubGlobal("fetch", async (request: Request) => {
    const path = new URL(request.url).pathname.replace("/api/v1/", "");
    const text = await request.text();
    const body: unknown = text ? JSON.parse(text) : null;
    asked.push({ method: request.method, path, body });
    if (refusal) {
      const { status, code } = refusal;
      return Response.json({ status, code, title: code, detail: `refused: ${code}` }, { status });
    }
    if (path === "me/preferences") {
      if (request.method === "PATCH") preferences = { ...preferences, ...(body as Partial<Preferences>) };
      return Response.json(preferences);
    }
    if (request.method === "DELETE") return new Response(null, { status: 204 });
    if (request.method === "POST") {
      const made = { ...one("s3", true, {}), ...(body as Partial<SavedSearch>) };
      saved = [...saved, made];
      return Response.json(made, { status: 201 });
    }
    return Response.json({ data: saved });
  });
});

afterEach(() => {
  cleanup();
  vi.unstubAllGlobals();
});

/** Shows something at an address, within all that pages stand in. */
async function show(element: ReactNode, address = "/") {
  const root = createRootRoute({ component: Outlet });
  const any = createRoute({ getParentRoute: () => root, path: "$", component: () => element });
  const router = createRouter({
    routeTree: root.addChildren([any]),
    history: createMemoryHistory({ initialEntries: [address] }),
  });
  const client = new QueryClient({ defaultOptions: { queries: { retry: false } } });
  render(
    <QueryClientProvider client={client}>
      <Toasts>
        <RouterProvider router={router as never} />
      </Toasts>
    </QueryClientProvider>,
  );
  await waitFor(() => expect(document.body.textContent).not.toBe(""));
}

test("switching merged views off is told to the console, and they say where they went", async () => {
  await show(
    <>
      <PreferencesPage />
      <Merged>
        <p>every customer</p>
      </Merged>
    </>,
  );
  await screen.findByText("every customer");
  const toggle = await screen.findByRole("switch", { name: "Multi Customer Investigations" });
  expect(toggle.getAttribute("aria-checked")).toBe("true");
  await userEvent.click(toggle);
  await screen.findByText("You switched Multi Customer Investigations off");
  expect(screen.queryByText("every customer")).toBeNull();
  expect(asked.filter(({ method }) => method === "PATCH").map(({ body }) => body)).toEqual([{ multi_customer: false }]);
});

test("while it is not available it cannot be switched, and says why", async () => {
  preferences = { ...preferences, multi_customer_available: false, reason: "NO_LICENSED_CUSTOMER" };
  await show(<PreferencesPage />);
  const toggle = await screen.findByRole("switch", { name: "Multi Customer Investigations" });
  expect(toggle.getAttribute("aria-disabled")).toBe("true");
  expect(screen.getByTestId("locked").textContent).toMatch(/none of them has a licence/);
  await userEvent.click(toggle);
  expect(asked.some(({ method }) => method === "PATCH")).toBe(false);
});

test("a console that cannot say hides nothing", async () => {
  refusal = { status: 404, code: "NOT_FOUND" };
  await show(
    <Merged>
      <p>every customer</p>
    </Merged>,
  );
  await screen.findByText("every customer");
});

test("a saved search is applied by a press, and the present one is named", async () => {
  const onApply = vi.fn();
  await show(<SavedSearches kind="INVESTIGATIONS" customer="c1" body={{ statuses: ["OPEN"] }} onApply={onApply} />);
  await userEvent.click(await screen.findByRole("button", { name: /^Saved/ }));
  await screen.findByRole("button", { name: "Saved: filter s1" });
  await userEvent.click(screen.getByRole("button", { name: /^filter s2/ }));
  expect(onApply).toHaveBeenCalledExactlyOnceWith({ q: "lsass" });
});

test("over many customers it is kept at the primary; where there is none, that is said", async () => {
  await show(<SavedSearches kind="INVESTIGATIONS" customer={null} body={{ a: 1 }} onApply={() => {}} />);
  await userEvent.click(await screen.findByRole("button", { name: "Saved" }));
  await userEvent.type(await screen.findByLabelText("Save this filter as"), " mine ");
  await userEvent.click(screen.getByRole("button", { name: "Save" }));
  await waitFor(() =>
    expect(asked.find(({ method }) => method === "POST")).toEqual({
      method: "POST",
      path: "customers/primary/saved-searches",
      body: { kind: "INVESTIGATIONS", name: "mine", body: { a: 1 }, shared: false },
    }),
  );
  cleanup();
  refusal = { status: 409, code: "NO_PRIMARY" };
  await show(<SavedSearches kind="INVESTIGATIONS" customer={null} body={{}} onApply={() => {}} />);
  await userEvent.click(await screen.findByRole("button", { name: "Saved" }));
  await screen.findByText("There is no place to keep it");
});

test("a link to a saved search applies it once; one that is not there is said, and nothing is applied", async () => {
  const onApply = vi.fn();
  await show(<SavedSearches kind="INVESTIGATIONS" customer="c1" body={{}} onApply={onApply} />, "/x#saved=s2");
  await waitFor(() => expect(onApply).toHaveBeenCalledExactlyOnceWith({ q: "lsass" }));
  cleanup();
  onApply.mockClear();
  await show(<SavedSearches kind="INVESTIGATIONS" customer="c1" body={{}} onApply={onApply} />, "/x#saved=gone");
  await screen.findAllByText("The saved search of this link cannot be opened");
  expect(onApply).not.toHaveBeenCalled();
});

test("only its owner is offered to change one", async () => {
  await show(<SavedSearches kind="INVESTIGATIONS" customer="c1" body={{}} onApply={() => {}} />);
  await userEvent.click(await screen.findByRole("button", { name: "Saved" }));
  await screen.findByRole("button", { name: "Change filter s1" });
  expect(screen.queryByRole("button", { name: "Change filter s2" })).toBeNull();
});
