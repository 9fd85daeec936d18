/** Every page and dialog of a node in both themes: no accessibility rule broken, nothing cut off at 1100 pixels. */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import {
  accessible,
  demo,
  dialog,
  launch,
  noDemo,
  open,
  openQueue,
  person,
  press,
  settled,
  signIn,
  signInNode,
  tooWide,
  until,
} from "./demo.mjs";

/** Every page of a workspace's administrator. */
const NODE_PAGES = [
  "access",
  "sources",
  "logs",
  "logs?view=sql",
  "investigations",
  "answers",
  "detection",
  "detection/new-rule",
  "detection/signals",
  "detection/exceptions",
  "detection/entities",
  "detection/custom-insights",
  "detection/settings",
  "parsers",
  "parsers/new",
  "failed-records",
  "volume",
  "volume?view=accounting",
  "volume?view=storage",
  "health",
  "health?view=changes",
  "audit",
];

let browser;

before(async () => {
  if (!noDemo) browser = await launch();
});

after(() => browser?.close());

for (const colorScheme of ["dark", "light"]) {
  test(`the node's pages are accessible (${colorScheme})`, { skip: noDemo }, async () => {
    const customer = demo.customers[0];
    const page = await open(browser, { colorScheme });
    await page.goto(`${customer.node}/sign-in`);
    await page.getByLabel("Password").waitFor();
    await accessible(page, "node sign-in");
    await signInNode(page, customer);
    for (const path of NODE_PAGES) {
      await page.goto(`${customer.node}/${path}`);
      await settled(page);
      await accessible(page, path);
    }
    await page.context().close();
  });
}

/** Dialogs, each opened from its page. */
const NODE_DIALOGS = [
  ["sources", "Add source"],
  ["sources", "Add collector"],
  ["detection/exceptions", "Add exception"],
  ["detection/custom-insights", "Add custom insight"],
  ["detection/entities", "Add setting"],
  ["failed-records", "Replay…"],
];

for (const colorScheme of ["dark", "light"]) {
  test(`the node's dialogs are accessible (${colorScheme})`, { skip: noDemo }, async () => {
    const customer = demo.customers[0];
    const page = await open(browser, { colorScheme });
    await signInNode(page, customer);
    for (const [path, button] of NODE_DIALOGS) {
      await page.goto(`${customer.node}/${path}`);
      await page.getByRole("button", { name: button, exact: true }).first().click();
      await page.getByRole("dialog").getByRole("button", { name: "Cancel" }).waitFor();
      await accessible(page, `${path}: ${button}`);
      await page.keyboard.press("Escape");
      await page.getByRole("dialog").waitFor({ state: "detached" });
    }
    await page.goto(`${customer.node}/detection`);
    await page.locator("[data-rule] a").first().click();
    await page.getByRole("dialog").getByRole("button", { name: "On trial" }).waitFor();
    await accessible(page, "a rule");
    await page.context().close();
  });
}

for (const colorScheme of ["dark", "light"]) {
  test(`an investigation, as its customer reads it, is accessible (${colorScheme})`, { skip: noDemo }, async () => {
    const customer = demo.customers[0];
    const page = await open(browser, { colorScheme, viewport: { width: 1100, height: 700 } });
    await signInNode(page, customer);
    await page.goto(`${customer.node}/investigations`);
    await page.getByRole("table", { name: "Investigations" }).getByRole("link").first().click();
    await page.locator("[data-entry]").first().waitFor();
    for (const name of ["Timeline", "Comments", "Files", "History"]) {
      await page.getByRole("tab", { name: new RegExp(`^${name}`) }).click();
      await settled(page);
      await accessible(page, name);
      assert.ok((await tooWide(page)) <= 0, `${name} is too wide`);
    }
    assert.deepEqual(page.complaints, []);
    await page.context().close();
  });
}

test("exports are forbidden and allowed again by the workspace's own administrator", { skip: noDemo }, async () => {
  const customer = demo.customers[0];
  const page = await open(browser);
  await signInNode(page, customer);
  await page.goto(`${customer.node}/investigations`);
  const exports = page.getByRole("region", { name: "Exports" });
  await exports.getByText("Yes", { exact: true }).waitFor();
  await exports.getByRole("button", { name: "Forbid…" }).click();
  await accessible(page, "forbid");
  await press(dialog(page).getByRole("button", { name: "Forbid", exact: true }));
  await exports.getByText("No", { exact: true }).waitFor();
  await exports.getByRole("button", { name: "Allow…" }).click();
  await dialog(page)
    .getByText(/What has left this node is out of its reach/)
    .waitFor();
  await press(dialog(page).getByRole("button", { name: "Allow", exact: true }));
  await exports.getByText("Yes", { exact: true }).waitFor();
  await page.context().close();
});

test("what the console was told is on record: who, what kind, how many rows; and as a file", {
  skip: noDemo,
}, async () => {
  const customer = demo.customers[0];
  const console_ = await open(browser);
  const analyst = person("analyst");
  await signIn(console_, analyst);
  await openQueue(console_);
  const page = await open(browser);
  await signInNode(page, customer);
  await until("the analyst's question is on record", async () => {
    await page.goto(`${customer.node}/answers?email=${encodeURIComponent(analyst.email)}&kind=investigations.list`);
    await settled(page);
    return (await page.locator("[data-answer]").filter({ hasText: "The queue" }).count()) > 0;
  });
  const download = page.waitForEvent("download");
  await page.getByRole("link", { name: "Download NDJSON" }).click();
  const lines = [];
  for await (const chunk of await (await download).createReadStream()) lines.push(chunk);
  const [first] = Buffer.concat(lines).toString().split("\n");
  assert.equal(JSON.parse(first).email, analyst.email);
  await console_.context().close();
  await page.context().close();
});

test("at 1100 by 700 no page of a node scrolls sideways", { skip: noDemo }, async () => {
  const customer = demo.customers[0];
  const page = await open(browser, { viewport: { width: 1100, height: 700 } });
  await signInNode(page, customer);
  for (const path of NODE_PAGES) {
    await page.goto(`${customer.node}/${path}`);
    await settled(page);
    const over = await tooWide(page);
    assert.ok(over <= 0, `${path} is ${over} px too wide`);
  }
  await page.context().close();
});
