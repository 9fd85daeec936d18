/** The queue beyond one row: every order, filters as trees, acts on many with preview and undo, claims, and all of it by keys. */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import {
  accessible,
  ask,
  demo,
  dialog,
  launch,
  noDemo,
  open,
  openQueue,
  person,
  press,
  rowOf,
  settled,
  signIn,
  tell,
  until,
  workable,
} from "./demo.mjs";

let browser;
let page;

before(async () => {
  if (noDemo) return;
  browser = await launch();
  page = await open(browser);
  await signIn(page, person("analyst"));
});

after(() => browser?.close());

const shown = (target = page) => target.locator("[data-rrn]").evaluateAll((rows) => rows.map((row) => row.dataset.rrn));
const detail = async (rrn) => (await ask(page, `investigations/${rrn}`)).investigation;

/** What the console finds for a filter, asked beside the page. */
async function found(filter) {
  const { csrf } = await ask(page, "me");
  const response = await page.request.post(`${demo.console}/api/v1/investigations/search`, {
    data: filter,
    headers: { "x-csrf-token": csrf },
  });
  assert.ok(response.ok(), await response.text());
  return response.json();
}

/** Investigations of customers this person may change, at least so many, opened by hand where the stories brought fewer. */
async function several(count) {
  const first = await workable(page);
  const { data } = await ask(
    page,
    `investigations?statuses=OPEN,INVESTIGATING,WAITING&customers=${first.customer.id}&limit=200`,
  );
  for (let at = data.length; at < count; at++) {
    data.push(
      await tell(page, "POST", "investigations", {
        customer: first.customer.id,
        title: `By hand ${process.pid} ${at}`,
      }),
    );
  }
  return { customer: first.customer, rows: data };
}

/** Every field of rows as it was, put back whatever a test did. */
async function putBack(rows) {
  for (const was of rows) {
    const now = await detail(was.rrn);
    const { status, priority, disposition, assignee, tags } = was;
    await tell(page, "PATCH", `investigations/${was.rrn}`, {
      version: now.version,
      status,
      priority,
      disposition,
      assignee,
      tags,
    });
  }
}

test("a press on any head orders by its column, another the other way round, as the console orders", {
  skip: noDemo,
}, async () => {
  await openQueue(page, "?statuses=all");
  await page.getByRole("button", { name: "Columns and density" }).click();
  for (const box of await page.getByRole("group", { name: "Columns" }).getByRole("checkbox").all())
    if (!(await box.isDisabled())) await box.check();
  await page.keyboard.press("Escape");
  const heads = page.getByRole("columnheader").getByRole("button");
  const names = await heads.allInnerTexts();
  assert.ok(names.length >= 18, names.join());
  for (const name of names) {
    for (let turn = 0; turn < 2; turn++) {
      const before = page.url();
      await page.getByRole("columnheader", { name, exact: true }).getByRole("button").click();
      // The order everybody begins with is not written out.
      await page.waitForURL((url) => url.href !== before);
      const sort = new URL(page.url()).searchParams.get("sort") ?? "-priority";
      await until(`the rows by ${sort}`, async () => {
        const { data } = await ask(page, `investigations?limit=200&sort=${sort}`);
        const here = await shown();
        const there = data.slice(0, here.length).map(({ rrn }) => rrn);
        return here.length > 0 && here.join() === there.join();
      });
    }
  }
  await page.getByRole("button", { name: "Columns and density" }).click();
  await page.reload();
  await page.getByRole("columnheader", { name: "Tags", exact: true }).waitFor();
  await page.getByRole("button", { name: "Columns and density" }).click();
  await page.getByRole("button", { name: "Reset columns" }).click();
  await page.getByRole("columnheader", { name: "Tags", exact: true }).waitFor({ state: "detached" });
});

