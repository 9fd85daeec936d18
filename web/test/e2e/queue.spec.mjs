/** The analyst's day: the queue over all customers, changed in place. */
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
  rowOf,
  signIn,
  tell,
  until,
  workable,
} from "./demo.mjs";

let browser;
let page;
const taken = [];

/** An investigation no other test here touches. */
async function mine() {
  const row = await workable(page, taken);
  taken.push(row.rrn);
  return row;
}

/** The queue narrowed to the customer of a row, so that the row is in sight. */
async function narrowTo(row, target = page) {
  await openQueue(target, `?customers=${row.customer.id}&statuses=all`);
  await rowOf(target, row.rrn).waitFor();
}

async function choose(target, rrn, field, name) {
  await rowOf(target, rrn).locator(`[data-field=${field}]`).click();
  await target.getByRole("menuitemradio", { name, exact: false }).click();
}

before(async () => {
  if (noDemo) return;
  browser = await launch();
  page = await open(browser);
  await signIn(page, person("analyst"));
});

after(() => browser?.close());

test("a wrong password is refused in words", { skip: noDemo }, async () => {
  const other = await open(browser);
  await other.goto(`${demo.console}/investigations`);
  await other.getByLabel("Mail address").fill(person("analyst").email);
  await other.getByLabel("Password").fill("certainly not this one");
  await other.getByRole("button", { name: "Sign in" }).click();
  assert.match(await other.getByRole("alert").innerText(), /do not belong together/);
  await other.context().close();
});

test("the queue shows investigations and names who is missing, and why", { skip: noDemo }, async () => {
  await openQueue(page);
  const line = page.getByTestId("scope");
  await until("the scope line counts", async () => /\d+ of \d+ customers answered/.test(await line.innerText()));
  await line.click();
  const missing = page.getByRole("dialog", { name: "Customers missing from this answer" });
  const says = (what, words) => until(`${what} is said`, async () => words.test(await missing.innerText()));
  const access = await ask(page, "me/access");
  for (const entry of access.data.filter((a) => !a.allowed && a.customer)) {
    await says(entry.reason, new RegExp(`${entry.customer.name}[^]*${entry.reason}`));
  }
  const down = (await ask(page, "customers")).data.find((c) => c.health === "down" && c.role);
  if (down) await says("that a node is down", new RegExp(`${down.name}[^]*(NODE_DOWN|TIMEOUT)`));
  await page
    .getByTestId("count")
    .getByText(/at least \d+/)
    .waitFor();
  await page.keyboard.press("Escape");
  await missing.waitFor({ state: "detached" });
});

test("rows stand by priority, and each has its customer's region", { skip: noDemo }, async () => {
  await openQueue(page);
  const order = ["Critical", "High", "Medium", "Low", "Unspecified"];
  const shown = await page.locator("[data-rrn] [data-field=priority]").allInnerTexts();
  const ranks = shown.map((word) => order.indexOf(word.trim()));
  assert.deepEqual(
    ranks,
    [...ranks].sort((a, b) => a - b),
  );
});

test("filtering by customer narrows the rows and lives in the address", { skip: noDemo }, async () => {
  const row = await workable(page);
  await openQueue(page);
  await page.getByRole("button", { name: /^Customer:/ }).click();
  await page.getByRole("checkbox", { name: row.customer.name }).click();
  await page.keyboard.press("Escape");
  await until("only that customer's rows", async () => {
    const cells = await page
      .locator("[data-rrn]")
      .evaluateAll((rows) => rows.map((r) => r.querySelector("[data-column=customer]").textContent));
    return cells.length > 0 && cells.every((name) => name === row.customer.name);
  });
  await page.waitForURL(new RegExp(`customers=${row.customer.id}`));
  await page.reload();
  await rowOf(page, row.rrn).waitFor();
  await page.getByRole("button", { name: `Customer: ${row.customer.name}` }).waitFor();
});

test("free text filters and stays out of the query string", { skip: noDemo }, async () => {
  const row = await workable(page);
  await openQueue(page);
  await page.getByRole("searchbox").fill(row.entity.value);
  await until("rows about that entity", async () => {
    const rows = await page.locator("[data-rrn]").allInnerTexts();
    return rows.length > 0 && rows.every((text) => text.toLowerCase().includes(row.entity.value.toLowerCase()));
  });
  await page.waitForURL((url) => url.hash.length > 1);
  assert.ok(!new URL(page.url()).search.includes(row.entity.value), page.url());
});

test("a status changed in place is at the node and there after a reload", { skip: noDemo }, async () => {
  const row = await mine();
  await narrowTo(row);
  const wanted = row.status === "INVESTIGATING" ? ["Waiting", "WAITING"] : ["Investigating", "INVESTIGATING"];
  await choose(page, row.rrn, "status", wanted[0]);
  await until(
    "the node has it",
    async () => (await ask(page, `investigations/${row.rrn}`)).investigation.status === wanted[1],
  );
  await page.reload();
  await rowOf(page, row.rrn).locator("[data-field=status]").getByText(wanted[0]).waitFor();
});

