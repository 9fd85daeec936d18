/** The seven dashboards: what they show is what the API says; state in the address; drawing, drilling, files; who is missing. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { after, before, test } from "node:test";
import { accessible, ask, demo, dialog, launch, noDemo, open, person, settled, signIn, until } from "./demo.mjs";

const SEVEN = [
  ["collector-health-issues", 6],
  ["credits", 8],
  ["failed-records-analysis", 9],
  ["ingest-summary", 15],
  ["ingestion-by-source-category", 4],
  ["insights", 16],
  ["signals-analysis", 6],
];

let browser;
let page;

before(async () => {
  if (noDemo) return;
  browser = await launch();
  page = await open(browser);
  await signIn(page, person("administrator"));
});

after(() => browser?.close());

/** Opens a dashboard, and waits until every panel is answered. */
async function at(name, search = "", on = page) {
  await on.goto(`${demo.console}/dashboards/${name}${search}`);
  await on.locator("[data-panel]").first().waitFor();
  await settled(on);
}

const panel = (id, on = page) => on.locator(`[data-panel="${id}"]`);

/** What the page asks next, and what it is answered: the frames by their panel. The browser keeps no body that a page reads as it comes. */
async function answered(on, act) {
  const asked = new Promise((resolve, reject) => {
    const pass = async (route) => {
      const response = await route.fetch();
      const text = await response.text();
      await route.fulfill({ response, body: text });
      return { query: route.request().postDataJSON(), text };
    };
    const isQuery = (url) => /\/dashboards\/[\w-]+\/query$/.test(url.pathname);
    on.route(isQuery, (route) => pass(route).then(resolve, reject), { times: 1 }).catch(reject);
  });
  await act();
  const { query, text } = await asked;
  const lines = text
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line));
  await settled(on);
  const panels = lines.filter((line) => "panel" in line && !line.partial);
  return {
    query,
    frames: new Map(panels.map((line) => [line.panel, line.frame])),
    scope: lines.find((line) => "scope" in line)?.scope,
  };
}

/** The same question, asked beside the page without series being added up or progress told. */
async function query(name, body) {
  const { csrf } = await ask(page, "me");
  const response = await page.request.post(`${demo.console}/api/v1/dashboards/${name}/query`, {
    data: body,
    headers: { "x-csrf-token": csrf },
  });
  assert.equal(response.status(), 200, await response.text());
  const lines = (await response.text())
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line));
  return new Map(lines.filter((line) => "panel" in line).map((line) => [line.panel, line.frame]));
}

const numbers = (frame) => frame.columns.find((column) => column.type === "number")?.values ?? [];
const texts = (locator) => locator.evaluateAll((all) => all.map((each) => each.dataset.value));

test("the list names the seven and how many panels each has", { skip: noDemo }, async () => {
  await page.goto(`${demo.console}/home`);
  await settled(page);
  await page.keyboard.press("g");
  await page.keyboard.press("d");
  const cards = page.getByRole("list", { name: "Dashboards of the program" }).getByRole("listitem");
  await until("seven cards", async () => (await cards.count()) === 7);
  const { data } = await ask(page, "dashboards");
  for (const [name, panels] of SEVEN)
    assert.equal(data.find((line) => line.name === name)?.panels.length, panels, name);
});

for (const colorScheme of ["dark", "light"]) {
  test(`all seven open and break no rule of accessibility (${colorScheme})`, { skip: noDemo }, async () => {
    const own = await open(browser, { colorScheme });
    await signIn(own, person("administrator"));
    for (const [name, panels] of SEVEN) {
      await at(name, "", own);
      assert.equal(await own.locator("[data-panel]").count(), panels, name);
      await accessible(own, `${name}, ${colorScheme}`);
    }
    assert.deepEqual(own.complaints, []);
    await own.context().close();
  });
}

test("every number on a page is what the API says", { skip: noDemo }, async () => {
  for (const [name] of SEVEN) {
    const seen = await answered(page, () => at(name, "?range=7d"));
    const told = await query(name, { ...seen.query, progress: false });
    const definition = await ask(page, `dashboards/${name}`);
    for (const { id, chart, unit } of definition.sections.flatMap((section) => section.panels)) {
      const frame = seen.frames.get(id);
      assert.ok(frame, `${name} ${id}`);
      // Time goes on: what came between the two questions may count in the second alone.
      assert.deepEqual(
        told.get(id).columns.map((column) => column.name),
        frame.columns.map((column) => column.name),
        `${name} ${id}`,
      );
      const empty = (await panel(id).locator("[data-empty]").count()) > 0;
      const shown = await texts(panel(id).locator("[data-value]"));
      const values = numbers(frame).map((value) => (value === null ? "" : String(value)));
      if (chart === "single") assert.deepEqual(shown, values, `${name} ${id}`);
      if (empty)
        assert.ok(values.length === 0 || values.every((value) => value === "0" || value === ""), `${name} ${id}`);
      else if (chart === "bar") assert.deepEqual(shown, values.slice(0, shown.length), `${name} ${id}`);
      if (chart === "table" && unit !== "rows" && !empty) {
        const first = await texts(panel(id).locator("[data-row='0'] [data-value]"));
        assert.ok(first.includes(values[0]), `${name} ${id}`);
      }
    }
  }
});

