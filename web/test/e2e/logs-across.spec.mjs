/** One question to the logs of all customers; and what an analyst does with a row of one customer's. */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { ask, demo, dialog, launch, noDemo, open, person, settled, signIn, until } from "./demo.mjs";

const [allowing, forbidding] = demo.customers;

let browser;
let page;

before(async () => {
  if (noDemo) return;
  browser = await launch();
  page = await open(browser);
  await signIn(page, person("analyst"));
});

after(() => browser?.close());

const across = `${demo.console}/logs?range=all`;
const names = () => page.locator("[data-customer]").evaluateAll((all) => [...new Set(all.map((c) => c.textContent))]);

test("nothing is asked of everybody before somebody says so", { skip: noDemo }, async () => {
  let asked = 0;
  await page.route("**/api/v1/logs/search", (route) => {
    asked += 1;
    return route.fallback();
  });
  await page.goto(across);
  await page.getByText("Ask every customer at once").waitFor();
  await settled(page);
  assert.equal(asked, 0);
  await page.unroute("**/api/v1/logs/search");
});

test("rows of many customers in one list, each with its name, newest first; who is missing is named", {
  skip: noDemo,
}, async () => {
  await page.goto(across);
  await page.getByRole("textbox", { name: "Query" }).fill("record_type:Authentication");
  await page.getByRole("button", { name: "Search" }).click();
  await page.getByTestId("scope").waitFor();
  await until("rows of more than one customer", async () => (await names()).length > 1);
  const times = await page
    .getByRole("region", { name: "Events" })
    .locator("button[aria-expanded] time")
    .evaluateAll((all) => all.map((each) => Date.parse(each.dateTime)));
  assert.deepEqual(
    times,
    [...times].sort((a, b) => b - a),
  );
  const { data } = await ask(page, "customers");
  const down = data.find((customer) => customer.health === "down" && customer.role && customer.role !== "viewer");
  if (down) {
    await page.getByTestId("scope").click();
    await page.getByRole("dialog", { name: "Customers missing from this answer" }).getByText(down.name).waitFor();
    await page.keyboard.press("Escape");
  }
  await page.getByRole("button", { name: /customers? with events/ }).click();
  await page.getByRole("list", { name: "Customers" }).locator("[data-state=DONE]").first().waitFor();
  await page.keyboard.press("Escape");
  assert.ok(!new URL(page.url()).search.includes("Authentication"), "the words stay out of the query string");
});

test("a choice of customers is all that is asked", { skip: noDemo }, async () => {
  await page.goto(`${across}&customers=${allowing.id}#q=record_type%3AAuthentication`);
  await page.getByTestId("scope").waitFor();
  await until("its rows alone", async () => {
    const shown = await names();
    return shown.length === 1 && shown[0] === allowing.name;
  });
});

test("the first hits are there before the last customer has answered, and cancelling hangs up", {
  skip: noDemo,
}, async () => {
  const slow = await open(browser);
  await signIn(slow, person("analyst"));
  // An answer whose end the test withholds: what is shown until then is what the page shows early.
  await slow.addInitScript(
    ({ customer }) => {
      const real = window.fetch;
      window.fetch = (request, init) => {
        if (!String(request.url ?? request).endsWith("/api/v1/logs/search")) return real(request, init);
        const time = "2026-11-22T10:00:00Z";
        const row = { id: "1", event_time: time, receipt_time: time, source: "s", source_category: "c", raw: "" };
        const rows = [
          { ...row, record_type: "Authentication", message: "the first hit", ecs: {}, fields: {}, customer },
        ];
        const progress = { asked: 9, answered: 1, rows: 1, customer, state: "DONE", customer_rows: 1, more: false };
        const text = [{ rows }, { progress }].map((line) => `${JSON.stringify(line)}\n`).join("");
        const stream = new ReadableStream({
          start: (controller) => {
            controller.enqueue(new TextEncoder().encode(text));
            request.signal.addEventListener("abort", () => {
              window.hungUp = true;
              controller.error(request.signal.reason);
            });
          },
        });
        return Promise.resolve(new Response(stream));
      };
    },
    { customer: { id: allowing?.id, name: allowing?.name, region: allowing?.region } },
  );
  await slow.goto(`${across}#q=jdoe`);
  await slow.getByText("the first hit").waitFor();
  await slow.getByText("1 of 9 customers answered").waitFor();
  await slow.getByRole("button", { name: "Cancel" }).click();
  await slow.getByText("Cancelled after 1 of 9 customers").waitFor();
  assert.equal(await slow.evaluate(() => window.hungUp), true);
  await slow.getByText("the first hit").waitFor();
  await slow.context().close();
});

test("around an event stands what the same source said before and after it", { skip: noDemo }, async () => {
  await page.goto(`${demo.console}/customers/${allowing.id}/logs`);
  const events = page.getByRole("region", { name: "Events" });
  await events.locator("button[aria-expanded]").nth(3).click();
  await events.getByRole("button", { name: "Around this event" }).click();
  const list = dialog(page).getByRole("list", { name: "Events around" });
  await list.locator("[aria-current]").waitFor();
  const times = await list.locator("time").evaluateAll((all) => all.map((each) => Date.parse(each.dateTime)));
  assert.ok(times.length > 1);
  assert.deepEqual(
    times,
    [...times].sort((a, b) => a - b),
  );
  await page.keyboard.press("Escape");
});

test("rows are saved as a file where the customer allows that, and elsewhere it is said who can", {
  skip: noDemo,
}, async () => {
  await page.goto(`${demo.console}/customers/${allowing.id}/logs#q=record_type%3AAuthentication`);
  await settled(page);
  const download = page.waitForEvent("download");
  await page.getByRole("button", { name: "CSV" }).click();
  assert.equal((await download).suggestedFilename(), "logs.csv");
  await page.goto(`${demo.console}/customers/${forbidding.id}/logs`);
  await settled(page);
  await page.getByRole("button", { name: "CSV" }).click();
  await dialog(page).getByText(`${forbidding.name} does not allow exports`).waitFor();
  await dialog(page).getByRole("button", { name: "Understood" }).click();
});

test("a click on a field of a row narrows the search to it", { skip: noDemo }, async () => {
  await page.goto(`${demo.console}/customers/${allowing.id}/logs`);
  const events = page.getByRole("region", { name: "Events" });
  await events.locator("button[aria-expanded]").first().click();
  const field = events.getByRole("row").filter({ hasText: "bailiwick.record_type" });
  await field.getByRole("button", { name: /Narrow the search to it/ }).click();
  await until("the condition stands there", async () =>
    /^record_type:/.test(await page.getByRole("textbox", { name: "Query" }).inputValue()),
  );
});

test("no page broke its own security policy, and nothing failed unseen", { skip: noDemo }, () => {
  assert.deepEqual(page.complaints, []);
});
