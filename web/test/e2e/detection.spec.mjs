/** Detection at a workspace's node: rules, signals, exceptions, entities, custom insights, settings. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { atNode, demo, dialog, menu, noDemo, press, settled, until } from "./demo.mjs";

const customer = demo.customers[0];
const mark = `e2e ${process.pid}`;
const page = await atNode(customer);

test("a rule is found, put on trial, weighed otherwise, and put back", { skip: noDemo }, async () => {
  await page.goto(`${customer.node}/detection`);
  await page.locator("[data-rule]").first().waitFor();
  await page.getByLabel("Search rules").fill("certutil");
  await until("one is left", async () => (await page.locator("[data-rule]").count()) === 1);
  assert.ok(!new URL(page.url()).search.includes("certutil"), "what is searched stays out of the query string");
  await page.getByRole("link", { name: /Certutil/ }).click();
  const weight = dialog(page).getByLabel("Weight of its signals");
  const save = dialog(page).getByRole("button", { name: "Save" });
  await press(dialog(page).getByRole("button", { name: "On trial" }));
  await dialog(page).getByText("Its signals are kept, and score nothing.").waitFor();
  await weight.fill("3");
  await press(save);
  await page.reload();
  await dialog(page).getByRole("button", { name: "On trial", pressed: true }).waitFor();
  assert.equal(await weight.inputValue(), "3");
  await press(dialog(page).getByRole("button", { name: "Active" }));
  await dialog(page).getByText("Its signals score and open investigations.").waitFor();
  await weight.fill("");
  await press(save);
  assert.ok(await save.isDisabled(), "there is nothing more to save");
  await page.keyboard.press("Escape");
  await dialog(page).waitFor({ state: "detached" });
  await page.getByLabel("State", { exact: true }).selectOption("prototype");
  await page.getByText("No rule fits").waitFor();
  await page.getByRole("button", { name: "Show all rules" }).click();
  await page.locator("[data-rule]").nth(10).waitFor();
});

test("a rule of one's own is tried on events, added, and removed", { skip: noDemo }, async () => {
  await page.goto(`${customer.node}/detection/new-rule`);
  const yaml = page.getByLabel("Sigma, in YAML");
  const good = (await yaml.inputValue()).replace(/title: .*/, `title: ${mark}`);
  await yaml.fill("title: [");
  await page.getByRole("button", { name: "Add rule" }).click();
  await page.getByRole("alert").first().waitFor();
  assert.equal(await yaml.getAttribute("aria-invalid"), "true");
  await yaml.fill(
    good
      .replace("category: process_creation", "service: sshd")
      .replace(/ {2}selection:\n(?: {4}.*\n)+/, "  selection:\n    message|contains: mallory\n"),
  );
  await page
    .getByLabel("Sample events")
    .fill(
      [
        "<38>Nov 22 10:00:00 web-1 sshd[77]: Accepted password for mallory from 203.0.113.9 port 4711 ssh2",
        "<38>Nov 22 10:00:01 web-1 sshd[78]: Accepted password for alice from 203.0.113.9 port 4712 ssh2",
      ].join("\n"),
    );
  await page.getByRole("button", { name: "Try on these events" }).click();
  await page.getByText("1 of 2 events matches").waitFor();
  await page.getByText(/message = /).waitFor();
  await page.getByRole("button", { name: "Add rule" }).click();
  await dialog(page).getByRole("button", { name: "On trial", pressed: true }).waitFor();
  await dialog(page).getByRole("button", { name: "Remove…" }).click();
  await page.getByRole("button", { name: "Remove the rule" }).click();
  await page.getByText("The rule is removed").waitFor();
  await page.getByLabel("Search rules").fill(mark);
  await page.getByText("No rule fits").waitFor();
});

