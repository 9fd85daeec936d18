/** The queue while a node goes down and comes back, and while rows come in: seen without a reload. Needs a node of its own. */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { ask, demo, launch, open, person, signIn, tell, until } from "./demo.mjs";
import { noNode, OwnNode } from "./own-node.mjs";

const NAME = `Queue walk ${process.pid}`;
const admin = { user: "admin", password: `a password of its own ${process.pid}` };
const TURN_MS = 120_000;

let browser;
let page;
let node;
let customer;

before(async () => {
  if (noNode) return;
  browser = await launch();
  page = await open(browser);
  await signIn(page, person("administrator"));
  node = new OwnNode();
  await node.start();
  const theirs = await open(browser, { ignoreHTTPSErrors: true });
  await theirs.goto(await node.addWorkspace(NAME, admin.user));
  await theirs.getByLabel("Password", { exact: true }).fill(admin.password);
  await theirs.getByLabel("Password again").fill(admin.password);
  await theirs.getByRole("button", { name: "Set password and sign in" }).click();
  await theirs.getByRole("navigation", { name: "Pages" }).waitFor();
  await theirs.context().close();
  const { hostname, port } = node.url;
  const where = { server: hostname, port: Number(port), scheme: "https", fingerprint: node.fingerprint };
  const made = await tell(page, "POST", "customers", {
    name: NAME,
    mail: "walk@x.example",
    ...where,
    admin,
    primary: false,
  });
  const { id: user } = await ask(page, "me");
  await tell(page, "PUT", "grants", { user, customer: made.id, role: "administrator" });
  customer = await until(
    "its node is up",
    async () => {
      const found = (await ask(page, "customers")).data.find(({ name }) => name === NAME);
      return found?.health === "up" && found.role ? found : null;
    },
    TURN_MS,
  );
});

after(async () => {
  if (noNode) return;
  try {
    if (customer) {
      await node.start();
      const { password } = person("administrator");
      await until(
        "its node is up again",
        async () => (await ask(page, `customers/${customer.id}`)).health === "up",
        TURN_MS,
      );
      await tell(page, "DELETE", `customers/${customer.id}`, { password, now: true });
    }
  } finally {
    await browser.close();
    await node?.remove();
  }
});

test("a node that goes down and comes back changes the scope line and the count without a reload", {
  skip: noNode,
}, async () => {
  const title = `Before it went ${process.pid}`;
  await tell(page, "POST", "investigations", { customer: customer.id, title, priority: "CRITICAL" });
  await page.goto(`${demo.console}/investigations`);
  const line = page.locator("[data-rrn]", { hasText: title });
  await line.waitFor();
  let loads = 0;
  page.on("load", () => loads++);
  const scope = page.getByTestId("scope");
  const missing = page.getByRole("dialog", { name: "Customers missing from this answer" });
  await node.stop();
  await line.waitFor({ state: "detached", timeout: TURN_MS });
  await page
    .getByTestId("count")
    .getByText(/^at least/)
    .waitFor();
  await scope.click();
  await missing.getByText(NAME).waitFor();
  await page.keyboard.press("Escape");
  await node.start();
  await line.waitFor({ timeout: TURN_MS });
  await scope.click();
  await missing.getByText(NAME).waitFor({ state: "detached", timeout: TURN_MS });
  await page.keyboard.press("Escape");

  const second = `While somebody looked ${process.pid}`;
  await tell(page, "POST", "investigations", { customer: customer.id, title: second, priority: "CRITICAL" });
  const fresh = page.locator("[data-rrn]", { hasText: second });
  await fresh.waitFor({ timeout: 10_000 });
  assert.equal(loads, 0, "nothing was loaded anew");
});

test("no page broke its own security policy, and nothing failed unseen", { skip: noNode }, () => {
  assert.deepEqual(page.complaints, []);
});