test("a tree of AND, OR and NOT narrows the queue, reads as a sentence, and stays out of the query", {
  skip: noDemo,
}, async () => {
  const row = await workable(page);
  await openQueue(page);
  await page.keyboard.press("f");
  const builder = page.getByRole("form", { name: "Filter builder" });
  await builder.getByLabel("Value").fill(row.title.slice(0, 6));
  await builder.getByRole("button", { name: "Group" }).click();
  const group = builder.getByRole("group", { name: "Group of conditions" });
  await group.getByLabel("How these are joined").selectOption("None of these");
  await group.getByLabel("Field").selectOption("status");
  await group.getByRole("button", { name: "Status: Choose…" }).click();
  await page.getByRole("group", { name: "Status" }).getByRole("checkbox", { name: "Waiting" }).click();
  await page.keyboard.press("Escape");
  await group.getByRole("button", { name: "Condition", exact: true }).click();
  await group.getByLabel("Field").nth(1).selectOption("tag");
  await group.getByLabel("Value").last().fill(`nobody-has-${process.pid}`);
  await accessible(page, "filter builder");
  await builder.getByRole("button", { name: "Apply" }).click();
  const tree = {
    and: [
      { field: "title", op: "contains", value: row.title.slice(0, 6) },
      {
        not: {
          or: [
            { field: "status", op: "in", value: ["WAITING"] },
            { field: "tag", op: "contains", value: `nobody-has-${process.pid}` },
          ],
        },
      },
    ],
  };
  const asked = { statuses: ["OPEN", "INVESTIGATING", "WAITING"], where: tree, limit: 200 };
  const same = () =>
    until("the rows of the tree", async () => {
      const there = (await found(asked)).data.map(({ rrn }) => rrn);
      const here = await shown();
      return here.length > 0 && here.join() === there.slice(0, here.length).join();
    });
  await same();
  const url = new URL(page.url());
  assert.ok(!decodeURIComponent(url.search).includes("nobody-has"), page.url());
  assert.ok(decodeURIComponent(url.hash).includes("nobody-has"), page.url());
  await page.reload();
  await same();
  const said = page.getByTestId("said");
  assert.match(
    await said.innerText(),
    /Title contains “.{6}” and not \(Status is any of Waiting or Tag contains “nobody/,
  );
  await page.getByRole("button", { name: "Clear the filter" }).click();
  await said.waitFor({ state: "detached" });
});

test("rows are picked by keys, changed after a preview, and taken back as they were", { skip: noDemo }, async () => {
  const { customer, rows } = await several(3);
  const some = rows.slice(0, 3);
  await openQueue(page, `?customers=${customer.id}&sort=rrn`);
  const order = (await shown()).slice(0, 3);
  const before = await Promise.all(order.map(detail));
  const priority = before.every((one) => one.priority === "LOW") ? ["Medium", "MEDIUM"] : ["Low", "LOW"];
  await page.keyboard.press("j");
  await page.keyboard.press("x");
  await page.keyboard.press("Shift+ArrowDown");
  await page.keyboard.press("Shift+ArrowDown");
  await page.getByTestId("picked").getByText("3 selected").waitFor();
  await page.keyboard.press("p");
  await dialog(page).getByLabel("New priority").selectOption(priority[0]);
  const preview = dialog(page).getByTestId("preview");
  await preview.getByText("3 investigations").waitFor();
  assert.match(await preview.innerText(), /of 1 customer/);
  const cap = dialog(page).getByLabel("Change at most");
  assert.equal(await cap.inputValue(), "3");
  await cap.fill("2");
  await dialog(page).getByText("3 match, more than 2").waitFor();
  await cap.fill("3");
  await accessible(page, "preview");
  await press(dialog(page).getByRole("button", { name: /^Change \d/ }));
  await dialog(page).getByTestId("outcome").waitFor();
  for (const rrn of order) assert.equal((await detail(rrn)).priority, priority[1]);
  await dialog(page).getByRole("button", { name: "Done" }).click();
  const undo = page.getByTestId("undo");
  await undo.getByText(`priority ${priority[0]}`).waitFor();
  await accessible(page, "undo");
  await press(undo.getByRole("button", { name: "Undo" }));
  await undo.waitFor({ state: "detached" });
  for (const was of before) assert.equal((await detail(was.rrn)).priority, was.priority);
  assert.equal(some.length, 3);
});

test("closing many demands a disposition; what somebody changed since is left alone by undo, and said so", {
  skip: noDemo,
}, async (t) => {
  const { customer } = await several(2);
  await openQueue(page, `?customers=${customer.id}&sort=rrn`);
  const order = (await shown()).slice(0, 2);
  const before = await Promise.all(order.map(detail));
  t.after(() => putBack(before));
  await page.keyboard.press("j");
  await page.keyboard.press("x");
  await page.keyboard.press("Shift+ArrowDown");
  await page.keyboard.press("e");
  const go = dialog(page).locator("button[type=submit]");
  assert.equal(await go.getAttribute("aria-disabled"), "true", "no verdict, no closing");
  await dialog(page)
    .getByRole("radio", { name: /^Benign/ })
    .check();
  await dialog(page).getByTestId("preview").getByText("2 investigations").waitFor();
  await press(dialog(page).getByRole("button", { name: "Change 2" }));
  await dialog(page).getByTestId("outcome").getByText("2 changed").waitFor();
  await dialog(page).getByRole("button", { name: "Done" }).click();
  for (const rrn of order) {
    const now = await detail(rrn);
    assert.deepEqual([now.status, now.disposition], ["CLOSED", "BENIGN"]);
    await rowOf(page, rrn).waitFor({ state: "detached" });
  }
  const [touched] = order;
  const { version } = await detail(touched);
  await tell(page, "PATCH", `investigations/${touched}`, { version, tags: [`since-${process.pid}`] });
  await page.getByTestId("undo").getByRole("button", { name: "Undo" }).click();
  const left = page.getByRole("dialog", { name: "Not everything was taken back" });
  await left.getByTestId("undone").getByText("1 as before, 1 left alone").waitFor();
  await left.getByRole("button", { name: "Done" }).click();
  assert.equal((await detail(touched)).status, "CLOSED");
  await until("the other is as before", async () => (await detail(order[1])).status === before[1].status);
});

test("everything that matches is changed only within a limit that somebody typed", { skip: noDemo }, async () => {
  const { customer } = await several(2);
  await openQueue(page, `?customers=${customer.id}`);
  await page.keyboard.press("*");
  await page.getByTestId("picked").getByText("Everything that matches").waitFor();
  await page.keyboard.press("l");
  await dialog(page).getByLabel("Add", { exact: true }).fill(`all-${process.pid}`);
  const { data } = await ask(
    page,
    `investigations?statuses=OPEN,INVESTIGATING,WAITING&customers=${customer.id}&limit=500`,
  );
  await dialog(page).getByTestId("preview").getByText(`${data.length} investigations`).waitFor();
  await dialog(page).getByText("Say how many may change at most.").waitFor();
  await dialog(page).getByLabel("Change at most").fill(String(data.length));
  await press(dialog(page).getByRole("button", { name: `Change ${data.length}` }));
  await dialog(page).getByTestId("outcome").getByText(`${data.length} changed`).waitFor();
  for (const { rrn } of data) assert.ok((await detail(rrn)).tags.includes(`all-${process.pid}`));
  await press(dialog(page).getByRole("button", { name: "Undo" }));
  await page.getByTestId("undo").waitFor({ state: "detached" });
  for (const { rrn } of data) assert.ok(!(await detail(rrn)).tags.includes(`all-${process.pid}`));
});

test("a claim is seen by others, asked about before it is taken over, and let go", { skip: noDemo }, async () => {
  const row = await workable(page);
  const rival = await open(browser);
  await signIn(rival, person("administrator"));
  const queue = `?customers=${row.customer.id}&statuses=all`;
  await openQueue(page, queue);
  await openQueue(rival, queue);
  await rowOf(page, row.rrn).click({ position: { x: 3, y: 3 } });
  await page.keyboard.press("t");
  await rowOf(page, row.rrn)
    .getByTestId("claim")
    .getByText(/^You are on it/)
    .waitFor();
  await rowOf(rival, row.rrn)
    .getByTestId("claim")
    .getByText(/is on it, for/)
    .waitFor();
  await accessible(rival, "a claimed row");
  await rival
    .getByRole("button", { name: `Actions for ${row.title}` })
    .first()
    .click();
  await rival.keyboard.press("Escape");
  await rowOf(rival, row.rrn).locator("[data-field=menu]").click();
  await rival.getByRole("menuitem", { name: "Claim it" }).click();
  const asked = dialog(rival);
  await asked.getByText(/claimed “/).waitFor();
  await press(asked.getByRole("button", { name: "Take it over" }));
  await rowOf(page, row.rrn)
    .getByTestId("claim")
    .getByText(/is on it, for/)
    .waitFor();
  await rowOf(rival, row.rrn)
    .getByTestId("claim")
    .getByText(/^You are on it/)
    .waitFor();
  await rowOf(rival, row.rrn).locator("[data-field=menu]").click();
  await rival.getByRole("menuitem", { name: "Let it go" }).click();
  await rowOf(page, row.rrn).getByTestId("claim").waitFor({ state: "detached" });
  await rival.context().close();
});

test("who looks at a row is seen from the queue", { skip: noDemo }, async () => {
  const row = await workable(page);
  await openQueue(page, `?customers=${row.customer.id}&statuses=all`);
  const rival = await open(browser);
  await signIn(rival, person("administrator"));
  await tell(rival, "PUT", `investigations/${row.rrn}/presence`);
  await rowOf(page, row.rrn)
    .getByText(/looks at it now$/)
    .first()
    .waitFor();
  await tell(rival, "DELETE", `investigations/${row.rrn}/presence`);
  await rowOf(page, row.rrn)
    .getByText(/looks at it now$/)
    .first()
    .waitFor({ state: "detached" });
  await rival.context().close();
});

test("an investigation is opened by hand and stands in the queue, marked as new", { skip: noDemo }, async () => {
  const { customer } = await workable(page);
  await openQueue(page, `?customers=${customer.id}`);
  await page.keyboard.press("n");
  const title = `Somebody called about it ${process.pid}`;
  await dialog(page).getByLabel("Title").fill(title);
  await dialog(page).getByLabel("Customer").selectOption(customer.name);
  await dialog(page).getByLabel("Priority").selectOption("High");
  await dialog(page).getByLabel("Tags").fill("phone, vip");
  await dialog(page).getByLabel("Responsibility").selectOption("Customer");
  await accessible(page, "new investigation");
  await press(dialog(page).getByRole("button", { name: "Create" }));
  const line = page.locator("[data-rrn]", { hasText: title });
  await line.waitFor();
  const row = await detail(await line.getAttribute("data-rrn"));
  assert.deepEqual(
    [row.source, row.priority, row.responsibility, row.tags.join()],
    ["USER", "HIGH", "CUSTOMER", "phone,vip"],
  );
  await tell(page, "PATCH", `investigations/${row.rrn}`, {
    version: row.version,
    status: "CLOSED",
    disposition: "NOT_APPLICABLE",
  });
  await line.waitFor({ state: "detached" });
});

test("the daily acts take three keys at most", { skip: noDemo }, async (t) => {
  const row = await workable(page);
  const before = await detail(row.rrn);
  t.after(() => putBack([before]));
  await openQueue(page, `?customers=${row.customer.id}&statuses=all`);
  const keys = async (...pressed) => {
    for (const key of pressed) await page.keyboard.press(key);
  };
  // A letter is heard once the focus is in the menu, Enter once it is at the word.
  const pick = async (letter, name) => {
    await page.locator("[role=menu]:focus-within").waitFor();
    await page.keyboard.press(letter);
    await page.locator("[role=menuitemradio]:focus", { hasText: name }).waitFor();
    await page.keyboard.press("Enter");
    await page.locator("[role=menu]").waitFor({ state: "detached" });
  };
  const becomes = (what, check) => until(what, async () => check(await detail(row.rrn)));
  await rowOf(page, row.rrn).click({ position: { x: 3, y: 3 } });
  await keys("i");
  await becomes("assigned to me", (now) => now.assignee?.email === person("analyst").email);
  await page.keyboard.press("s");
  await pick("w", "Waiting");
  await becomes("waiting", (now) => now.status === "WAITING");
  await page.keyboard.press("p");
  await pick("c", "Critical");
  await becomes("critical", (now) => now.priority === "CRITICAL");
  await page.keyboard.press("e");
  // A digit chooses once the focus is among the verdicts.
  await dialog(page).locator("input[type=radio]:focus").waitFor();
  await keys("3", "Enter");
  await becomes("closed", (now) => now.status === "CLOSED" && now.disposition === "FALSE_POSITIVE");
  await keys("/");
  await page.keyboard.type(row.title.slice(0, 5));
  await until("the words in the address", () => page.url().includes("#q="));
  await keys("Escape", "Enter");
  await page.waitForURL(/\/investigations\/rrn:/);
  await settled(page);
});

test("no page broke its own security policy, and nothing failed unseen", { skip: noDemo }, () => {
  assert.deepEqual(page.complaints, []);
});