test("filters stand in the address, are asked, and survive a reload", { skip: noDemo }, async () => {
  await at("credits");
  await page.getByRole("button", { name: /^org_name/ }).click();
  await page.getByRole("checkbox", { name: new RegExp(`^${demo.customers[0].name}`) }).click();
  await page.keyboard.press("Escape");
  await page.getByLabel("timeslice").selectOption("4h");
  await page.getByLabel("CSETierBurndownRate").fill("30");
  const seen = await answered(page, () => page.getByLabel("CSETierBurndownRate").press("Enter"));
  assert.deepEqual(seen.query.org_name, [demo.customers[0].name]);
  assert.equal(seen.query.timeslice, "4h");
  assert.deepEqual(seen.query.rates, { continuous: 20, frequent: 9, infrequent: 0.4, cse: 30 });
  await page.getByText("1 GB = 2^30 bytes").waitFor();
  const again = await answered(page, () => page.reload());
  assert.deepEqual({ ...again.query, from: null, to: null }, { ...seen.query, from: null, to: null });
  assert.equal(await page.getByLabel("CSETierBurndownRate").inputValue(), "30");
});

test("a panel has a range of its own by its clock", { skip: noDemo }, async () => {
  await at("signals-analysis");
  await panel("signals")
    .getByRole("button", { name: /^Time range of/ })
    .click();
  const seen = await answered(page, () => page.getByRole("menuitemradio", { name: "Last 1 hour" }).click());
  const { from, to } = seen.query.panels.signals;
  assert.equal(Date.parse(to) - Date.parse(from), 3_600_000);
  assert.match(page.url(), /panels=signals~1h/);
  await panel("signals").getByText("1 hour", { exact: true }).waitFor();
});

test("a span dragged over a chart becomes the range", { skip: noDemo }, async () => {
  await at("ingest-summary", "?range=7d");
  const points = panel("total-average-ingest-trend-by-orgs").locator("[data-points]");
  await points.scrollIntoViewIfNeeded();
  const box = await points.boundingBox();
  await page.mouse.move(box.x + box.width * 0.6, box.y + 30);
  await page.mouse.down();
  await page.mouse.move(box.x + box.width * 0.9, box.y + 30, { steps: 5 });
  const seen = await answered(page, () => page.mouse.up());
  assert.ok(Date.parse(seen.query.to) - Date.parse(seen.query.from) < 5 * 86_400_000);
  assert.match(page.url(), /from=/);
});

