/**
 * "Multi-Customer Investigations", sentence by sentence: what the document describes is walked here, under its own titles, by an analyst.
 * Where ours differs, one line says how. What is changed is put back.
 */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import {
  accessible,
  ask,
  demo,
  launch,
  noDemo,
  open,
  openQueue,
  person,
  press,
  rowOf,
  settled,
  signIn,
  tell,
  tooWide,
  until,
  workable,
} from "./demo.mjs";

let browser;
let page;
const PRIORITY = ["CRITICAL", "HIGH", "MEDIUM", "LOW", "UNSPECIFIED"];
const SAVED = `Walk ${process.pid}`;

const menuButton = (target = page) => target.getByRole("button", { name: /^Multi-customer menu/ });
const bar = (target = page) => target.getByRole("navigation", { name: "Multi-customer navigation" });
const pages = (target = page) => target.getByRole("navigation", { name: "Pages" });
const environment = (target = page) => target.getByTestId("environment");
const heading = (name, target = page) => target.getByRole("heading", { level: 1, name });
const customers = async () => (await ask(page, "customers")).data;
/** A customer this person works for, its node up, that is not the primary. */
const open_one = async (not) =>
  (await customers()).find((c) => c.role && c.health === "up" && !c.primary && c.id !== not);
const prefer = (patch) => tell(page, "PATCH", "me/preferences", patch);

/** Waits until the page stands in the environment of a customer, and says so. */
async function inside(name, target = page) {
  await environment(target).getByText(name, { exact: true }).waitFor();
  await menuButton(target).getByText(name, { exact: true }).waitFor();
}

before(async () => {
  if (noDemo) return;
  browser = await launch();
  page = await open(browser);
  await signIn(page, person("analyst"));
});

after(async () => {
  if (noDemo) return;
  try {
    await prefer({ multi_customer: true, single_keys: true });
    for (const { id, name, mine } of (await ask(page, "customers/primary/saved-searches")).data)
      if (mine && name.startsWith(SAVED)) await tell(page, "DELETE", `customers/primary/saved-searches/${id}`);
  } finally {
    await browser.close();
  }
});

test("an aggregated view: customers and regions in one list, searched and filtered there", {
  skip: noDemo,
}, async () => {
  await openQueue(page);
  await until(
    "two customers of two regions in one list",
    async () => {
      const { data } = await ask(page, "investigations?limit=200");
      const of = (what) => new Set(data.map((row) => row.customer[what])).size;
      return of("id") > 1 && of("region") > 1;
    },
    150_000,
  );
  await page.getByRole("searchbox").first().waitFor();
  await page.getByTestId("scope").waitFor();
});

test("licensing requirements: it is available while a licensed customer is linked, and no other is ever in it", {
  skip: noDemo,
}, async () => {
  assert.equal((await ask(page, "me/preferences")).multi_customer_available, true);
  const linked = new Set((await customers()).map(({ id }) => id));
  const { data } = await ask(page, "investigations?limit=200");
  assert.ok(data.every(({ customer }) => linked.has(customer.id)));
});

test("terminology: one primary customer, pinned to the customer table with those it is associated with", {
  skip: noDemo,
}, async () => {
  await page.goto(`${demo.console}/customer-table`);
  const table = page.getByRole("table", { name: "Select customer account" });
  await table.getByRole("row").nth(2).waitFor();
  const all = await customers();
  const primaries = all.filter(({ primary }) => primary);
  assert.ok(primaries.length <= 1);
  const pinned = table.getByRole("row").nth(1);
  await pinned.getByRole("link", { name: primaries[0]?.name ?? "Our account" }).waitFor();
  await pinned.getByText("Primary", { exact: true }).waitFor();
  assert.equal(await table.getAttribute("aria-rowcount"), `${all.length - primaries.length + 2}`);
});

test("the menu across the top: menu, Customers, All Investigations, View Customer Table", {
  skip: noDemo,
}, async () => {
  await page.goto(`${demo.console}/investigations`);
  await bar().waitFor();
  const items = await bar().getByRole("link").allInnerTexts();
  assert.deepEqual(
    items.map((text) => text.trim()),
    ["Customers", "All investigations", "View Customer Table"],
  );
  // 1: between customers and investigations.
  await menuButton().click();
  for (const name of ["All investigations", "Customers"])
    await page.getByRole("menuitem", { name, exact: true }).waitFor();
  await page.keyboard.press("Escape");
  // 2: all customers in a single view.
  await bar().getByRole("link", { name: "Customers" }).click();
  await heading("Customers").waitFor();
  await bar().locator('[aria-current="page"]').getByText("Customers").waitFor();
  const shown = await until("every customer", async () => {
    const count = await page.locator("[data-customer]").count();
    return count === (await customers()).length && count;
  });
  assert.ok(shown > 1);
  // 3: all investigations associated with them.
  await bar().getByRole("link", { name: "All investigations" }).click();
  await heading("All investigations").waitFor();
  await bar().locator('[aria-current="page"]').getByText("All investigations").waitFor();
  // 4: exits the SIEM.
  await bar().getByRole("link", { name: "View Customer Table" }).click();
  await heading("Customer table").waitFor();
  assert.equal(await bar().count(), 0, "outside the SIEM there is no navigation between customers");
});

