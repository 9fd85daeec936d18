/** How a customer's node is, where it is said why, and whom the console tells. */
import assert from "node:assert/strict";
import { createHmac } from "node:crypto";
import { createServer } from "node:http";
import { after, before, test } from "node:test";
import { accessible, ask, demo, launch, noDemo, open, person, press, settled, signIn, tell, until } from "./demo.mjs";

let browser;
let page;
const customer = demo.customers[0];

before(async () => {
  if (noDemo) return;
  browser = await launch();
  page = await open(browser);
  await signIn(page, person("administrator"));
});

after(() => browser?.close());

const markOf = (id) => page.locator(`[data-customer="${id}"] [data-health]`);
const tipOf = (name) => page.getByRole("dialog", { name: `Health of ${name}` });
const down = async () => (await ask(page, "customers")).data.find((each) => each.health === "down");

test("the mark says since when and why under the pointer and under the focus, and what to try", {
  skip: noDemo,
}, async () => {
  await until("the customer whose node is away is down", down);
  const away = await down();
  await page.goto(`${demo.console}/customers`);
  await markOf(away.id).hover();
  await tipOf(away.name).getByText("What to try").waitFor();
  await tipOf(away.name).getByText(/since/).waitFor();
  await page.mouse.move(700, 5);
  await tipOf(away.name).waitFor({ state: "detached" });
  await markOf(away.id).focus();
  await tipOf(away.name).getByText("What to try").waitFor();
  await accessible(page, "the popover of a mark");
  await page.keyboard.press("Escape");
  await tipOf(away.name).waitFor({ state: "detached" });
  await markOf(away.id).click();
  await page.waitForURL(/tab=health/);
  await page.getByRole("region", { name: "State" }).getByText("What to try").waitFor();
});

test("the health tab shows both directions, the parts, a day of answers and the history", {
  skip: noDemo,
}, async () => {
  await page.goto(`${demo.console}/customers/${customer.id}?tab=health`);
  for (const direction of ["CONSOLE_TO_NODE", "NODE_TO_CONSOLE"])
    await page.locator(`[data-direction="${direction}"]`).waitFor();
  await page.getByRole("region", { name: "State" }).getByText("Up", { exact: true }).first().waitFor();
  await page.getByRole("table", { name: "Components" }).waitFor();
  const drawing = page.getByRole("img", { name: /^Last 24 hours: [\d,]+ commands? answered/ });
  await drawing.waitFor();
  await page.getByText("View as table").click();
  const { latency } = await ask(page, `customers/${customer.id}/health`);
  assert.ok(latency.length > 0);
  await page.getByRole("table", { name: "Answers in five minutes" }).locator("tbody tr").first().waitFor();
  await accessible(page, "health");
});

test("a fault of the notifications stands at its field", { skip: noDemo }, async () => {
  await page.goto(`${demo.console}/settings/notifications`);
  await settled(page);
  const hook = page.getByLabel("By a call to a URL");
  if (!(await hook.isChecked())) await hook.check();
  await page.getByLabel("URL", { exact: true }).fill("http://somewhere.example/hook");
  await page.getByRole("button", { name: "Save notifications" }).click();
  const url = page.getByLabel("URL", { exact: true });
  await until("the field is marked", async () => (await url.getAttribute("aria-invalid")) === "true");
  await accessible(page, "notifications, refused");
});

test("a webhook is set with a secret that never comes back, and a test reaches it, signed", {
  skip: noDemo,
}, async (t) => {
  const before = await ask(page, "notifications");
  if (before.mail?.has_password || before.webhook?.has_secret) return t.skip("the demo tells somebody: it stays so");
  const calls = [];
  const server = createServer((request, response) => {
    let body = "";
    request.on("data", (part) => {
      body += part;
    });
    request.on("end", () => {
      calls.push({ body, signature: request.headers["x-bailiwick-signature"] });
      response.writeHead(204).end();
    });
  });
  await new Promise((listening) => server.listen(0, "127.0.0.1", listening));
  t.after(async () => {
    server.close();
    const { mail, webhook, degraded, settle_seconds } = before;
    const kept = mail ? { ...mail, has_password: undefined } : null;
    const url = webhook ? { url: webhook.url } : null;
    await tell(page, "PUT", "notifications", { mail: kept, webhook: url, degraded, settle_seconds });
  });
  const secret = `secret-${process.pid}`;
  await page.goto(`${demo.console}/settings/notifications`);
  await settled(page);
  const hook = page.getByLabel("By a call to a URL");
  if (!(await hook.isChecked())) await hook.check();
  await page.getByLabel("URL", { exact: true }).fill(`http://127.0.0.1:${server.address().port}/hook`);
  await page.getByLabel("Secret").fill(secret);
  await press(page.getByRole("button", { name: "Save notifications" }));
  await page.getByText("Leave empty to keep it").waitFor();
  assert.equal(await page.getByLabel("Secret").inputValue(), "");
  assert.ok(!JSON.stringify(await ask(page, "notifications")).includes(secret), "the secret does not come back");
  await press(page.getByRole("button", { name: "Send a test" }));
  await page.locator('[data-trial="webhook"]').getByText("Sent", { exact: true }).waitFor();
  const call = await until("the call is there", () => calls.find(({ body }) => JSON.parse(body).event === "test"));
  const signed = createHmac("sha256", secret).update(call.body).digest("hex");
  assert.equal(call.signature, `sha256=${signed}`);
});

for (const colorScheme of ["dark", "light"]) {
  test(`health and notifications are accessible (${colorScheme})`, { skip: noDemo }, async () => {
    const looked = await open(browser, { colorScheme });
    await signIn(looked, person("administrator"));
    for (const path of [`customers/${customer.id}?tab=health`, "settings/notifications"]) {
      await looked.goto(`${demo.console}/${path}`);
      await settled(looked);
      await accessible(looked, path);
    }
    await looked.context().close();
  });
}

test("health and notifications broke no security policy", { skip: noDemo }, () => {
  assert.deepEqual(page.complaints, []);
});
