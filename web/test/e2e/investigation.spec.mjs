/** One investigation: what people write, attach, link, merge, add from the logs and take along. */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { closeAfter, detailOf, opened, ownCase } from "./cases.mjs";
import {
  ask,
  atNode,
  demo,
  dialog,
  launch,
  noDemo,
  open,
  person,
  press,
  settled,
  signIn,
  tell,
  until,
  workable,
} from "./demo.mjs";

/** The demo's first customer allows exports, the second does not. */
const [allowing, forbidding] = demo.customers;

let browser;
let page;
let other;
closeAfter(() => page);

before(async () => {
  if (noDemo) return;
  browser = await launch();
  page = await open(browser);
  await signIn(page, person("analyst"));
  other = await open(browser);
  await signIn(other, person("administrator"));
});

after(() => browser?.close());

const tab = (at, name) => at.getByRole("tab", { name: new RegExp(`^${name}`) }).click();
const comments = (at) => at.getByRole("region", { name: "Comments" }).locator("[data-comment]");

async function write(at, text, visibility) {
  await at.getByLabel("Comment", { exact: true }).fill(text);
  if (visibility) await at.getByLabel(visibility, { exact: true }).check();
  const name = visibility === "Public" ? /^Comment so that/ : "Comment internally";
  await press(at.getByRole("button", { name }));
  await comments(at).filter({ hasText: text }).waitFor();
}

test("a comment is internal by default; the customer reads the public ones alone", { skip: noDemo }, async () => {
  const row = await ownCase(page, allowing, "Comments of a test");
  await page.goto(detailOf(row.rrn));
  await settled(page);
  await page.keyboard.press("m");
  await until("the keyboard is in the comment", () =>
    page.getByLabel("Comment", { exact: true }).evaluate((area) => area === document.activeElement),
  );
  await write(page, "only among ourselves");
  await write(page, "dear customer, look at ws-1", "Public");
  const internal = comments(page).filter({ hasText: "only among ourselves" });
  await internal.getByText("Internal: provider only").waitFor();
  await comments(page).filter({ hasText: "dear customer" }).getByText(`Public: ${allowing.name} reads it`).waitFor();

  const node = await atNode(allowing);
  await node.goto(`${allowing.node}/investigations/${row.rrn.split(":").at(-1)}?tab=comments`);
  await node.getByText("dear customer, look at ws-1").waitFor();
  assert.equal(await node.getByText("only among ourselves").count(), 0);

  await internal.getByRole("button", { name: "Make public…" }).click();
  await press(dialog(page).getByRole("button", { name: "Make it public" }));
  await until("it is public", async () => (await internal.getAttribute("data-visibility")) === "PUBLIC");
  await until("the customer reads it, too", async () => {
    await node.reload();
    await settled(node);
    return (await node.getByText("only among ourselves").count()) === 1;
  });
  assert.deepEqual(node.complaints, []);
});

test("only who wrote a comment deletes it", { skip: noDemo }, async () => {
  const row = await ownCase(page, allowing, "Whose comment it is");
  await page.goto(detailOf(row.rrn, "?tab=comments"));
  await write(page, "mine to delete");
  await other.goto(detailOf(row.rrn, "?tab=comments"));
  const seen = comments(other).filter({ hasText: "mine to delete" });
  await seen.waitFor();
  assert.equal(await seen.getByRole("button", { name: "Delete your comment" }).count(), 0);
  const id = await seen.getAttribute("data-comment");
  await assert.rejects(tell(other, "DELETE", `investigations/${row.rrn}/comments/${id}`), /NOT_AUTHOR/);
  await comments(page)
    .filter({ hasText: "mine to delete" })
    .getByRole("button", { name: "Delete your comment" })
    .click();
  await press(dialog(page).getByRole("button", { name: "Delete it" }));
  await until("it is gone", async () => (await comments(page).count()) === 0);
});

test("a file is attached, scanned or said not to be, and given back as it was", { skip: noDemo }, async () => {
  const row = await ownCase(page, allowing, "Files of a test");
  await page.goto(detailOf(row.rrn, "?tab=files"));
  const content = Buffer.from("what was on the desk\n");
  await page.getByLabel("Attach files").setInputFiles({ name: "note.txt", mimeType: "text/plain", buffer: content });
  const line = page.locator('[data-file="note.txt"]');
  await line.waitFor();
  await until("the scan has ended", async () => /No malware|Not scanned|failed/.test(await line.innerText()));
  const download = page.waitForEvent("download");
  await line.getByRole("button", { name: "Download note.txt" }).click();
  const file = await download;
  assert.equal(file.suggestedFilename(), "note.txt");
  const chunks = [];
  for await (const chunk of await file.createReadStream()) chunks.push(chunk);
  assert.deepEqual(Buffer.concat(chunks), content);
});