test("access the interface: the pinned account, Home, the SIEM card", { skip: noDemo }, async () => {
  await page.goto(`${demo.console}/customer-table`);
  await page.locator('[data-account="pinned"]').getByRole("link").click();
  await heading("Home").waitFor();
  await page.getByRole("link", { name: "SIEM", exact: true }).click();
  await heading("All investigations").waitFor();
  await bar().waitFor();
});

test("select a single customer: Manage Investigations opens its environment, and everything in it follows", {
  skip: noDemo,
}, async () => {
  const one = await open_one();
  await page.goto(`${demo.console}/investigations`);
  await bar().getByRole("link", { name: "Customers" }).click();
  const row = page.locator(`[data-customer="${one.id}"]`);
  await row.getByRole("link", { name: "Manage Investigations" }).click();
  await page.waitForURL(new RegExp(`/customers/${one.id}/investigations`));
  await inside(one.name);
  // The left menu is this customer's.
  await pages().getByRole("link", { name: "Investigations", exact: true }).waitFor();
  assert.equal(await pages().getByRole("link", { name: "All investigations" }).count(), 0);
  // Sorted by critical, high, medium, low, and this customer's alone.
  const asked = await ask(page, `investigations?customers=${one.id}&statuses=OPEN,INVESTIGATING,WAITING&limit=200`);
  const ranks = asked.data.map(({ priority }) => PRIORITY.indexOf(priority));
  assert.deepEqual(
    ranks,
    [...ranks].sort((a, b) => a - b),
  );
  assert.ok(asked.data.every(({ customer }) => customer.id === one.id));
  // Log search is aligned.
  await pages().getByRole("link", { name: "Log search" }).click();
  await page.waitForURL(new RegExp(`/customers/${one.id}/logs`));
  await inside(one.name);
});

test("an investigation of the merged view opens in its customer's environment; leaving is one click", {
  skip: noDemo,
}, async () => {
  const row = await workable(page);
  await openQueue(page, `?customers=${row.customer.id}&statuses=all`);
  await rowOf(page, row.rrn).getByRole("link").first().click();
  await heading(row.title).waitFor();
  await inside(row.customer.name);
  await pages().getByRole("link", { name: "Log search" }).waitFor();
  await page.getByRole("button", { name: `Leave ${row.customer.name}`, exact: true }).click();
  await heading("All investigations").waitFor();
  assert.equal(await environment().count(), 0);
});

test("switching customers takes two keystrokes, and stays on the same part", { skip: noDemo }, async () => {
  const one = await open_one();
  const other = await open_one(one.id);
  await page.goto(`${demo.console}/customers/${one.id}/investigations`);
  await inside(one.name);
  const finder = page.getByRole("dialog", { name: "Switch customer" });
  await page.keyboard.press("c");
  await finder.getByRole("combobox").fill(other.name);
  await finder.getByRole("option", { name: other.name }).waitFor();
  await page.keyboard.press("Enter");
  await inside(other.name);
  // Back to the one before: the key, and Enter.
  await page.keyboard.press("c");
  await finder.getByRole("option", { name: one.name }).waitFor();
  await page.keyboard.press("Enter");
  await inside(one.name);
  await pages().getByRole("link", { name: "Log search" }).click();
  await page.waitForURL(/\/logs/);
  await page.keyboard.press("c");
  await finder.getByRole("option", { name: other.name }).waitFor();
  await page.keyboard.press("Enter");
  await page.waitForURL(new RegExp(`/customers/${other.id}/logs`));
  // Ctrl K goes anywhere, while one types, too.
  await page.getByLabel("Query").focus();
  await page.keyboard.press("Control+k");
  const palette = page.getByRole("dialog", { name: "Go to" });
  await palette.getByRole("combobox").fill("all inv");
  await palette.getByRole("option", { name: /^All investigations/ }).waitFor();
  await page.keyboard.press("Enter");
  await heading("All investigations").waitFor();
});

