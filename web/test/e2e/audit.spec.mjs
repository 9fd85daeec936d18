/** The audit of the console and of a workspace: narrowed, verified, taken along; and what an analyst sees of it. */
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
  person,
  settled,
  signIn,
  signInNode,
  until,
} from "./demo.mjs";

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

const lines = (where) => where.locator("[data-line]");

test("the audit is narrowed by person, customer, module, outcome and time, and the address says so", {
  skip: noDemo,
}, async () => {
  await page.goto(`${demo.console}/audit`);
  await lines(page).first().waitFor();
  await page.getByLabel("Module").selectOption("sessions");
  await page.waitForURL(/module=sessions/);
  await settled(page);
  const verbs = await lines(page).locator("td.mono").allInnerTexts();
  assert.ok(verbs.length > 0 && verbs.every((verb) => verb.startsWith("session.")), verbs.join());
  await page.getByLabel("Person").selectOption(person("administrator").email);
  await settled(page);
  await lines(page).first().waitFor();
  await page.getByLabel("Outcome").selectOption("refused");
  await page.getByLabel("Time").selectOption("1h");
  await settled(page);
  const { data } = await ask(
    page,
    `audit?module=sessions&actor=${encodeURIComponent(person("administrator").email)}&outcome=refused`,
  );
  assert.equal(await lines(page).count(), data.length);
  await page.getByRole("button", { name: "Clear" }).click();
  await page.getByLabel("Customer", { exact: true }).selectOption(customer.id);
  await settled(page);
  await lines(page).first().waitFor();
  for (const line of await lines(page).allInnerTexts()) assert.ok(line.includes(customer.name), line);
  await page.getByLabel("Customer", { exact: true }).selectOption("provider");
  await settled(page);
  await lines(page).first().waitFor();
  for (const line of await lines(page).allInnerTexts()) assert.ok(!line.includes(customer.name), line);
});

test("a line shows all it holds, with its hash and that of the line before", { skip: noDemo }, async () => {
  await page.goto(`${demo.console}/audit`);
  await lines(page).first().getByRole("button").click();
  const hashes = dialog(page).locator("code");
  await hashes.first().waitFor();
  for (const hash of await hashes.allInnerTexts()) assert.match(hash, /^[0-9a-f]{64}$/);
  assert.equal(await hashes.count(), 2);
  await accessible(page, "a line");
  await page.keyboard.press("Escape");
});

test("the chain is verified to its newest line", { skip: noDemo }, async () => {
  await page.goto(`${demo.console}/audit`);
  await page.getByRole("button", { name: "Verify the chain" }).click();
  await page.locator('[data-chain="ok"]').getByText("each fits the one before it").waitFor();
});

test("the export holds the lines that are asked for, as they are", { skip: noDemo }, async () => {
  await page.goto(`${demo.console}/audit?module=sessions&outcome=ok`);
  await lines(page).first().waitFor();
  const [newest] = await lines(page).evaluateAll((all) => all.map((one) => Number(one.dataset.line)));
  const file = async (name) => {
    const address = await page.getByRole("link", { name }).getAttribute("href");
    const answer = await page.request.get(`${demo.console}${address}`);
    assert.equal(answer.status(), 200, await answer.text());
    return (await answer.text()).trim().split("\n");
  };
  const entries = (await file("Export NDJSON")).map((line) => JSON.parse(line));
  assert.ok(entries.every(({ module, outcome }) => module === "sessions" && outcome === "ok"));
  assert.ok(
    entries.some(({ id }) => id === newest),
    "the line in sight is in the file",
  );
  const table = await file("Export CSV");
  assert.match(table[0], /^"?id"?,/);
  assert.equal(table.length, entries.length + 1);
  await until("the export is itself a line", async () => {
    const { data } = await ask(page, "audit?verb=audit.export&limit=5");
    return data.length > 0 && data[0].actor === person("administrator").email;
  });
});

test("an analyst sees the lines of their own customers alone, and is told so", { skip: noDemo }, async () => {
  const theirs = await open(browser);
  await signIn(theirs, person("analyst"));
  await theirs.getByRole("link", { name: "Audit" }).click();
  await theirs.getByText("none of the provider’s own").waitFor();
  await settled(theirs);
  assert.equal(await theirs.getByRole("button", { name: "Verify the chain" }).count(), 0);
  const mine = new Set((await ask(theirs, "grants")).data.map((grant) => grant.customer));
  const { data } = await ask(theirs, "audit?limit=500");
  assert.ok(
    data.every((entry) => entry.customer && mine.has(entry.customer.id)),
    "only of customers they hold a grant on",
  );
  await accessible(theirs, "an analyst's audit");
  assert.deepEqual(theirs.complaints, []);
  await theirs.context().close();
});

test("the customer's administrator narrows, verifies and takes along the workspace's own", {
  skip: noDemo,
}, async () => {
  const node = await open(browser);
  await signInNode(node, customer);
  await node.getByRole("link", { name: "Audit" }).click();
  await lines(node).first().waitFor();
  await node.getByRole("button", { name: "Verify the chain" }).click();
  await node.locator('[data-chain="ok"]').getByText("each fits the one before it").waitFor();
  await node.getByLabel("Module").selectOption("sessions");
  await node.waitForURL(/module=sessions/);
  await settled(node);
  await lines(node).first().waitFor();
  for (const verb of await lines(node).locator("td.mono").allInnerTexts()) assert.match(verb, /^session\./);
  const address = await node.getByRole("link", { name: "Export NDJSON" }).getAttribute("href");
  const answer = await node.request.get(`${customer.node}${address}`);
  assert.equal(answer.status(), 200, await answer.text());
  assert.equal(JSON.parse((await answer.text()).split("\n")[0]).module, "sessions");
  await accessible(node, "the node's audit");
  assert.deepEqual(node.complaints, []);
  await node.context().close();
});

test("the audit broke no security policy", { skip: noDemo }, () => {
  assert.deepEqual(page.complaints, []);
});
