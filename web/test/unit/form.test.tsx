import { cleanup, render, screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { afterEach, expect, test, vi } from "vitest";
import { ApiError } from "../../src/api/http";
import { SetPasswordForm, SignInForm } from "../../src/components/auth";

afterEach(cleanup);

test("a password must be long enough and typed twice alike before anything is sent", async () => {
  const submit = vi.fn(async () => {});
  render(<SetPasswordForm action="Go" onSubmit={submit} />);
  await userEvent.type(screen.getByLabelText("Password"), "short");
  await userEvent.type(screen.getByLabelText("Password again"), "short");
  await userEvent.click(screen.getByRole("button", { name: "Go" }));
  expect(submit).not.toHaveBeenCalled();
  expect(screen.getByText(/7 to go/)).toBeTruthy();
  await userEvent.type(screen.getByLabelText("Password"), " but longer");
  await userEvent.click(screen.getByRole("button", { name: "Go" }));
  expect(submit).not.toHaveBeenCalled();
  expect(screen.getByText("The two passwords differ.")).toBeTruthy();
  await userEvent.type(screen.getByLabelText("Password again"), " but longer");
  await userEvent.click(screen.getByRole("button", { name: "Go" }));
  expect(submit).toHaveBeenCalledExactlyOnceWith("short but longer", null);
});

test.each([
  ["AUTH_FAILED", /do not belong together/],
  ["THROTTLED", /Too many attempts/],
])("a sign-in refused with %s says why", async (code, words) => {
  const refuse = async () => {
    throw new ApiError({ status: 401, title: "No", code });
  };
  render(<SignInForm nameLabel="User name" nameType="text" onSubmit={refuse} />);
  await userEvent.type(screen.getByLabelText("User name"), "me");
  await userEvent.type(screen.getByLabelText("Password"), "wrong");
  await userEvent.click(screen.getByRole("button", { name: "Sign in" }));
  expect((await screen.findByRole("alert")).textContent).toMatch(words);
});