test("assigning to me by keyboard", { skip: noDemo }, async () => {
  const row = await mine();
  await narrowTo(row);
  await rowOf(page, row.rrn).click({ position: { x: 3, y: 3 } });
  await page.keyboard.press("a");
  await page.getByRole("menuitemradio", { name: "Assign to me" }).click();
  const email = person("analyst").email;
  await until(
    "the node has it",
    async () => (await ask(page, `investigations/${row.rrn}`)).investigation.assignee?.email === email,
  );
});

test("closing asks for a disposition and closes only with one", { skip: noDemo }, async () => {
  const row = await mine();
  await narrowTo(row);
  await choose(page, row.rrn, "status", "Closed");
  const dialog = page.getByRole("dialog", { name: "Close the investigation" });
  await dialog.waitFor();
  assert.equal(await dialog.getByRole("button", { name: "Close it" }).isDisabled(), true);
  const sent = [];
  page.on("request", (request) => request.method() === "PATCH" && sent.push(request.url()));
  await page.keyboard.press("Escape");
  await dialog.waitFor({ state: "detached" });
  assert.notEqual((await ask(page, `investigations/${row.rrn}`)).investigation.status, "CLOSED");
  assert.deepEqual(sent, [], "nothing is changed before it is decided");
  await choose(page, row.rrn, "status", "Closed");
  await dialog.getByText("Security test").click();
  await dialog.getByRole("button", { name: "Close it" }).click();
  const closed = await until("the node has it", async () => {
    const { investigation } = await ask(page, `investigations/${row.rrn}`);
    return investigation.status === "CLOSED" && investigation;
  });
  assert.equal(closed.disposition, "SECURITY_TEST");
});

test("of two who change the same row, the second is told by whom, sees the difference, and takes theirs or their own", {
  skip: noDemo,
}, async () => {
  const row = await mine();
  const rival = await open(browser);
  await signIn(rival, person("administrator"));
  await narrowTo(row);
  await narrowTo(row, rival);
  // The menu holds the version it was opened with: the rival's change arrives while it is open.
  await rowOf(page, row.rrn).locator("[data-field=priority]").click();
  await page.getByRole("menuitemradio", { name: "Unspecified" }).waitFor();
  const theirs = row.priority === "LOW" ? ["Medium", "MEDIUM"] : ["Low", "LOW"];
  await choose(rival, row.rrn, "priority", theirs[0]);
  const now = async () => (await ask(page, `investigations/${row.rrn}`)).investigation.priority;
  await until("the rival's change", async () => (await now()) === theirs[1]);
  await page.getByRole("menuitemradio", { name: "Unspecified" }).click();
  const notes = page.getByRole("region", { name: "Notifications" });
  const told = notes.getByText(/came first/);
  await told.waitFor();
  assert.match(await told.innerText(), new RegExp(`${person("administrator").email}.*priority is now ${theirs[0]}`));
  await until("the rival's state in the loser's row", async () =>
    (await rowOf(page, row.rrn).locator("[data-field=priority]").innerText()).includes(theirs[0]),
  );
  assert.equal(await now(), theirs[1]);

  // What is urgent is read out once; its buttons have roles only once the focus is among them.
  await notes.locator("button", { hasText: "See the difference" }).click();
  const difference = page.getByRole("dialog", { name: "Somebody else was first" });
  await difference.getByTestId("first").getByText(person("administrator").email).waitFor();
  await accessible(page, "the difference");
  assert.equal(await difference.getByRole("radio", { name: theirs[0] }).isChecked(), true);
  await difference.getByRole("radio", { name: "Unspecified" }).check();
  await difference.getByRole("button", { name: "Make my change now" }).click();
  await until("the loser's change after all", async () => (await now()) === "UNSPECIFIED");
  await tell(page, "PATCH", `investigations/${row.rrn}`, {
    version: (await ask(page, `investigations/${row.rrn}`)).investigation.version,
    priority: row.priority,
  });
  await rival.context().close();
});

test("a detail shows the rule and the records behind a signal, its history, and the way back", {
  skip: noDemo,
}, async () => {
  const row = await workable(page);
  await narrowTo(row);
  const queue = page.url();
  await rowOf(page, row.rrn).getByRole("link").click();
  await page.getByRole("heading", { level: 1, name: row.title }).waitFor();
  await page.getByRole("tab", { name: "Rule context" }).click();
  await page.getByTestId("rule").waitFor();
  await page.getByRole("tab", { name: "Records" }).click();
  await page.getByTestId("records").waitFor();
  await page.getByRole("tab", { name: "Raw" }).first().click();
  await page.getByRole("tabpanel").locator("pre").getByText(/./).waitFor();
  await page.getByRole("tab", { name: /^History/ }).click();
  await page.getByRole("table", { name: "History" }).getByText("opened").waitFor();
  await page.keyboard.press("u");
  await page.waitForURL(queue);
  await rowOf(page, row.rrn).waitFor();
});

test("an investigation that is not mine to see is not there", { skip: noDemo }, async () => {
  await page.goto(`${demo.console}/investigations/rrn:investigation:eu:nobody:investigation:none`);
  await page.getByText("There is no such investigation, or it is not yours to see").waitFor();
});

test("no page broke its own security policy, and nothing failed unseen", { skip: noDemo }, () => {
  assert.deepEqual(page.complaints, []);
});
