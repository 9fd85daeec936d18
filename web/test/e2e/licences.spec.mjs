/** Sync, licences, enrolment codes and the settings of every customer, as an administrator meets them. */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { allocation, customerRow, followLicence, syncNow as syncNowOf } from "./customers.mjs";
import { accessible, ask, demo, launch, noDemo, open, person, press, settled, signIn, tell, until } from "./demo.mjs";

let browser;
let page;
const customer = demo.customers[1];
const RESOURCES = [
  "sources",
  "users",
  "continuous_daily_bytes",
  "frequent_daily_bytes",
  "infrequent_daily_bytes",
  "retention_days",
];

before(async () => {
  if (noDemo) return;
  browser = await launch();
  page = await open(browser);
  await signIn(page, person("administrator"));
});

after(() => browser?.close());

const rowOf = (id) => customerRow(page, id);
const syncNow = (name) => syncNowOf(page, name);
const opacity = (button) => button.evaluate((element) => getComputedStyle(element).opacity);
const down = async () => (await ask(page, "customers")).data.find((each) => each.health === "down");

test("Sync Now appears under the pointer and under the focus, and the cell lives through to success", {
  skip: noDemo,
}, async () => {
  await page.goto(`${demo.console}/customers`);
  const row = rowOf(customer.id);
  await row.locator("[data-sync]").waitFor();
  const button = syncNow(customer.name);
  await page.mouse.move(0, 0);
  assert.equal(await opacity(button), "0", "out of sight until somebody is at the cell");
  await row.locator("[data-sync]").hover();
  assert.equal(await opacity(button), "1");
  await page.mouse.move(0, 0);
  await button.focus();
  assert.equal(await opacity(button), "1");
  const before = await ask(page, `customers/${customer.id}/sync`);
  const told = page.getByText(`${customer.name}: Data Collection Successful`).first().waitFor();
  await press(button);
  await told;
  await row.locator('[data-sync="OK"]').getByText("Data Collection Successful").waitFor();
  const now = await ask(page, `customers/${customer.id}/sync`);
  assert.ok(Date.parse(now.finished) > Date.parse(before.finished), "another sync was done");
});

test("a sync that fails shows its code and the next try, and in all words on the customer's page", {
  skip: noDemo,
}, async (t) => {
  const away = await down();
  if (!away) return t.skip("every node is up");
  await page.goto(`${demo.console}/customers`);
  const row = rowOf(away.id);
  await row.locator("[data-sync]").waitFor();
  const told = page.getByText(`${away.name}: the sync failed`).first().waitFor();
  await press(syncNow(away.name));
  await told;
  const cell = row.locator('[data-sync="FAILED"]');
  await cell.waitFor();
  assert.match(await cell.innerText(), /^Failed NODE_DOWN, next try (in \d|now)/);
  await row.getByRole("link", { name: /the sync of/ }).click();
  await page.waitForURL(/tab=sync/);
  const modules = page.getByRole("table", { name: "Modules" });
  await modules.getByText("NODE_DOWN").first().waitFor();
  await page.getByRole("table", { name: "Runs" }).getByText("Failed").first().waitFor();
  await page.getByText(/times? in a row/).waitFor();
});

test("a customer has a page of its own: parts of its node, modules, runs, technicians, licence, access", {
  skip: noDemo,
}, async () => {
  await page.goto(`${demo.console}/customers`);
  await rowOf(customer.id).getByRole("link", { name: customer.name, exact: true }).click();
  await page.getByRole("heading", { name: customer.name, level: 1 }).waitFor();
  for (const part of ["rules", "clock", "certificate", "disk", "pipeline", "lake"]) {
    await page.locator(`[data-component="${part}"]`).waitFor();
  }
  assert.match(await page.locator('[data-component="rules"]').innerText(), /\d+ rules/);
  await page.getByText("Direct: this console dials the node").waitFor();
  const tabs = page.getByRole("navigation", { name: "Parts of the customer" });
  await tabs.getByRole("link", { name: "Sync" }).click();
  assert.equal(await page.locator("[data-module]").count(), 6);
  await page.getByRole("region", { name: "Technicians" }).getByText("The same at the node").waitFor();
  await page.getByRole("region", { name: "Reverse proxy" }).waitFor();
  await tabs.getByRole("link", { name: "Licence" }).click();
  await page.getByRole("table", { name: "Allocation" }).waitFor();
  await tabs.getByRole("link", { name: "Access" }).click();
  await page.getByRole("list", { name: "Grants" }).waitFor();
});

const details = () => allocation(page, customer.name);
const sources = () => details().getByRole("textbox", { name: /^Sources/ });
const alertIn = (resource) => details().locator(`[data-resource="${resource}"]`).getByRole("alert");