test("a link carries the environment: it opens for a colleague with access, and says why for one without", {
  skip: noDemo,
}, async () => {
  const one = await open_one();
  const colleague = await open(browser);
  await signIn(colleague, person("administrator"));
  await colleague.goto(`${demo.console}/customers/${one.id}/investigations?statuses=all`);
  await inside(one.name, colleague);
  await colleague.context().close();
  await page.goto(`${demo.console}/customers/nobody/investigations`);
  await page.getByText("There is no such customer, or it is not yours to see").waitFor();
  await page
    .getByRole("link", { name: /Why can’t I see/ })
    .first()
    .waitFor();
});

test("display all investigations: on one page, with status, assignee and customer in reach", {
  skip: noDemo,
}, async () => {
  const row = await workable(page);
  await page.goto(`${demo.console}/customers`);
  await bar().getByRole("link", { name: "All investigations" }).click();
  await page.locator("[data-rrn]").first().waitFor({ timeout: 120_000 });
  await openQueue(page, `?customers=${row.customer.id}&statuses=all`);
  for (const field of ["status", "assignee"]) {
    await rowOf(page, row.rrn).locator(`[data-field=${field}]`).click();
    await page.getByRole("menuitemradio").first().waitFor();
    await page.keyboard.press("Escape");
    await page.getByRole("menuitemradio").first().waitFor({ state: "detached" });
  }
  await page.getByRole("button", { name: `Customer: ${row.customer.name}` }).waitFor();
});

test("settings: User preferences switches it off and on, for one person", { skip: noDemo }, async () => {
  const one = await open_one();
  await page.goto(`${demo.console}/investigations`);
  await pages().getByText("Settings", { exact: true }).waitFor();
  await pages().getByRole("link", { name: "User preferences" }).click();
  await page.getByRole("region", { name: "Profile preferences" }).waitFor();
  const toggle = page.getByRole("switch", { name: "Multi Customer Investigations" });
  assert.equal(await toggle.getAttribute("aria-checked"), "true");
  await press(toggle);
  assert.equal(await toggle.getAttribute("aria-checked"), "false");
  // Off: the merged view is gone, and says where it went.
  await page.goto(`${demo.console}/investigations`);
  await page.getByText("You switched Multi Customer Investigations off").waitFor();
  assert.equal(await pages().getByRole("link", { name: "All investigations" }).count(), 0);
  await page.goto(`${demo.console}/missing`);
  await page.getByText("Multi Customer Investigations is off").waitFor();
  // One customer by itself is open all the same.
  await page.getByRole("link", { name: "User preferences" }).first().waitFor();
  await page.goto(`${demo.console}/customers/${one.id}/investigations?statuses=all`);
  await inside(one.name);
  await until("its investigations", async () => (await page.locator("[data-rrn]").count()) > 0, 150_000);
  // Nobody else's view changed.
  const colleague = await open(browser);
  await signIn(colleague, person("administrator"));
  await heading("All investigations", colleague).waitFor();
  await colleague.context().close();
  await page.goto(`${demo.console}/settings/preferences`);
  await press(page.getByRole("switch", { name: "Multi Customer Investigations" }));
  await page.goto(`${demo.console}/investigations`);
  await heading("All investigations").waitFor();
});

test("single-letter keys can be turned off; Ctrl K stays", { skip: noDemo }, async () => {
  await page.goto(`${demo.console}/settings/preferences`);
  const toggle = page.getByRole("switch", { name: "Single-letter shortcuts" });
  await press(toggle);
  assert.equal(await toggle.getAttribute("aria-checked"), "false");
  await page.keyboard.press("c");
  await page.keyboard.press("Control+k");
  await page.getByRole("dialog", { name: "Go to" }).waitFor();
  await page.keyboard.press("Escape");
  assert.equal(await page.getByRole("dialog", { name: "Switch customer" }).count(), 0);
  // It follows the person to another browser.
  const elsewhere = await open(browser);
  await signIn(elsewhere, person("analyst"));
  await elsewhere.goto(`${demo.console}/settings/preferences`);
  await elsewhere.locator('[role=switch][aria-label="Single-letter shortcuts"][aria-checked=false]').waitFor();
  await elsewhere.context().close();
  await press(toggle);
  await page.keyboard.press("c");
  await page.getByRole("dialog", { name: "Switch customer" }).waitFor();
  await page.keyboard.press("Escape");
});

