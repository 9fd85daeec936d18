import { cleanup, render, screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { afterEach, expect, test } from "vitest";
import { ScopeLine } from "../../src/components/scope-line";
import { scope } from "./rows";

afterEach(cleanup);

test("the missing customers are named with their reasons when the line is opened", async () => {
  render(
    <ScopeLine
      scope={scope({
        complete: false,
        failed: [
          {
            customer: { id: "c", name: "Helios Bank", region: "ap" },
            region: "ap",
            code: "NODE_DOWN",
            message: "refused",
          },
        ],
        skipped: [{ customer: null, count: 2, reason: "NO_GRANT" }],
      })}
    />,
  );
  await userEvent.click(screen.getByRole("button", { name: /3 of 6 customers answered/ }));
  expect(await screen.findByText("Helios Bank")).toBeTruthy();
  expect(screen.getByText(/its node cannot be reached/)).toBeTruthy();
  expect(screen.getByText("2 customers")).toBeTruthy();
  expect(screen.getByText("NO_GRANT")).toBeTruthy();
});

test("a complete answer has nothing to open", () => {
  render(<ScopeLine scope={scope()} />);
  expect(screen.getByText("All 3 customers answered")).toBeTruthy();
  expect(screen.queryByRole("button", { name: /answered/ })).toBeNull();
});