/** As it is allocated now, for putting it back. */
async function allocated() {
  const { resources } = await ask(page, `customers/${customer.id}/licence`);
  return Object.fromEntries(resources.map((each) => [each.resource, each.allocated]));
}

test("the licence icon leads to a customer's allocation, which is edited; too much is refused at its field", {
  skip: noDemo,
}, async () => {
  const was = await allocated();
  await followLicence(page, customer.name);
  await details().getByRole("table", { name: "Allocation" }).waitFor();
  await accessible(page, "allocation details");
  await details().getByRole("button", { name: "Edit License" }).click();
  await sources().fill("many");
  await details().getByRole("button", { name: "Update" }).click();
  await alertIn("sources").getByText("A whole number.").waitFor();
  await sources().fill("999999");
  await details().getByRole("button", { name: "Update" }).click();
  await alertIn("sources")
    .getByText(/[\d,]+ sources available\./)
    .waitFor();
  assert.deepEqual(await allocated(), was, "nothing was saved");
  await accessible(page, "a refused allocation");
  await sources().fill("1");
  await details().getByRole("button", { name: "Update" }).click();
  await alertIn("sources")
    .getByText(/in use\./)
    .waitFor();
  await details().getByLabel("Reason for allocating less than is used").waitFor();
  await details().getByRole("button", { name: "Update all the same" }).waitFor();
  try {
    const next = was.sources + 1;
    await sources().fill(String(next));
    const told = page.getByText(`The licence of ${customer.name} was updated`).first().waitFor();
    await press(details().getByRole("button", { name: "Update" }));
    await told;
    await details().waitFor({ state: "detached" });
    const row = page.locator(`[data-licence="${customer.id}"]`);
    await row.locator('[data-resource="sources"]').getByText(`of ${next}`).waitFor();
    await row.getByText("Applied", { exact: true }).waitFor();
    const { resources } = await ask(page, `customers/${customer.id}/licence`);
    assert.equal(resources.find((each) => each.resource === "sources").applied, next, "its node confirmed it");
  } finally {
    await tell(page, "PUT", `customers/${customer.id}/licence`, was);
  }
});

test("use near its licence is marked, and what waits for a node says so", { skip: noDemo }, async (t) => {
  const { data } = await ask(page, "licences");
  await page.goto(`${demo.console}/licences`);
  const near = data.find(({ resources }) =>
    resources.some(
      ({ resource, allocated, used }) => resource !== "retention_days" && allocated > 0 && used / allocated >= 0.9,
    ),
  );
  if (near)
    await page
      .locator(`[data-licence="${near.customer.id}"]`)
      .getByText(/^(near|full|over)$/)
      .first()
      .waitFor();
  else t.diagnostic("no customer is near its licence");
  const away = await down();
  const pending = data.find(({ customer, state }) => state === "PENDING" && customer.id === away?.id);
  if (!pending) return t.diagnostic("no allocation is pending");
  await page.locator(`[data-licence="${pending.customer.id}"]`).getByText("Pending", { exact: true }).waitFor();
  await page.getByRole("button", { name: `Edit License: ${pending.customer.name}` }).waitFor();
});

const pool = () => page.getByRole("dialog", { name: "Set the pool by hand" });

test("the pool is set by hand, never to less than is allocated; when it ends soon every page says so", {
  skip: noDemo,
}, async () => {
  const was = await ask(page, "licences/pool");
  const numbers = Object.fromEntries(was.resources.map(({ resource, total }) => [resource, total]));
  assert.deepEqual(Object.keys(numbers), RESOURCES);
  await page.goto(`${demo.console}/licences`);
  await page.getByRole("button", { name: "Set by hand…" }).click();
  const typed = pool().getByRole("textbox", { name: /^Sources/ });
  const total = await typed.inputValue();
  await typed.fill("1");
  await pool().getByRole("button", { name: "Set the pool" }).click();
  await pool().getByText("Less than is allocated already.").waitFor();
  await typed.fill(total);
  const soon = new Date(Date.now() + 5 * 24 * 60 * 60 * 1000).toISOString().slice(0, 10);
  await pool().getByLabel("Last day").fill(soon);
  try {
    await press(pool().getByRole("button", { name: "Set the pool" }));
    await pool().waitFor({ state: "detached" });
    await page.goto(`${demo.console}/access`);
    const notice = page.getByRole("region", { name: "Licence", exact: true });
    await notice.getByText(/The licence ends in \d days/).waitFor();
    await accessible(page, "the notice");
    await notice.getByRole("link", { name: "License Management" }).click();
    await page.getByRole("heading", { name: "License Management" }).waitFor();
  } finally {
    await tell(page, "PUT", "licences/pool", { ...numbers, expires_at: was.expires_at });
  }
});