test("an exception names who answers for it and until when; a wrong one is refused at its field", {
  skip: noDemo,
}, async () => {
  await page.goto(`${customer.node}/detection/exceptions`);
  await page.getByRole("button", { name: "Add exception" }).first().click();
  assert.equal(await dialog(page).getByLabel("Owner").inputValue(), customer.admin.user);
  await dialog(page).getByLabel("Name").fill(mark);
  await dialog(page).getByLabel("What it excepts").selectOption("network");
  await dialog(page).getByLabel("Network", { exact: true }).fill("10.0.0.0/99");
  await dialog(page).getByLabel("Reason").fill("the scanner of the office");
  await dialog(page).getByRole("button", { name: "Add exception" }).click();
  await dialog(page).getByRole("alert").waitFor();
  assert.equal(await dialog(page).getByLabel("Network", { exact: true }).getAttribute("aria-invalid"), "true");
  await dialog(page).getByLabel("Network", { exact: true }).fill("198.51.100.0/24");
  await dialog(page).getByRole("button", { name: "Add exception" }).click();
  const row = page.locator(`[data-exception="${mark}"]`);
  assert.match(await row.innerText(), /Addresses of 198\.51\.100\.0\/24.*Every rule.*the scanner/s);
  await menu(page, mark, "Edit…");
  await dialog(page).getByLabel("What it excepts").selectOption("filter");
  await dialog(page).getByRole("button", { name: "Save" }).click();
  await row.getByText("Records a Sigma filter says no to").waitFor();
  await menu(page, mark, "Remove…");
  await dialog(page).getByRole("button", { name: "Remove the exception" }).click();
  await row.waitFor({ state: "detached" });
});

test("how much an entity matters is set for a pattern, and taken back", { skip: noDemo }, async () => {
  await page.goto(`${customer.node}/detection/entities`);
  await page.getByRole("button", { name: "Add setting" }).click();
  await dialog(page).getByLabel("Value").fill(`e2e-${process.pid}-*`);
  await dialog(page).getByLabel("Weight of its signals").selectOption("+");
  await dialog(page).getByLabel("Number").fill("3");
  await dialog(page).getByLabel("Notes (optional)").fill("crown jewels");
  await dialog(page).getByRole("button", { name: "Save" }).click();
  const row = page.locator(`[data-setting="hostname e2e-${process.pid}-*"]`);
  await row.getByText("Weight plus 3").waitFor();
  await row.getByRole("button").click();
  await dialog(page).getByLabel("Weight of its signals").selectOption("");
  await dialog(page).getByRole("button", { name: "Save" }).click();
  await row.waitFor({ state: "detached" });
});

test("a custom insight is made, switched off and removed", { skip: noDemo }, async () => {
  await page.goto(`${customer.node}/detection/custom-insights`);
  await page.getByRole("button", { name: "Add custom insight" }).first().click();
  await dialog(page).getByLabel("Name").fill(mark);
  await dialog(page).getByLabel("Rules").fill("Failed *\nAccepted *");
  await dialog(page).getByRole("button", { name: "Another priority" }).click();
  await dialog(page).getByLabel("From severity").fill("7");
  await dialog(page).getByRole("button", { name: "Add custom insight" }).click();
  const row = page.locator(`[data-insight="${mark}"]`);
  await row.getByText("By severity, 1 step").waitFor();
  await menu(page, mark, "Switch off");
  await row.getByText("Off", { exact: true }).waitFor();
  await menu(page, mark, "Remove…");
  await dialog(page).getByRole("button", { name: "Remove the custom insight" }).click();
  await row.waitFor({ state: "detached" });
});

test("the settings are changed and put back", { skip: noDemo }, async () => {
  await page.goto(`${customer.node}/detection/settings`);
  const field = page.getByLabel("Score above which an investigation opens");
  const save = page.getByRole("button", { name: "Save" });
  await field.fill("13");
  await press(save);
  await page.getByText("The settings are changed").waitFor();
  await page.reload();
  assert.equal(await field.inputValue(), "13");
  await field.fill("12");
  await press(save);
  assert.ok(await save.isDisabled(), "there is nothing more to save");
});

test("signals lead to their rule and their entity", { skip: noDemo }, async () => {
  await until(
    "the stories made signals",
    async () => {
      await page.goto(`${customer.node}/detection/signals`);
      await settled(page);
      return (await page.locator("[data-signal]").count()) > 0;
    },
    150_000,
  );
  const name = await page.locator("[data-signal] button").first().innerText();
  await page.locator("[data-signal] button").first().click();
  await dialog(page).getByRole("link", { name: "Its rule" }).click();
  await page.waitForURL(/\/detection\?.*rule=/);
  await dialog(page).getByRole("link", { name: "Its signals" }).click();
  await page.waitForURL(/\/detection\/signals\?rule=/);
  await until("only its signals are left", async () => {
    const names = await page.locator("[data-signal] button").allInnerTexts();
    return names.length > 0 && names.every((each) => each === name);
  });
  await page.locator("[data-signal] button").first().click();
  await dialog(page).getByRole("link", { name: "Its entity" }).click();
  await page.locator("[data-entity]").first().waitFor();
  assert.deepEqual(page.complaints, []);
});
