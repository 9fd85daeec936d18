/** What every spec needs: the running demo, a browser, people signed in, and an ear for what must never be said. */
import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { extname, join } from "node:path";
import { after } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { chromium } from "playwright-core";

const ready = process.env.BAILIWICK_READY;

/** Set when there is no demo to test against: the reason, for `skip`. */
export const noDemo = ready ? false : "BAILIWICK_READY does not name the demo's ready file";
export const demo = ready ? JSON.parse(readFileSync(ready, "utf8")) : { users: [], customers: [] };

export const person = (role) => demo.users.find((u) => u.role === role);

const AXE = createRequire(import.meta.url).resolve("axe-core/axe.min.js");
const ARGS = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

export function launch() {
  return chromium.launch({ executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium", args: ARGS });
}

/** The policy the servers send with their pages. */
const CSP =
  "default-src 'self'; script-src 'self'; style-src-elem 'self'; style-src-attr 'unsafe-inline'; img-src 'self' data:; font-src 'self'; connect-src 'self'; object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'";
const KINDS = { ".html": "text/html", ".js": "text/javascript", ".css": "text/css", ".svg": "image/svg+xml" };

/**
 * With `BAILIWICK_DIST` (the folder `dist`), pages built since the binary was are shown in place of those built into it:
 * looking at a change needs no Rust. The API stays the demo's.
 */
async function freshPages(context) {
  const dist = process.env.BAILIWICK_DIST;
  if (!dist) return;
  await context.route(
    (url) => !url.pathname.startsWith("/api/"),
    async (route) => {
      const url = new URL(route.request().url());
      const folder = join(dist, url.origin === demo.console ? "console" : "node");
      const asked = join(folder, url.pathname);
      const path = extname(asked) && existsSync(asked) ? asked : join(folder, "index.html");
      const contentType = KINDS[extname(path)] ?? "application/octet-stream";
      await route.fulfill({ path, contentType, headers: { "content-security-policy": CSP } });
    },
  );
}

/**
 * `BAILIWICK_SLOW=api` makes every answer of the API late, `BAILIWICK_SLOW=cpu` the browser slow, as on a machine that has
 * much else to do: a test that passes only when answers beat its next step fails here, and not once in a while.
 */
export const slow = process.env.BAILIWICK_SLOW;
const READ_MS = 700;
const CHANGE_MS = 1500;

async function slowDown(page) {
  if (slow === "cpu") {
    const session = await page.context().newCDPSession(page);
    await session.send("Emulation.setCPUThrottlingRate", { rate: 6 });
  }
  if (slow !== "api") return;
  await page.route("**/api/**", async (route) => {
    const request = route.request();
    const changes = request.method() !== "GET";
    await sleep((changes ? CHANGE_MS : READ_MS) / 2);
    // A page that went on has taken its question back; a stream has no end to wait for.
    const stream = request.resourceType() === "eventsource" || request.headers().accept === "application/x-ndjson";
    if (request.failure() || stream) return route.fallback().catch(() => {});
    try {
      const response = await route.fetch({ maxRedirects: 0 });
      await sleep((changes ? CHANGE_MS : READ_MS) / 2);
      await route.fulfill({ response });
    } catch {
      await route.abort().catch(() => {});
    }
  });
}

/** A fresh page; breaches of the content security policy and uncaught errors are collected in `complaints`. */
export async function open(browser, options = {}) {
  const context = await browser.newContext({ viewport: { width: 1440, height: 900 }, ...options });
  await freshPages(context);
  const page = await context.newPage();
  page.setDefaultTimeout(slow ? 60_000 : 20_000);
  await slowDown(page);
  page.complaints = [];
  page.on("pageerror", (error) => page.complaints.push(`uncaught: ${error.stack}`));
  page.on("console", (message) => {
    if (/content security policy/i.test(message.text())) page.complaints.push(message.text());
  });
  return page;
}

/** Signs in through the form. */
export async function signIn(page, user) {
  await page.goto(`${demo.console}/sign-in`);
  await page.getByLabel("Mail address").fill(user.email);
  await page.getByLabel("Password").fill(user.password);
  await page.getByRole("button", { name: "Sign in" }).click();
  await page.getByRole("navigation", { name: "Pages" }).waitFor();
}

/** Signs a customer's own administrator in at its node. */
export async function signInNode(page, customer) {
  await page.goto(`${customer.node}/sign-in`);
  await page.getByLabel("User name").fill(customer.admin.user);
  await page.getByLabel("Password").fill(customer.admin.password);
  await page.getByRole("button", { name: "Sign in" }).click();
  await page.getByRole("navigation", { name: "Pages" }).waitFor();
}

/** A page at a customer's node, its administrator signed in, in a browser that goes with the spec's tests. */
export async function atNode(customer) {
  if (noDemo) return null;
  const browser = await launch();
  after(() => browser.close());
  const page = await open(browser);
  await signInNode(page, customer);
  return page;
}

/** The open dialog; a toast is a dialog, too, and no modal one. */
export const dialog = (page) => page.locator('[role=dialog]:not([aria-modal="false"])');

/** Chooses from the menu of one row of a table. */
export async function menu(page, row, item) {
  await page.getByRole("button", { name: `Actions for ${row}`, exact: true }).click();
  await page.getByRole("menuitem", { name: item }).click();
}

/** The answer to the change that an act on the page brings about. */
async function answerTo(page, act) {
  const changes = (response) =>
    response.request().method() !== "GET" && new URL(response.url()).pathname.startsWith("/api/");
  const [response] = await Promise.all([page.waitForResponse(changes), act()]);
  return response;
}

/**
 * Presses what changes something, and waits until the server has answered and the page shows it: a field that says already
 * what it is to say proves nothing, and a page left too early takes its change back.
 */
export async function press(button) {
  const page = button.page();
  const response = await answerTo(page, () => button.click());
  assert.ok(response.ok(), `${response.url()}: ${response.status()} ${await response.text().catch(() => "")}`);
  await page.waitForFunction(() => !document.querySelector("[aria-busy=true]"));
  return response;
}

/** Waits until a page has nothing more to read. */
export async function settled(page) {
  // By its name, not its role: below an open dialog it has none.
  await page.locator("h1").waitFor();
  await page.waitForLoadState("networkidle");
  await page.waitForFunction(() => !document.querySelector(".skeleton, [aria-busy=true]"));
}

/** Searches again until a text is among the events: what was taken in a moment ago may be found only in the next. */
export function searched(page, text) {
  return until(`${text} among the events`, async () => {
    await settled(page);
    const events = page.getByRole("region", { name: "Events" }).getByText(text);
    if ((await events.count()) > 0) return true;
    await page.getByRole("button", { name: "Search", exact: true }).click();
    return false;
  });
}

/** What the console says, asked beside the page with the page's own session. */
export async function ask(page, path) {
  const response = await page.request.get(`${demo.console}/api/v1/${path}`);
  assert.equal(response.status(), 200, `${path}: ${await response.text()}`);
  return response.json();
}

/** Changes something beside the page, with its session. */
export async function tell(page, method, path, data) {
  const { csrf } = await ask(page, "me");
  const response = await page.request.fetch(`${demo.console}/api/v1/${path}`, {
    method,
    data,
    headers: { "x-csrf-token": csrf },
  });
  assert.ok(response.ok(), `${method} ${path}: ${response.status()} ${await response.text()}`);
  return response.status() === 204 ? null : response.json();
}

/** Asks until it is true; says what was asked when it never becomes so. */
export async function until(what, check, ms = slow ? 90_000 : 30_000) {
  const end = Date.now() + ms;
  for (;;) {
    const found = await check();
    if (found) return found;
    assert.ok(Date.now() < end, `not within ${ms / 1000} s: ${what}`);
    await sleep(300);
  }
}

export const rowOf = (page, rrn) => page.locator(`[data-rrn="${rrn}"]`);

/** Waits for the queue's rows. The demo's stories need up to two minutes. */
export async function openQueue(page, search = "") {
  await page.goto(`${demo.console}/investigations${search}`);
  await page.locator("[data-rrn]").first().waitFor({ timeout: 120_000 });
}

/** An open investigation this person may change, of one customer if told; waits for the stories to bring one. */
export function workable(page, taken = []) {
  return until(
    "an investigation that may be changed",
    async () => {
      const { data } = await ask(page, "investigations?statuses=OPEN,INVESTIGATING,WAITING&limit=200");
      for (const row of data.filter((r) => !taken.includes(r.rrn))) {
        const detail = await ask(page, `investigations/${row.rrn}`);
        if (detail.may_edit) return row;
      }
      return null;
    },
    150_000,
  );
}

/** Fails on any WCAG A or AA rule that axe finds broken. */
export async function accessible(page, what) {
  await page.evaluate(readFileSync(AXE, "utf8"));
  const broken = await page.evaluate(async () => {
    const tags = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"];
    // A popup's guards hand the focus on the moment they get it: nobody is ever on one.
    const guards = [["[data-base-ui-focus-guard]"]];
    const { violations } = await window.axe.run({ include: document, exclude: guards }, { runOnly: tags });
    return violations.map((v) => `${v.id}: ${v.nodes.map((n) => n.html.slice(0, 200)).join(" | ")}`);
  });
  assert.deepEqual(broken, [], what);
}

/** How many pixels the page is wider than its window. */
export async function tooWide(page) {
  return page.evaluate(() => {
    const main = document.querySelector("main");
    return Math.max(main.scrollWidth - main.clientWidth, document.body.scrollWidth - window.innerWidth);
  });
}
