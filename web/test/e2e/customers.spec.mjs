/** The administrator's day, and the customer's own administrator answering it at the node. */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync } from "node:fs";
import { connect, createServer as createPlain } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { createServer } from "node:tls";
import { acceptCertificate, fill as fillIn, openAddCustomer, step as stepOf } from "./customers.mjs";
import {
  ask,
  demo,
  dialog,
  launch,
  noDemo,
  open,
  person,
  press,
  searched,
  settled,
  signIn,
  signInNode,
  until,
} from "./demo.mjs";

let browser;
let page;
let node;
const customer = demo.customers[0];
const newcomer = { email: `e2e-${process.pid}@mssp.example`, name: "Eve Newcomer", password: "a sentence as password" };

before(async () => {
  if (noDemo) return;
  browser = await launch();
  page = await open(browser);
  node = await open(browser);
  await signIn(page, person("administrator"));
});

after(() => browser?.close());

test("customers show region, health and open investigations; the primary stands first", { skip: noDemo }, async () => {
  await page.goto(`${demo.console}/customers`);
  await page.locator("[data-customer]").first().waitFor();
  const rows = page.locator("[data-customer]");
  assert.equal(await rows.count(), (await ask(page, "customers")).data.length);
  const first = await rows.first().getAttribute("data-customer");
  assert.equal((await ask(page, `customers/${first}`)).primary, true);
  const line = page.locator(`[data-customer="${customer.id}"]`);
  for (const text of [customer.name, customer.region, "Up"])
    await line.getByText(text, { exact: true }).first().waitFor();
  await page.getByTestId("scope").waitFor();
  await line.getByRole("link", { name: "Manage Investigations" }).click();
  await page.waitForURL(new RegExp(`customers/${customer.id}/investigations`));
  await page.getByTestId("environment").getByText(customer.name).waitFor();
});

const form = () => page.getByRole("dialog", { name: "Add a customer" });
const fill = (fields) => fillIn(page, fields);
const step = (check, result) => stepOf(page, check, result);

test("before a customer is added everything is looked at, and each fault stands at its field and its step", {
  skip: noDemo,
}, async () => {
  await openAddCustomer(page, customer.node);
  await fill({ "Customer name": customer.name.toUpperCase(), "Customer mail": "soc@new.example" });
  await fill({ "Workspace administrator": "nobody", "Its password": "wrong wrong wrong" });
  const add = form().getByRole("button", { name: "Add customer" });
  await add.click();
  await form().getByText("Another customer has this name.").waitFor();
  await step("FORM", "FAILED").getByText("Choose another name").waitFor();
  await step("CREDENTIALS", "SKIPPED").waitFor();
  await fill({ "Customer name": `E2E ${process.pid}`, "Customer mail": "no mail address" });
  await form().getByText("check again").waitFor();
  await add.click();
  await form().getByText("This is no mail address.").waitFor();
  await fill({ "Customer mail": "soc@new.example" });
  await add.click();
  await form().getByText("The node refused this name and password.").waitFor();
  await step("PRODUCT", "PASSED").waitFor();
  await step("CREDENTIALS", "FAILED").waitFor();
  await fill({ "Workspace administrator": customer.admin.user, "Its password": customer.admin.password });
  await form().getByRole("button", { name: "Check" }).click();
  await step("ENROLMENT", "FAILED").getByText(customer.name).waitFor();
  await fill({ Port: "1" });
  await add.click();
  await step("PORT", "FAILED").waitFor();
  await page.keyboard.press("Escape");
  await form().waitFor({ state: "detached" });
  assert.ok(!(await ask(page, "customers")).data.some((c) => c.name.startsWith("E2E")), "nothing was saved");
});

/** A certificate of its own making, and a server that shows it in front of a node; null where there is no openssl. */
async function selfSigned(target) {
  const folder = mkdtempSync(join(tmpdir(), "bailiwick-tls-"));
  const [key, cert] = ["key.pem", "cert.pem"].map((name) => join(folder, name));
  const made = spawnSync("openssl", [
    ...["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2"],
    ...["-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1", "-keyout", key, "-out", cert],
  ]);
  if (made.status !== 0) return null;
  const { hostname, port } = new URL(target);
  const server = createServer({ key: readFileSync(key), cert: readFileSync(cert) }, (socket) => {
    const behind = connect(Number(port), hostname);
    for (const [from, to] of [
      [socket, behind],
      [behind, socket],
    ])
      from.pipe(to).on("error", () => from.destroy());
  });
  server.on("tlsClientError", () => {});
  await new Promise((listening) => server.listen(0, "127.0.0.1", listening));
  return { url: `https://127.0.0.1:${server.address().port}`, close: () => server.close() };
}