test("an alert moves to another investigation, with a warning, and is taken off again", { skip: noDemo }, async () => {
  const former = await workable(page);
  const customer = demo.customers.find(({ id }) => id === former.customer.id) ?? former.customer;
  const row = await ownCase(page, customer, "Alerts of a test");
  const { data } = await ask(page, `investigations/${former.rrn}/alerts?limit=1`);
  const [alert] = data;
  await page.goto(detailOf(row.rrn, "?tab=alerts"));
  await page.getByRole("button", { name: "Link alerts…" }).click();
  const hit = dialog(page).locator(`[data-hit="${alert.id}"]`);
  await dialog(page).getByRole("searchbox").fill(`${alert.name} ${alert.entity.value}`);
  await hit.getByText("In another one").waitFor();
  await hit.getByRole("checkbox").check();
  await dialog(page).getByText("leaves it: an alert belongs to one at most").waitFor();
  await press(dialog(page).getByRole("button", { name: "Move 1 and link" }));
  const line = page.locator(`[data-alert="${alert.id}"]`);
  await line.waitFor();
  const left = await ask(page, `investigations/${former.rrn}/alerts?limit=500`);
  assert.ok(!left.data.some(({ id }) => id === alert.id), "it has left the former one");
  await line.getByRole("checkbox").check();
  await page.getByRole("button", { name: "Take off…" }).click();
  await press(dialog(page).getByRole("button", { name: "Take off" }));
  await line.waitFor({ state: "detached" });
  await tell(page, "POST", `investigations/${former.rrn}/alerts`, { alerts: [alert.id] });
});

test("two investigations become one; the one that is gone names the other", { skip: noDemo }, async () => {
  const stays = await ownCase(page, allowing, `The one that stays ${Date.now()}`);
  const goes = await ownCase(page, allowing, `The one that goes ${Date.now()}`);
  await tell(page, "POST", `investigations/${goes.rrn}/comments`, { body: "goes along" });
  await page.goto(detailOf(goes.rrn));
  await page.getByRole("button", { name: "More", exact: true }).click();
  await page.getByRole("menuitem", { name: "Merge into another…" }).click();
  await dialog(page).getByRole("searchbox").fill(stays.title);
  await dialog(page).locator(`[data-case="${stays.rrn}"]`).click();
  await press(dialog(page).getByRole("button", { name: "Merge", exact: true }));
  await page.getByRole("heading", { level: 1, name: stays.title }).waitFor();
  await tab(page, "Comments");
  await page.getByText("goes along").waitFor();
  await page.goto(detailOf(goes.rrn));
  await page.getByRole("link", { name: "another investigation" }).click();
  await page.getByRole("heading", { level: 1, name: stays.title }).waitFor();
});

test("rows of a log search become a case, more are added to it, and one is taken off", { skip: noDemo }, async () => {
  await page.goto(`${demo.console}/customers/${allowing.id}/logs`);
  const events = page.getByRole("region", { name: "Events" });
  await events.getByRole("checkbox").nth(1).waitFor();
  await events.getByRole("checkbox").nth(0).check();
  await events.getByRole("checkbox").nth(1).check();
  await page.getByRole("button", { name: "New investigation…" }).first().click();
  await dialog(page).getByLabel("Title").fill("From rows of a search");
  await press(dialog(page).getByRole("button", { name: "Open it" }));
  await page.getByRole("heading", { level: 1, name: "From rows of a search" }).waitFor();
  opened(page);
  await tab(page, "Evidence");
  const rows = page.locator("[data-evidence]");
  await until("both are there", async () => (await rows.count()) === 2);
  await page.getByRole("button", { name: "Add log data…" }).click();
  await dialog(page).getByLabel("Window", { exact: true }).selectOption("all");
  await dialog(page).getByRole("textbox", { name: "Query" }).fill("");
  await dialog(page).getByRole("button", { name: "Search" }).click();
  const found = dialog(page).getByRole("region", { name: "Events" }).getByRole("checkbox");
  await until("rows to choose from", async () => (await found.count()) > 5);
  await found.nth(5).check();
  await dialog(page).getByLabel("Why they are added").fill("the fifth");
  await press(dialog(page).getByRole("button", { name: "Add 1 row" }));
  await rows.filter({ hasText: "the fifth" }).waitFor();
  await rows.filter({ hasText: "the fifth" }).getByRole("button", { name: "Take this row off" }).click();
  await press(dialog(page).getByRole("button", { name: "Take off" }));
  await until("two are left", async () => (await rows.count()) === 2);
});

test("a case leaves as a file only where its customer allows that", { skip: noDemo }, async () => {
  const mine = await ownCase(page, allowing, "To be taken along");
  await page.goto(detailOf(mine.rrn));
  const exported = async () => {
    await page.getByRole("button", { name: "More", exact: true }).click();
    await page.getByRole("menuitem", { name: "Export as PDF or JSON…" }).click();
  };
  await exported();
  for (const [button, name] of [
    ["PDF, for people", /\.pdf$/],
    ["JSON, for programs", /\.json$/],
  ]) {
    const download = page.waitForEvent("download");
    await dialog(page).getByRole("button", { name: button }).click();
    assert.match((await download).suggestedFilename(), name);
  }
  const theirs = await ownCase(page, forbidding, "To stay where it is");
  await page.goto(detailOf(theirs.rrn));
  await exported();
  await dialog(page).getByRole("button", { name: "PDF, for people" }).click();
  await dialog(page).getByText(`${forbidding.name} does not allow exports.`).waitFor();
  await dialog(page)
    .getByText(/Only an administrator of the workspace can allow/)
    .waitFor();
  await page.keyboard.press("Escape");
});

