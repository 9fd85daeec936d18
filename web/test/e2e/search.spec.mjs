/** Log search in both entries: histogram, fields, a wrong query, SQL; and that what is searched stays out of every query string. */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { demo, launch, noDemo, open, person, settled, signIn, signInNode, until } from "./demo.mjs";

let browser;
const customer = demo.customers[0];
/** The two pages that search the same logs. */
const entries = [
  { name: "the node's", url: `${customer?.node}/logs`, enter: (page) => signInNode(page, customer), page: null },
  {
    name: "the console's",
    url: `${demo.console}/customers/${customer?.id}/logs`,
    enter: (page) => signIn(page, person("administrator")),
    page: null,
  },
];

before(async () => {
  if (noDemo) return;
  browser = await launch();
  for (const entry of entries) {
    entry.page = await open(browser);
    await entry.enter(entry.page);
  }
});

after(() => browser?.close());

const number = (text) => Number(/[\d,]+/.exec(text)?.[0].replaceAll(",", ""));
const total = async (page) => number(await page.getByTestId("total").innerText());
const query = (page) => page.getByRole("textbox", { name: "Query" });

for (const entry of entries) {
  test(`${entry.name} histogram narrows the window, by pointer`, { skip: noDemo }, async () => {
    const { page, url } = entry;
    await page.goto(url);
    const chart = page.getByRole("img", { name: /events over time/ });
    await chart.waitFor();
    await settled(page);
    const before = await total(page);
    assert.ok(before > 0);
    const box = await chart.boundingBox();
    await page.mouse.move(box.x + box.width * 0.5, box.y + 40);
    await page.mouse.down();
    await page.mouse.move(box.x + box.width * 0.7, box.y + 40, { steps: 4 });
    await page.mouse.up();
    await page.waitForURL(/range=custom/);
    await page.getByLabel("From", { exact: true }).waitFor();
    await until("fewer events are left", async () => (await total(page)) < before);
    const narrow = page.url();
    await page.getByRole("button", { name: "A wider window" }).click();
    await page.waitForURL((u) => u.href !== narrow);
    await page.goBack();
    await page.waitForURL(narrow);
    await page.goBack();
    await page.waitForURL((u) => !u.search.includes("custom"));
  });

  test(`${entry.name} fields add conditions, and take values out`, { skip: noDemo }, async () => {
    const { page, url } = entry;
    await page.goto(url);
    const values = page.locator('[data-facet="record_type"] li');
    await values.first().waitFor();
    const nameOf = (value) => value.locator("span.truncate").innerText();
    const first = await nameOf(values.first());
    await values.first().getByRole("button").first().click();
    await until("the condition stands there", async () => (await query(page).inputValue()) === `record_type:${first}`);
    await until("one value is left", async () => (await values.count()) === 1);
    const row = page.getByRole("region", { name: "Events" }).locator("button[aria-expanded]").first();
    await row.getByText(first).first().waitFor();
    await page.goBack();
    await until("all are back", async () => (await values.count()) > 1);
    await settled(page);
    const second = await nameOf(values.nth(1));
    await values
      .nth(1)
      .getByRole("button")
      .first()
      .click({ modifiers: ["Alt"] });
    const without = `NOT record_type:${second}`;
    await until("it is taken out", async () => (await query(page).inputValue()) === without);
    assert.ok(!new URL(page.url()).search.includes("record_type"), "the query stays out of the query string");
  });

  test(`${entry.name} wrong query is pointed at`, { skip: noDemo }, async () => {
    const { page, url } = entry;
    await page.goto(url);
    await query(page).fill("source.port:abc");
    await page.getByRole("button", { name: "Search" }).click();
    const fault = page.getByTestId("query-fault");
    await fault.waitFor();
    assert.equal(await fault.locator("mark").innerText(), "a");
    await query(page).fill("");
    await page.getByRole("button", { name: "Search" }).click();
    await fault.waitFor({ state: "detached" });
    await page.getByRole("region", { name: "Events" }).waitFor();
  });

  test(`${entry.name} SQL is run, refused at the character, and cut off with a notice`, { skip: noDemo }, async () => {
    const { page, url } = entry;
    await page.goto(url);
    await page.getByRole("button", { name: "SQL" }).click();
    await page.getByLabel("SQL", { exact: true }).fill("SELECT count(*) AS n FROM records");
    await page.keyboard.press("Control+Enter");
    const result = page.getByRole("table", { name: "Result" });
    await result.waitFor();
    assert.ok(number(await result.getByRole("cell").first().innerText()) > 0);
    assert.match(page.url(), /#sql=/);
    assert.ok(!new URL(page.url()).search.includes("SELECT"), "the statement stays out of the query string");
    await page.getByLabel("SQL", { exact: true }).fill("SELECT *\nFROM nowhere");
    await page.getByRole("button", { name: "Run" }).click();
    await page.getByRole("button", { name: "Go to line 2, column 6" }).click();
    assert.equal(
      await page.getByLabel("SQL", { exact: true }).evaluate((area) => area.value.slice(area.selectionStart)),
      "nowhere",
    );
    await page.getByLabel("SQL", { exact: true }).fill("SELECT record_type, raw FROM events");
    await page.getByLabel("Rows at most").selectOption("100");
    await page.getByRole("button", { name: "Run" }).click();
    await page.getByText("There are more rows than these.").waitFor();
  });
}

/** Five thousand million comparisons in little memory, however many events there are. */
const LONG = `WITH d AS (SELECT * FROM (VALUES (0),(1),(2),(3),(4),(5),(6),(7),(8),(9),(10),(11)) AS t(x)),
  n AS (SELECT a.x + 12 * b.x + 144 * c.x AS x FROM d a, d b, d c)
SELECT count(*) FROM n a, n b, n c WHERE a.x < b.x AND b.x < c.x`;

for (const entry of entries) {
  test(`${entry.name} statement that takes too long is stopped`, { skip: noDemo }, async () => {
    const { page, url } = entry;
    await page.goto(`${url}?view=sql`);
    await page.getByLabel("SQL", { exact: true }).fill(LONG);
    await page.getByRole("button", { name: "Run" }).click();
    await page.getByRole("list", { name: "Running statements" }).getByText("WITH d AS").first().waitFor();
    await page.getByRole("button", { name: "Cancel" }).click();
    await page.getByText("The statement was stopped.").waitFor();
    await until(
      "nothing runs",
      async () => (await page.getByRole("list", { name: "Running statements" }).count()) === 0,
    );
  });
}

test("the node gives a result as a file; the console gives none", { skip: noDemo }, async () => {
  const [node, console_] = entries.map((entry) => entry.page);
  await node.goto(`${entries[0].url}?view=sql#sql=SELECT+1+AS+one`);
  await node.getByRole("button", { name: "Run" }).click();
  const download = node.waitForEvent("download");
  await node.getByRole("button", { name: "CSV" }).click();
  assert.equal((await download).suggestedFilename(), "bailiwick.csv");
  await console_.goto(`${entries[1].url}?view=sql#sql=SELECT+1+AS+one`);
  await console_.getByRole("button", { name: "Run" }).click();
  await console_.getByRole("table", { name: "Result" }).waitFor();
  assert.equal(await console_.getByRole("button", { name: "CSV" }).count(), 0);
});

test("no page broke its own security policy, and nothing failed unseen", { skip: noDemo }, () => {
  assert.deepEqual(
    entries.flatMap((entry) => entry.page.complaints),
    [],
  );
});
