import { QueryClient, QueryClientProvider, useQuery } from "@tanstack/react-query";
import { act, cleanup, fireEvent, render, renderHook, screen, waitFor } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import type { ReactNode } from "react";
import { afterEach, expect, test, vi } from "vitest";
import { DialogForm } from "../../src/components/dialog-form";
import { Rows } from "../../src/components/rows";
import { useAction } from "../../src/components/use-action";
import { useDraft } from "../../src/lib/use-draft";
import { Button } from "../../src/ui/button";

afterEach(cleanup);

function World({ children }: { children: ReactNode }) {
  return <QueryClientProvider client={new QueryClient()}>{children}</QueryClientProvider>;
}

/** A call whose answer comes when the test says so. */
function late<T>() {
  const waiting: ((value: T) => void)[] = [];
  const call = vi.fn(() => new Promise<T>((resolve) => waiting.push(resolve)));
  return { call, answer: (value: T) => act(async () => waiting.shift()?.(value)) };
}

test("a form sent twice before its first answer is sent once, and keeps the focus where it was", async () => {
  const { call, answer } = late<void>();
  const closed = vi.fn();
  function Form() {
    const save = useAction({ run: call });
    return (
      <DialogForm
        label="Save"
        busy={save.busy}
        error={save.error}
        onSubmit={() => save.start(undefined, closed)}
        onCancel={() => {}}
      >
        {null}
      </DialogForm>
    );
  }
  render(<Form />, { wrapper: World });
  const button = screen.getByRole("button", { name: "Save" });
  const form = button.closest("form") as HTMLFormElement;
  button.focus();
  fireEvent.submit(form);
  fireEvent.submit(form);
  await waitFor(() => expect(button.getAttribute("aria-busy")).toBe("true"));
  await userEvent.click(button);
  expect(call).toHaveBeenCalledTimes(1);
  expect(document.activeElement).toBe(button);
  await answer();
  await waitFor(() => expect(closed).toHaveBeenCalledTimes(1));
});

test("a form sends nothing while its button is off", async () => {
  const submit = vi.fn((event: React.FormEvent) => event.preventDefault());
  render(
    <form onSubmit={submit}>
      <Button type="submit" disabled>
        Save
      </Button>
    </form>,
  );
  await userEvent.click(screen.getByRole("button", { name: "Save" }));
  expect(submit).not.toHaveBeenCalled();
});

test("it is busy until what it changed is read again", async () => {
  let stored = "before";
  const save = late<void>();
  const read = late<string>();
  function List() {
    const list = useQuery({ queryKey: ["list"], queryFn: read.call, initialData: "before", staleTime: 60_000 });
    const change = useAction({ run: save.call, refresh: ["list"] });
    return (
      <Button busy={change.busy} onClick={() => change.start()}>
        {list.data}
      </Button>
    );
  }
  render(<List />, { wrapper: World });
  const button = screen.getByRole("button");
  await userEvent.click(button);
  stored = "after";
  await save.answer();
  await waitFor(() => expect(read.call).toHaveBeenCalled());
  expect(button.getAttribute("aria-busy")).toBe("true");
  await read.answer(stored);
  await waitFor(() => expect(button.getAttribute("aria-busy")).toBe("false"));
  expect(button.textContent).toBe("after");
});

test("an edit holds as long as what it was typed over", () => {
  const { result, rerender } = renderHook((stored: { a: string; b: string }) => useDraft(stored), {
    initialProps: { a: "1", b: "2" },
  });
  expect(result.current.changed).toBe(false);
  act(() => result.current.set("a", "9"));
  expect(result.current.draft).toEqual({ a: "9", b: "2" });
  rerender({ a: "1", b: "3" });
  expect(result.current.draft).toEqual({ a: "9", b: "3" });
  expect(result.current.changed).toBe(true);
  rerender({ a: "9", b: "3" });
  expect(result.current.changed).toBe(false);
  rerender({ a: "5", b: "3" });
  expect(result.current.draft).toEqual({ a: "5", b: "3" });
});

test("why a list is missing stays in sight while it is tried again", () => {
  const list = (rows: string[] | undefined, error: unknown) => (
    <Rows label="Things" rows={rows} error={error} onRetry={() => {}} empty="none">
      {(each) => each.join()}
    </Rows>
  );
  const { rerender } = render(list(undefined, null));
  expect(screen.getByRole("status", { name: "Reading: Things" })).toBeTruthy();
  rerender(list(undefined, new Error("the store is busy")));
  const again = screen.getByRole("button", { name: "Try again" });
  expect(again.getAttribute("aria-busy")).toBe("false");
  rerender(list(undefined, null));
  expect(screen.getByText("the store is busy")).toBeTruthy();
  expect(again.getAttribute("aria-busy")).toBe("true");
  rerender(list(["one"], null));
  expect(screen.queryByRole("alert")).toBeNull();
  expect(screen.getByText("one")).toBeTruthy();
});
