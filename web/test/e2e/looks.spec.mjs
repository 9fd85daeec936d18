/** Every main page of the console in both themes: no accessibility rule broken, nothing cut off at 1100 pixels. */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { accessible, demo, launch, noDemo, open, openQueue, person, settled, signIn, tooWide } from "./demo.mjs";

let browser;

before(async () => {
  if (!noDemo) browser = await launch();
});

after(() => browser?.close());

for (const colorScheme of ["dark", "light"]) {
  test(`the console's pages are accessible (${colorScheme})`, { skip: noDemo }, async () => {
    const page = await open(browser, { colorScheme });
    await page.goto(`${demo.console}/sign-in`);
    await page.getByLabel("Password").waitFor();
    await accessible(page, "sign-in");
    await signIn(page, person("administrator"));
    await openQueue(page);
    await page.keyboard.press("j");
    await accessible(page, "queue");
    await page.getByTestId("scope").click();
    const missing = page.getByRole("dialog", { name: "Customers missing from this answer" });
    await missing.waitFor();
    await accessible(page, "scope");
    await page.keyboard.press("Escape");
    await missing.waitFor({ state: "detached" });
    await page.keyboard.press("s");
    await page.getByRole("menuitemradio").first().waitFor();
    await accessible(page, "status menu");
    await page.keyboard.press("Escape");
    await page.locator("[data-rrn] a").first().click();
    await page.locator("[data-entry]").first().waitFor();
    await accessible(page, "detail");
    await page.getByRole("tab", { name: "Records" }).click();
    await page.getByTestId("records").waitFor();
    for (const name of ["Alerts", "Comments", "Evidence", "Files", "Related", "History", "Audit"]) {
      await page.getByRole("tab", { name: new RegExp(`^${name}`) }).click();
      await settled(page);
      await accessible(page, `detail: ${name}`);
    }
    await page.goto(`${demo.console}/logs#q=record_type%3AAuthentication`);
    await page.getByTestId("scope").waitFor();
    await accessible(page, "logs across customers");
    const { id } = demo.customers[0];
    const own = ["", "?tab=sync", "?tab=licence", "?tab=access"].map((tab) => `customers/${id}${tab}`);
    const others = [
      `customers?customer=${id}`,
      "customers?view=codes",
      `licences?customer=${id}`,
      "settings/customers",
    ];
    const wayIn = ["dashboards", "customer-table", "home", "missing", "settings/preferences"];
    for (const path of ["customers", ...wayIn, ...own, ...others, "licences", "technicians", "access", "audit"]) {
      await page.goto(`${demo.console}/${path}`);
      await settled(page);
      await accessible(page, path);
    }
    await page.context().close();
  });
}

test("at 1100 by 700 no page scrolls sideways", { skip: noDemo }, async () => {
  const page = await open(browser, { viewport: { width: 1100, height: 700 } });
  await signIn(page, person("administrator"));
  const own = ["", "?tab=health", "?tab=sync", "?tab=licence", "?tab=access"].map(
    (tab) => `customers/${demo.customers[0].id}${tab}`,
  );
  for (const path of [
    "investigations",
    "customers",
    ...own,
    "licences",
    "settings/customers",
    "settings/notifications",
    "technicians",
    "customers?view=groups",
    "access",
    "audit",
    "dashboards",
    "dashboards/credits",
  ]) {
    await page.goto(`${demo.console}/${path}`);
    await settled(page);
    const over = await tooWide(page);
    assert.ok(over <= 0, `${path} is ${over} px too wide`);
  }
  await page.context().close();
});