test("a certificate nobody vouches for is shown by its fingerprint, and taken when it is accepted", {
  skip: noDemo,
}, async (t) => {
  const node = await selfSigned(customer.node);
  if (!node) return t.skip("no openssl here");
  t.after(node.close);
  await openAddCustomer(page, node.url);
  await fill({ "Customer name": `E2E ${process.pid}`, "Customer mail": "soc@new.example" });
  await fill({ "Workspace administrator": customer.admin.user, "Its password": customer.admin.password });
  const shown = await acceptCertificate(page);
  assert.match(shown, /^[0-9a-f]{64}$/);
  assert.equal(
    await form()
      .getByLabel(/^Fingerprint of its certificate/)
      .inputValue(),
    shown,
  );
  await step("PRODUCT", "PASSED").waitFor();
  await step("ENROLMENT", "FAILED").waitFor();
  await page.keyboard.press("Escape");
});

test("each step of the preflight shows as it ends, and the one that is looked at", { skip: noDemo }, async (t) => {
  const held = new Set();
  const silent = createPlain((socket) => held.add(socket.on("error", () => {})));
  await new Promise((listening) => silent.listen(0, "127.0.0.1", listening));
  t.after(() => {
    for (const socket of held) socket.destroy();
    silent.close();
  });
  await openAddCustomer(page, `http://127.0.0.1:${silent.address().port}`);
  await fill({ "Customer name": `E2E ${process.pid}`, "Customer mail": "soc@new.example" });
  await fill({ "Workspace administrator": "any", "Its password": "thing" });
  // What answers nothing is waited for: meanwhile the steps before it have ended.
  const running = form().locator("[aria-current=step]").getByText("It is a node of a version that fits");
  const seen = running.waitFor();
  await form().getByRole("button", { name: "Check" }).click();
  await seen;
  await form()
    .getByRole("status")
    .getByText(/It is a node/)
    .waitFor();
  await step("PORT", "PASSED").waitFor();
  await step("PRODUCT", "FAILED").waitFor();
  await step("ENROLMENT", "SKIPPED").waitFor();
  await page.keyboard.press("Escape");
});

test("a customer is renamed without its administrator, who is asked for when it moves", { skip: noDemo }, async () => {
  const name = `${customer.name} ${process.pid}`;
  const rename = async (from, to) => {
    await page.getByRole("button", { name: `Edit ${from}`, exact: true }).click();
    await dialog(page).getByLabel("Customer name").fill(to);
    await press(dialog(page).getByRole("button", { name: "Update customer" }));
    await page.getByText(`${to} was updated`).first().waitFor();
    await page.locator(`[data-customer="${customer.id}"]`).getByText(to, { exact: true }).waitFor();
  };
  await page.goto(`${demo.console}/customers`);
  await rename(customer.name, name);
  await rename(name, customer.name);
  await page.getByRole("button", { name: `Edit ${customer.name}`, exact: true }).click();
  assert.equal(await dialog(page).getByLabel("Its password").count(), 0);
  await dialog(page).getByLabel("Port").fill("1");
  await dialog(page).getByText("enrolled anew there").waitFor();
  await dialog(page).getByLabel("Workspace administrator").fill(customer.admin.user);
  await dialog(page).getByLabel("Its password").fill(customer.admin.password);
  await dialog(page).getByRole("button", { name: "Update customer" }).click();
  await dialog(page).locator('[data-step="PORT"][data-result="FAILED"]').waitFor();
  await page.keyboard.press("Escape");
  assert.equal((await ask(page, `customers/${customer.id}`)).port, Number(new URL(customer.node).port));
});

test("customers are found by a word, and reached by the keyboard", { skip: noDemo }, async () => {
  await page.goto(`${demo.console}/customers`);
  const rows = page.locator("[data-customer]");
  await rows.first().waitFor();
  await page.keyboard.press("/");
  await page.keyboard.type(customer.name.toLowerCase());
  await until("one is left", async () => (await rows.count()) === 1);
  await page.keyboard.press("Enter");
  await page.keyboard.press("e");
  await page.getByRole("dialog", { name: `Edit ${customer.name}` }).waitFor();
  await page.keyboard.press("Escape");
});

test("a new user is made, uses the link once, and sees why nothing is seen", { skip: noDemo }, async () => {
  await page.goto(`${demo.console}/technicians`);
  await page.getByRole("button", { name: "Invite technician" }).click();
  const dialog = page.getByRole("dialog", { name: "Invite a technician" });
  await dialog.getByLabel("Mail address").fill(newcomer.email);
  await dialog.getByLabel("Name").fill(newcomer.name);
  await dialog.getByRole("button", { name: "Invite", exact: true }).click();
  const link = new URL(await dialog.locator("code").innerText());
  assert.match(link.pathname, /^\/welcome$/);
  assert.ok(link.hash.length > 16, "the token is in the fragment");
  await dialog.getByRole("button", { name: "Done" }).click();

  const theirs = await open(browser);
  const welcome = async () => {
    await theirs.goto(`${demo.console}${link.pathname}${link.hash}`);
    await theirs.getByLabel("Password", { exact: true }).fill(newcomer.password);
    await theirs.getByLabel("Password again").fill(newcomer.password);
    await theirs.getByRole("button", { name: "Set password and sign in" }).click();
  };
  await welcome();
  await theirs.getByRole("navigation", { name: "Pages" }).waitFor();
  const administration = theirs.getByRole("link", { name: "Technicians" });
  assert.equal(await administration.count(), 0, "an analyst has no administrator's pages");
  await theirs.goto(`${demo.console}/access`);
  await theirs.getByText("you reach 0 of").waitFor();
  await theirs.context().clearCookies();
  await theirs.goto("about:blank");
  await welcome();
  await theirs.getByRole("alert").waitFor();
  await theirs.context().close();
});

