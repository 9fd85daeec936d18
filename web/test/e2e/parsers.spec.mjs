/** Parsers as content: one is uploaded, tried, enabled, and what it could not take before is replayed. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { atNode, demo, dialog, menu, noDemo, press, searched, settled, until } from "./demo.mjs";

const customer = demo.customers[0];
const name = `e2e-${process.pid}`;
const LINE = `e2e${process.pid}|deny|10.1.2.3`;
const PROGRAM = `%vendor = "E2E"
%product = "gate"
%record_type = "NetworkFlow"
%message = .message
parts = split(to_string(.message) ?? "", "|")
if length(parts) != 3 {
  abort "not three parts"
}
%ecs."event.action" = parts[1]
%ecs."source.ip" = parts[2]
`;
const page = await atNode(customer);

test("a wrong program is refused where it is wrong, a right one is a draft until it is enabled", {
  skip: noDemo,
}, async () => {
  await page.goto(`${customer.node}/parsers`);
  await page.locator('[data-parser="sshd"]').waitFor();
  await page.getByRole("link", { name: "Upload parser" }).click();
  await page.getByLabel("Name").fill(name);
  await page.getByLabel("VRL").fill(`%vendor = oops\n`);
  await page.getByRole("button", { name: "Upload as a draft" }).click();
  await page
    .getByRole("alert")
    .filter({ hasText: /undefined variable/ })
    .waitFor();
  await page.getByRole("button", { name: "Go to line 1, column 11" }).click();
  await page.getByLabel("VRL").fill(PROGRAM);
  await page.getByLabel("Sample lines").fill(`${LINE}\nno parts here`);
  await page.getByRole("button", { name: "Try on these lines" }).click();
  await page.getByText("1 of 2 lines became a record").waitFor();
  await page.getByText("not three parts", { exact: true }).waitFor();
  await page.getByRole("button", { name: "Upload as a draft" }).click();
  await page.getByText("Draft", { exact: true }).waitFor();
});

test("what failed before is replayed after the fix, and becomes records", { skip: noDemo }, async () => {
  const { csrf } = await (await page.request.get(`${customer.node}/api/v1/me`)).json();
  const made = await page.request.post(`${customer.node}/api/v1/sources`, {
    headers: { "x-csrf-token": csrf },
    data: { name, source_category: "e2e/gate", format: "syslog" },
  });
  const { ingest_key } = await made.json();
  const sent = await page.request.post(`${customer.node}/ingest/v1/events`, {
    headers: { authorization: `Bearer ${ingest_key}`, "content-type": "text/plain" },
    data: `${LINE}\n`,
  });
  assert.ok(sent.ok(), `${sent.status()} ${await sent.text()}`);

  const category = page.getByRole("region", { name: "By source category" });
  await until("it is counted as failed", async () => {
    await page.goto(`${customer.node}/failed-records`);
    await settled(page);
    return (await category.getByText("e2e/gate").count()) > 0;
  });
  await category.getByRole("link", { name: "e2e/gate" }).click();
  await searched(page, LINE);

  await page.goto(`${customer.node}/parsers/${name}`);
  await press(page.getByRole("button", { name: "Enable" }));
  await page.getByText("Enabled", { exact: true }).waitFor();
  await page.goto(`${customer.node}/sources`);
  await menu(page, name, "Edit…");
  await dialog(page).getByLabel("Parser").selectOption(name);
  await press(dialog(page).getByRole("button", { name: "Save" }));
  await dialog(page).waitFor({ state: "detached" });

  await page.goto(`${customer.node}/failed-records`);
  await page.getByRole("button", { name: "Replay…", exact: true }).click();
  await dialog(page).getByLabel("Source").selectOption({ label: name });
  const started = await press(dialog(page).getByRole("button", { name: "Replay", exact: true }));
  const { id } = await started.json();
  await page.locator(`[data-replay="${id}"]`).getByText("Done").waitFor({ timeout: 60_000 });
  await page.goto(`${customer.node}/logs#q=${encodeURIComponent("event.action:deny AND source.ip:10.1.2.3")}`);
  await searched(page, "NetworkFlow");
});

test("a parser no source needs is switched off and deleted", { skip: noDemo }, async () => {
  await page.goto(`${customer.node}/parsers/${name}`);
  await page.getByRole("button", { name: "Delete…" }).click();
  await dialog(page).getByRole("button", { name: "Delete the parser" }).click();
  await page.getByRole("alert").first().waitFor();
  await dialog(page).getByRole("button", { name: "Cancel" }).click();
  await page.goto(`${customer.node}/sources`);
  await menu(page, name, "Remove…");
  await dialog(page).getByRole("button", { name: "Remove the source" }).click();
  await page.locator(`[data-source="${name}"]`).waitFor({ state: "detached" });
  await page.goto(`${customer.node}/parsers/${name}`);
  await press(page.getByRole("button", { name: "Switch off" }));
  await page.getByText("Off", { exact: true }).waitFor();
  await page.getByRole("button", { name: "Delete…" }).click();
  await dialog(page).getByRole("button", { name: "Delete the parser" }).click();
  await page.locator('[data-parser="sshd"]').waitFor();
  await page.locator(`[data-parser="${name}"]`).waitFor({ state: "detached" });
  assert.deepEqual(page.complaints, []);
});