test("troubleshooting: why can't I see my customer investigations", { skip: noDemo }, async () => {
  await openQueue(page);
  await page.getByTestId("scope").click();
  await page.getByRole("link", { name: "Why can’t I see my customer investigations?" }).click();
  await heading("Why can’t I see my customer investigations?").waitFor();
  await page.getByText("The commonest reason is that you lack access").waitFor();
  const { data } = await ask(page, "me/access");
  for (const row of data.filter(({ allowed, customer }) => !allowed && customer)) {
    const line = page.locator(`[data-missing="${row.customer.id}"]`);
    await line.getByText(row.customer.name, { exact: true }).waitFor();
    // Both gates are named by what is missing of them.
    assert.equal(await line.locator("xpath=ancestor::section").getAttribute("data-cause"), row.missing);
  }
  const unnamed = data.filter(({ customer }) => !customer).reduce((sum, { count }) => sum + count, 0);
  if (unnamed > 0)
    await page
      .getByText(/not named to you/)
      .first()
      .waitFor();
  await page.getByText("Who can do it:").first().waitFor();
  // From a row to its whole chain.
  await page
    .getByRole("link", { name: /^The whole chain/ })
    .first()
    .click();
  await page.locator("[data-verdict]").waitFor();
});

test("a filter is saved, applied, renamed, shared by a link, and deleted", { skip: noDemo }, async () => {
  await openQueue(page, "?statuses=all&priorities=HIGH,CRITICAL");
  const saved = page.getByRole("button", { name: /^Saved/ });
  const box = page.getByRole("dialog", { name: "Saved filters" });
  await saved.click();
  await box.getByLabel("Save this filter as").fill(SAVED);
  await box.getByLabel("Share with colleagues who work there").check();
  await press(box.getByRole("button", { name: "Save", exact: true }));
  await page.getByRole("button", { name: `Saved: ${SAVED}` }).waitFor();
  await box.getByRole("button", { name: `Link to ${SAVED}` }).click();
  const link = await box.locator("code").innerText();
  assert.equal(new URL(link).search, "");
  await box.getByRole("button", { name: `Change ${SAVED}` }).click();
  await box.getByLabel("Name").fill(`${SAVED} b`);
  await press(box.getByRole("button", { name: "Update" }));
  await box.getByText(`${SAVED} b`).waitFor();
  await page.goto(`${demo.console}/investigations`);
  await saved.click();
  await box
    .getByRole("button", { name: `${SAVED} b`, exact: false })
    .first()
    .click();
  await page.waitForURL(/priorities=CRITICAL,HIGH|priorities=HIGH,CRITICAL/);
  const colleague = await open(browser);
  await signIn(colleague, person("administrator"));
  await colleague.goto(link);
  await colleague.waitForURL(/priorities=/);
  await colleague.context().close();
  await saved.click();
  await box.getByRole("button", { name: `Delete ${SAVED} b` }).click();
  await press(box.getByRole("button", { name: "Delete", exact: true }));
  await box.getByText(`${SAVED} b`).waitFor({ state: "detached" });
  await page.keyboard.press("Escape");
});

test("the browser keeps nothing of a customer", { skip: noDemo }, async () => {
  const kept = await page.evaluate(() => JSON.stringify([{ ...localStorage }, { ...sessionStorage }]));
  for (const { name, id, workspace } of await customers())
    for (const text of [name, id, workspace]) assert.ok(!kept.includes(text), `${text} in ${kept}`);
});

for (const colorScheme of ["dark", "light"]) {
  test(`the way in is accessible, and nothing is cut off at 1100 pixels (${colorScheme})`, {
    skip: noDemo,
  }, async () => {
    const one = await open_one();
    const look = await open(browser, { colorScheme, viewport: { width: 1100, height: 700 } });
    await signIn(look, person("administrator"));
    for (const path of [
      "customer-table",
      "home",
      "missing",
      "settings/preferences",
      `customers/${one.id}/investigations`,
      `customers/${one.id}/logs`,
    ]) {
      await look.goto(`${demo.console}/${path}`);
      await settled(look);
      await accessible(look, path);
      const over = await tooWide(look);
      assert.ok(over <= 0, `${path} is ${over} px too wide`);
    }
    await menuButton(look).click();
    await look.getByRole("menuitem").first().waitFor();
    await accessible(look, "multi-customer menu");
    await look.keyboard.press("Escape");
    await look.keyboard.press("Control+k");
    await look.getByRole("option").first().waitFor();
    await accessible(look, "palette");
    await look.keyboard.press("Escape");
    assert.deepEqual(look.complaints, []);
    await look.context().close();
  });
}

test("no page broke its own security policy, and nothing failed unseen", { skip: noDemo }, () => {
  assert.deepEqual(page.complaints, []);
});