async function openGrants(id) {
  await page.goto(`${demo.console}/customers?customer=${id}`);
  await page.getByLabel("Give access to").waitFor();
}

async function grant(id) {
  await openGrants(id);
  const users = await ask(page, "users");
  await page.getByLabel("Give access to").selectOption(users.data.find((u) => u.email === newcomer.email).id);
  await page.getByLabel("Role", { exact: true }).selectOption("viewer");
  await page.getByRole("button", { name: "Grant", exact: true }).click();
  const line = page.locator(`[data-grant="${newcomer.email}"]`);
  await line.waitFor();
  return line;
}

test("a grant is applied at the node", { skip: noDemo }, async () => {
  const line = await grant(customer.id);
  await until("it is applied", async () => (await line.innerText()).includes("Applied"));
  assert.match(await line.innerText(), /Decided here: Viewer. Confirmed by the node: Viewer/);
});

test("a grant on a customer whose node is down waits, and is taken back", { skip: noDemo }, async (t) => {
  const down = (await ask(page, "customers")).data.find((c) => c.health === "down");
  if (!down) return t.skip("every node is up");
  const line = await grant(down.id);
  await until("it is pending", async () => (await line.innerText()).includes("Pending"));
  await page.getByRole("button", { name: `Remove ${newcomer.email}` }).click();
  await until(
    "it is on its way out",
    async () => (await line.count()) === 0 || (await line.innerText()).includes("being removed"),
  );
});

test("the customer's administrator sees who is in and revokes one; the console is told", { skip: noDemo }, async () => {
  await signInNode(node, customer);
  const line = node.locator(`[data-technician="${newcomer.email}"]`);
  await line.getByRole("button", { name: "Revoke…" }).click();
  await press(node.getByRole("dialog").getByRole("button", { name: "Revoke access" }));
  await line.getByText(/^Revoked/).waitFor();
  await openGrants(customer.id);
  const seen = page.locator(`[data-grant="${newcomer.email}"]`);
  await page.locator(`[data-grant="${newcomer.email}"] select`).selectOption("analyst");
  await until("the console says refused", async () => (await seen.innerText()).includes("Refused"));
  await node.reload();
  await line.getByText(/^Revoked/).waitFor();
});

test("a source is made with a key that works and is shown once", { skip: noDemo }, async () => {
  const name = `e2e ${process.pid}`;
  await node.goto(`${customer.node}/sources`);
  await node.getByRole("button", { name: "Add source" }).first().click();
  const form = node.getByRole("dialog", { name: "Add a source" });
  await form.getByLabel("Name").fill(name);
  await form.getByLabel("Source category").fill("e2e/test");
  await form.getByRole("button", { name: "Add source" }).click();
  const shown = node.getByRole("dialog", { name: `The key of ${name}` });
  const key = await shown.locator("code").first().innerText();
  assert.match(await shown.locator("code").nth(1).innerText(), /curl .*ingest\/v1\/events/);
  await shown.getByRole("button", { name: "I have copied it" }).click();
  await shown.waitFor({ state: "detached" });
  assert.ok(!(await node.content()).includes(key), "the key is gone from the page");
  const word = `marker${process.pid}`;
  const sent = await node.request.post(`${customer.node}/ingest/v1/events`, {
    headers: { authorization: `Bearer ${key}`, "content-type": "application/x-ndjson" },
    data: `{"message":"hello ${word}"}\n`,
  });
  assert.ok(sent.ok(), `${sent.status()} ${await sent.text()}`);
  await node.goto(`${customer.node}/logs#q=${word}`);
  await searched(node, word);
});

test("the logs of a customer are searched from the console", { skip: noDemo }, async () => {
  await page.goto(`${demo.console}/customers/${customer.id}/logs`);
  const events = page.getByRole("region", { name: "Events" });
  await events.locator("button[aria-expanded]").first().click();
  await events.getByRole("tab", { name: "Original fields" }).first().click();
  await page.getByRole("textbox", { name: "Query" }).fill("zzz-nothing-has-this-word");
  await page.getByRole("button", { name: "Search", exact: true }).click();
  await page.getByText("No event matches").waitFor();
  assert.ok(new URL(page.url()).hash.includes("zzz"), page.url());
  assert.ok(!new URL(page.url()).search.includes("zzz"), "the query stays out of the query string");
});

test("the audits tell what was done, by whom, without content", { skip: noDemo }, async () => {
  await page.goto(`${demo.console}/audit`);
  await settled(page);
  const text = await page.getByRole("table", { name: "Audit" }).innerText();
  assert.ok(text.includes(customer.name) && text.includes(person("administrator").email), text.slice(0, 400));
  assert.ok(!text.includes(newcomer.password));
});

test("no page broke its own security policy, and nothing failed unseen", { skip: noDemo }, () => {
  assert.deepEqual([...page.complaints, ...node.complaints], []);
});