test("timeline and table show the same, kinds are left out, and all of it lives in the address", {
  skip: noDemo,
}, async () => {
  const row = await workable(page);
  await page.goto(detailOf(row.rrn));
  const entries = page.locator("[data-entry]");
  await entries.first().waitFor();
  await settled(page);
  const keys = () => entries.evaluateAll((all) => all.map((each) => each.dataset.entry));
  const timeline = await keys();
  await page.getByRole("button", { name: "Table", exact: true }).click();
  await page.waitForURL(/view=table/);
  await page.getByRole("table", { name: "Everything in order" }).waitFor();
  const table = await keys();
  for (const key of timeline.filter((each) => each.startsWith("signal-"))) assert.ok(table.includes(key), key);
  await page
    .getByRole("group", { name: "Kinds shown" })
    .getByRole("button", { name: /^Changes/ })
    .click();
  await page.waitForURL(/kinds=/);
  await until("no change is left", async () => !(await keys()).some((key) => key.startsWith("change-")));
  await page.reload();
  await page.getByRole("table", { name: "Everything in order" }).waitFor();
  assert.ok(!(await keys()).some((key) => key.startsWith("change-")));
});

test("the rule's context and logic, the records, and from any field to the logs", { skip: noDemo }, async () => {
  const row = await workable(page);
  await page.goto(detailOf(row.rrn));
  await page.getByRole("table", { name: "Matched fields" }).waitFor();
  await tab(page, "Rule context");
  await page.getByTestId("rule").getByText("Technique and tags").waitFor();
  await tab(page, "Rule logic");
  await page.getByTestId("logic").getByText("detection:").waitFor();
  await tab(page, "Records");
  await page.getByTestId("records").waitFor();
  const field = page
    .getByRole("table", { name: "Record fields" })
    .getByRole("row")
    .filter({ hasText: "host.name" })
    .first();
  const host = await field.getByRole("cell").first().innerText();
  await field.getByRole("link", { name: /Look for it in the logs/ }).click();
  await page.waitForURL(new RegExp(`/customers/${row.customer.id}/logs`));
  const address = new URL(page.url());
  assert.equal(address.searchParams.get("range"), "custom");
  assert.ok(!address.search.includes(host), "the words stay out of the query string");
  assert.match(await page.getByRole("textbox", { name: "Query" }).inputValue(), /^host\.name:/);
  await page.getByRole("region", { name: "Events" }).locator("button[aria-expanded]").first().waitFor();
});

test("who is on it and who looks is seen by others", { skip: noDemo }, async () => {
  const row = await ownCase(page, allowing, "Who is on it");
  await page.goto(detailOf(row.rrn));
  await press(page.getByRole("button", { name: "Claim", exact: true }));
  await page.getByRole("button", { name: "Release" }).waitFor();
  await other.goto(detailOf(row.rrn));
  await other.getByText(/is on it, \d+ min left/).waitFor();
  await other
    .getByTestId("looking")
    .getByText(/Also looking/)
    .waitFor({ state: "attached" });
  await press(page.getByRole("button", { name: "Release" }));
  await other.getByText(/is on it, \d+ min left/).waitFor({ state: "detached" });
});

test("tags and responsibility are changed in place", { skip: noDemo }, async () => {
  const row = await ownCase(page, allowing, "Tags of a test");
  await page.goto(detailOf(row.rrn));
  await page.getByRole("button", { name: "Add a tag" }).click();
  await page.getByLabel("New tag").fill("phishing");
  await page.keyboard.press("Enter");
  const kept = async () => (await ask(page, `investigations/${row.rrn}`)).investigation;
  await until("the tag is kept", async () => (await kept()).tags.includes("phishing"));
  await page.keyboard.press("Escape");
  await page.locator("[data-field=responsibility]").click();
  await page.getByRole("menuitemradio", { name: "Customer" }).click();
  await until("who must work it is kept", async () => (await kept()).responsibility === "CUSTOMER");
  await page.getByRole("button", { name: "Take off the tag phishing" }).click();
  await until("the tag is gone", async () => (await kept()).tags.length === 0);
});

test("e closes with a verdict, and related investigations and the audit are there", { skip: noDemo }, async () => {
  const row = await ownCase(page, allowing, "To be closed by keys");
  await page.goto(detailOf(row.rrn));
  await settled(page);
  await page.keyboard.press("e");
  await dialog(page).getByText("Security test").click();
  await press(dialog(page).getByRole("button", { name: "Close it" }));
  await page.locator("[data-field=status]").getByText("Closed").waitFor();
  await tab(page, "Related");
  await settled(page);
  await tab(page, "Audit");
  await page.getByRole("table", { name: "Audit of the investigation" }).getByText("investigation").first().waitFor();
});

test("no page broke its own security policy, and nothing failed unseen", { skip: noDemo }, () => {
  assert.deepEqual([...page.complaints, ...other.complaints], []);
});