test("a chart is walked through by keyboard, and leads to the rows behind a point", { skip: noDemo }, async () => {
  await at("ingest-summary", "?range=7d");
  const points = panel("total-average-ingest-trend-by-orgs").locator("[data-points]");
  await points.focus();
  await page.keyboard.press("End");
  await page.keyboard.press("Enter");
  await page.getByRole("menuitem", { name: "Zoom to this time" }).waitFor();
  await page.getByRole("menuitem").first().click();
  await page.waitForURL(/\/logs/);
  assert.match(decodeURIComponent(page.url().replaceAll("+", " ")), /receipt_time:\[/);
});

test("view as table, and the same as a file", { skip: noDemo }, async () => {
  await at("ingest-summary", "?range=7d");
  const one = panel("total-average-ingestion-by-orgs");
  const menu = () => one.getByRole("button", { name: /^Menu of/ }).click();
  await menu();
  const [whole] = await Promise.all([
    page.waitForResponse((response) => response.url().endsWith("/query")),
    page.getByRole("menuitem", { name: "View as table" }).click(),
  ]);
  assert.equal(whole.request().postDataJSON().series, undefined);
  await dialog(page).getByRole("table").waitFor();
  await accessible(page, "view as table");
  const download = page.waitForEvent("download");
  await dialog(page).getByRole("button", { name: "CSV" }).click();
  const file = await download;
  assert.equal(file.suggestedFilename(), "ingest-summary-total-average-ingestion-by-orgs.csv");
  assert.match(readFileSync(await file.path(), "utf8"), /^org_name,org_id,/);
  await page.keyboard.press("Escape");
  await menu();
  const picture = page.waitForEvent("download");
  await page.getByRole("menuitem", { name: "PNG" }).click();
  assert.match((await picture).suggestedFilename(), /\.png$/);
});

test("explain says what is counted, and every panel opens in log search", { skip: noDemo }, async () => {
  await at("credits");
  const one = panel("cse-tier");
  // Tab reaches the panel, Enter opens its menu.
  await one.focus();
  await page.keyboard.press("Enter");
  await page.getByRole("menuitem", { name: "Explain" }).click();
  await dialog(page).getByText("times the rate of the tier").waitFor();
  await accessible(page, "explain");
  await page.keyboard.press("Escape");
  await one.getByRole("button", { name: /^Menu of/ }).click();
  await page.getByRole("menuitem", { name: "Open in log search" }).click();
  await page.waitForURL(/\/logs/);
});

test("a bar leads to the rows behind it, of that customer and time", { skip: noDemo }, async () => {
  await at("failed-records-analysis", "?range=7d");
  const bar = panel("failed-records-count-by-organizations").locator("[data-drill]").first();
  if ((await bar.count()) === 0) return;
  await bar.click();
  await page.waitForURL(/\/customers\/[^/]+\/logs/);
  await until("the question", async () =>
    /record_type:FailedRecord AND receipt_time:\[/.test(
      await page.getByRole("textbox", { name: "Query" }).inputValue(),
    ),
  );
});

test("who did not answer is named, and marked on every panel as missing", { skip: noDemo }, async () => {
  const { data } = await ask(page, "customers");
  const down = data.find((customer) => customer.health === "down" && customer.role);
  if (!down) return;
  const seen = await answered(page, () => at("signals-analysis"));
  assert.equal(seen.scope.complete, false);
  await page.getByTestId("scope").click();
  await page.getByRole("dialog", { name: "Customers missing from this answer" }).getByText(down.name).first().waitFor();
  await page.keyboard.press("Escape");
  await panel("signals")
    .getByText(/missing/)
    .first()
    .waitFor();
  const orgs = seen.frames.get("signals-by-organizations").columns.find((column) => column.name === "org_name").values;
  assert.ok(!orgs.includes(down.name), "it is not there as zero");
});

test("an own dashboard is saved, changed and deleted", { skip: noDemo }, async () => {
  await at("signals-analysis");
  await page.getByRole("button", { name: "Save as…" }).click();
  const title = `Night shift ${Date.now()}`;
  await dialog(page).getByRole("textbox", { name: "Title", exact: true }).fill(title);
  await accessible(page, "editor");
  await dialog(page).getByRole("button", { name: "Save", exact: true }).click();
  await page.getByRole("heading", { level: 1, name: title }).waitFor();
  await page.getByRole("button", { name: "Edit" }).click();
  await dialog(page).getByRole("button", { name: "Add a panel" }).click();
  await dialog(page).getByRole("button", { name: "Save changes" }).click();
  await until("a panel more", async () => (await page.locator("[data-panel]").count()) === 7);
  await page.getByRole("button", { name: "Delete" }).click();
  await dialog(page).getByRole("button", { name: "Delete" }).click();
  await page.waitForURL(/\/dashboards$/);
  await until("it is gone", async () => !(await ask(page, "dashboards")).data.some((line) => line.title === title));
});

test("rate cards are set and taken away by an administrator", { skip: noDemo }, async () => {
  await at("credits");
  await page.getByRole("button", { name: "Rate cards" }).click();
  const form = dialog(page).getByRole("form", { name: "New rate card" });
  await form.getByLabel("CSE").fill("26");
  await form.getByLabel("From").fill("2026-01-01T00:00");
  await form.getByRole("button", { name: "Save" }).click();
  await dialog(page).getByRole("cell", { name: "26", exact: true }).waitFor();
  await dialog(page)
    .getByRole("button", { name: /^Remove the card of Everybody/ })
    .first()
    .click();
  await until("it is gone", async () => !(await ask(page, "rate-cards")).data.some(({ rates }) => rates.cse === 26));
});

test("a customer's health page says how it scores and why", { skip: noDemo }, async () => {
  const { data } = await ask(page, "customers");
  const one = data.find((customer) => customer.health === "up" && customer.role);
  await page.goto(`${demo.console}/customers/${one.id}?tab=health`);
  await page.getByTestId("score").waitFor();
  const told = await ask(page, `customers/${one.id}/health-score`);
  assert.equal(
    await page.getByRole("list", { name: "What the score is made of" }).getByRole("listitem").count(),
    told.parts.length,
  );
});

test("no page broke its own security policy, and nothing failed unseen", { skip: noDemo }, () => {
  assert.deepEqual(page.complaints, []);
});