test("a file that is no licence of ours is refused in words", { skip: noDemo }, async () => {
  await page.goto(`${demo.console}/licences`);
  await page.getByRole("button", { name: "Apply licence file…" }).click();
  const dialog = page.getByRole("dialog", { name: "Apply a licence file" });
  const apply = dialog.getByRole("button", { name: "Apply License" });
  assert.equal(await apply.getAttribute("title"), "Choose a file first");
  const file = { name: "my.licence", mimeType: "text/plain", buffer: Buffer.from("v4.public.bm90aGluZw") };
  await dialog.locator("input[type=file]").setInputFiles(file);
  await dialog.getByText("my.licence").waitFor();
  await apply.click();
  await dialog
    .getByRole("alert")
    .getByText(/licence_public_key|not a licence signed/)
    .waitFor();
});

test("a code for a customer behind NAT is shown once, is listed while it is open, and is withdrawn", {
  skip: noDemo,
}, async () => {
  const name = `E2E behind NAT ${process.pid}`;
  await page.goto(`${demo.console}/customers`);
  await page.getByRole("button", { name: "Add customer" }).first().click();
  const form = page.getByRole("dialog", { name: "Add a customer" });
  await form.getByLabel("The node dials the console").check();
  assert.equal(await form.getByLabel("Server").count(), 0, "no server, no password is asked for");
  await form.getByLabel("Customer name").fill(customer.name);
  await form.getByLabel("Customer mail").fill("soc@nat.example");
  await form.getByRole("button", { name: "Make a code" }).click();
  await form.getByText("Another customer has this name.").waitFor();
  await form.getByLabel("Customer name").fill(name);
  await press(form.getByRole("button", { name: "Make a code" }));
  const [command, code] = await form.locator("code").allInnerTexts();
  assert.equal(command, `bailiwick node enrol ${code}`);
  await form.getByText(/Waiting for its node/).waitFor();
  assert.match(await form.locator("time").first().innerText(), /^\d+:\d\d/);
  await accessible(page, "the code");
  await form.getByRole("button", { name: "Done" }).click();
  await form.waitFor({ state: "detached" });
  await page.getByRole("link", { name: "Enrolment codes" }).click();
  const line = page.locator("[data-code]").filter({ hasText: name });
  await line.waitFor();
  assert.ok(!(await page.content()).includes(code), "the code is gone from the page");
  await press(line.getByRole("button", { name: `Withdraw the code for ${name}` }));
  await line.waitFor({ state: "detached" });
  assert.ok(!(await ask(page, "enrolment-codes")).data.some((each) => each.name === name));
});

test("what belongs to every customer is set once, reaches each, and names those it has not reached", {
  skip: noDemo,
}, async () => {
  const { retention, detection } = await ask(page, "settings/customers");
  const away = await down();
  await page.goto(`${demo.console}/settings/customers`);
  const decide = page.getByLabel("How signals add up is decided here");
  await decide.check();
  const field = page.getByLabel("Score above which an investigation opens");
  await field.fill(String(Number(await field.inputValue()) + 1));
  try {
    await press(page.getByRole("button", { name: "Save for every customer" }));
    const far = page.getByRole("region", { name: "How far they have come" });
    await far.getByText(person("administrator").email).waitFor();
    await until("all others have them", async () => {
      const waiting = await far.locator("[data-waiting]").evaluateAll((all) => all.map((one) => one.dataset.waiting));
      return waiting.every((id) => id === away?.id);
    });
    await accessible(page, "customer settings");
    await page.goto(`${demo.console}/customers/${customer.id}`);
    const decided = page.getByRole("region", { name: "Who decided its settings" });
    await decided.getByText("This console, for every customer").waitFor();
  } finally {
    await tell(page, "PUT", "settings/customers", { retention, detection });
  }
});

test("an analyst looks and changes nothing: no Sync Now, no licences", { skip: noDemo }, async () => {
  const other = await open(browser);
  await signIn(other, person("analyst"));
  await other.goto(`${demo.console}/customers`);
  await other.locator("[data-sync]").first().waitFor();
  assert.equal(await other.getByRole("button", { name: /^Sync Now/ }).count(), 0);
  await other.locator("[data-customer] a").first().click();
  await settled(other);
  assert.equal(await other.getByRole("link", { name: "Access", exact: true }).count(), 0);
  await other.goto(`${demo.console}/licences`);
  await other.getByText("For administrators").waitFor();
  await other.context().close();
});

test("no page broke its own security policy, and nothing failed unseen", { skip: noDemo }, () => {
  assert.deepEqual(page.complaints, []);
});
