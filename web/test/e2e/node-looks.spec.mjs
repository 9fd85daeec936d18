/** Every page and dialog of a node in both themes: no accessibility rule broken, nothing cut off at 1100 pixels. */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { accessible, demo, launch, noDemo, open, settled, signInNode, tooWide } from "./demo.mjs";

/** Every page of a workspace's administrator. */
const NODE_PAGES = [
  "access",
  "sources",
  "logs",
  "logs?view=sql",
  "investigations",
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
