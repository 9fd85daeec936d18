/**
 * "Customer management in Log360 MSSP", section by section: what each describes is walked here, under its own title. Where ours differs, one
 * line says how. The customer of the walk is on a node of its own, which can be stopped; each section stands by itself.
 */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import {
  acceptCertificate,
  allocation,
  askToDelete,
  customerRow,
  fill,
  followLicence,
  forceDelete,
  openAddCustomer,
  openEdit,
  openRemoved,
  proceed,
  removalRow,
  step,
  syncNow,
} from "./customers.mjs";
import {
  ask,
  demo,
  dialog,
  launch,
  noDemo,
  open,
  openQueue,
  person,
  press,
  settled,
  signIn,
  signInNode,
  slow,
  tell,
  until,
} from "./demo.mjs";
import { noNode, OwnNode } from "./own-node.mjs";

let browser;
let page;
let node;
const NAME = `Ivy Walk ${process.pid}`;
const MAIL = "soc@ivy.example";
const admin = { user: `ivy-${process.pid}`, password: "the password of its administrator" };
const own = noDemo ? "" : person("administrator").password;
/** A node that starts, a health that turns: longer than an answer takes. */
const TURN_MS = slow ? 180_000 : 90_000;

before(async () => {
  if (noDemo) return;
  browser = await launch();
  page = await open(browser);
  await signIn(page, person("administrator"));
});

after(async () => {
  if (noDemo) return;
  try {
    const left = await ours();
    if (left) {
      await running();
      await tell(page, "DELETE", `customers/${left.id}`, { password: own, now: true });
    }
  } finally {
    await browser.close();
    await node?.remove();
  }
});

/** The node of the walk, running, with a workspace whose administrator has a password. */
async function running() {
  if (node) return node.start();
  node = new OwnNode();
  await node.start();
  const theirs = await open(browser, { ignoreHTTPSErrors: true });
  await theirs.goto(await node.addWorkspace(NAME, admin.user));
  await theirs.getByLabel("Password", { exact: true }).fill(admin.password);
  await theirs.getByLabel("Password again").fill(admin.password);
  await theirs.getByRole("button", { name: "Set password and sign in" }).click();
  await theirs.getByRole("navigation", { name: "Pages" }).waitFor();
  assert.deepEqual(theirs.complaints, []);
  await theirs.context().close();
}

const ours = async () => (await ask(page, "customers")).data.find(({ name }) => name === NAME);

/** The customer of the walk, its node up; added beside the page when no section before this one did. */
async function customer() {
  await running();
  if (!(await ours())) {
    const { hostname, port } = node.url;
    const where = { server: hostname, port: Number(port), scheme: "https", fingerprint: node.fingerprint };
    await tell(page, "POST", "customers", { name: NAME, mail: MAIL, ...where, admin, primary: false });
  }
  return until("its node is up", async () => (await ours())?.health === "up" && ours(), TURN_MS);
}

/** The row of a customer, on the page of customers just opened. */
async function rowOf({ id }) {
  await page.goto(`${demo.console}/customers`);
  const row = customerRow(page, id);
  await row.waitFor();
  return row;
}

const told = (text) => page.getByText(text).first().waitFor();

test("Overview", { skip: noDemo }, async () => {
  const theirs = await open(browser);
  await signInNode(theirs, demo.customers[0]);
  await theirs.getByRole("link", { name: "Investigations" }).waitFor();
  await theirs.context().close();
  await page.goto(`${demo.console}/customers`);
  for (const { id, name } of demo.customers) {
    const row = customerRow(page, id);
    if ((await ask(page, "customers")).data.some((each) => each.id === id)) await row.getByText(name).first().waitFor();
  }
  const regions = new Set((await ask(page, "customers")).data.map(({ region }) => region));
  assert.ok(regions.size >= 3, "instances across various regions");
  await openQueue(page);
  const from = await until(
    "investigations of two customers in one list",
    async () => {
      const { data } = await ask(page, "investigations?limit=200");
      const names = [...new Set(data.map((each) => each.customer.name))];
      return names.length > 1 && names;
    },
    150_000,
  );
  await page.goto(`${demo.console}/investigations`);
  for (const name of from.slice(0, 2)) await page.locator("[data-rrn]").getByText(name).first().waitFor();
});

test("Integrating outsourced Log360 instances into Log360 MSSP", { skip: noNode }, async () => {
  // Phase 1 is ours in a shell: a node and a workspace are made by the binary; only its administrator's password is set in a browser.
  await running();
  await openAddCustomer(page, node.url);
  await fill(page, { "Customer name": `${NAME} to be`, "Customer mail": MAIL });
  await fill(page, { "Workspace administrator": admin.user, "Its password": admin.password });
  // Who vouches for an instance is not asked there; a certificate of its own making is compared and pinned here.
  assert.equal(await acceptCertificate(page), node.fingerprint);
  // "Set up and running": it has an address and answers.
  for (const check of ["ADDRESS", "PORT", "TLS"]) await step(page, check, "PASSED").waitFor();
  // "The same version (build)": within one minor version here.
  await step(page, "PRODUCT", "PASSED").waitFor();
  await step(page, "CREDENTIALS", "PASSED").waitFor();
  // "Connectivity is bidirectional": looked at each way; the way back may be missing.
  await dialog(page).locator('[data-step="WAY_BACK"]').waitFor();
  await dialog(page).getByText("Everything is in order.").waitFor();
  await proceed(page, "Cancel").click();
  assert.ok(!(await ask(page, "customers")).data.some(({ name }) => name === `${NAME} to be`), "looking saves nothing");
  // Ours needs no way in at all: a code, and the node dials the console.
  await page.getByRole("button", { name: "Add customer" }).first().click();
  await dialog(page).getByLabel("The node dials the console").check();
  await dialog(page).getByRole("button", { name: "Make a code" }).waitFor();
  await page.keyboard.press("Escape");
});

test("Accessing customer management", { skip: noDemo }, async () => {
  const fresh = await open(browser);
  await signIn(fresh, person("administrator"));
  // Settings stands in the left menu, not in the header.
  const menu = fresh.getByRole("navigation", { name: "Pages" });
  await menu.getByText("Settings", { exact: true }).waitFor();
  const management = menu.getByRole("group", { name: "Customer Management" });
  for (const settings of ["License Management", "Customer settings"])
    await management.getByRole("link", { name: settings }).waitFor();
  await management.getByRole("link", { name: "Customers", exact: true }).click();
  await fresh.getByRole("heading", { name: "Customers", exact: true }).waitFor();
  await fresh.getByRole("button", { name: "Add customer" }).first().waitFor();
  await fresh.context().close();
});

test("Customer management", { skip: noDemo }, async () => {
  await page.goto(`${demo.console}/customers`);
  const { data } = await ask(page, "customers");
  for (const { id, name } of data) {
    const row = customerRow(page, id);
    await row
      .getByText(/^(Up|Down|Degraded|Unknown)$/)
      .first()
      .waitFor({ state: "attached" });
    await row.locator("[data-sync]").waitFor();
    for (const button of [`Edit ${name}`, `Delete ${name}`, `Sync Now: ${name}`])
      await row.getByRole("button", { name: button, exact: true }).waitFor({ state: "attached" });
    await row.getByRole("link", { name: `The licence of ${name}` }).waitFor();
  }
  const other = await open(browser);
  await signIn(other, person("analyst"));
  await other.goto(`${demo.console}/customers`);
  await other.locator("[data-customer]").first().waitFor();
  assert.equal(
    await other.getByRole("button", { name: /^(Add|Edit|Delete|Sync Now)/ }).count(),
    0,
    "administrators only",
  );
  await other.context().close();
});

/** Lets the customer of the walk go for good, beside the page. */
async function gone() {
  const here = await ours();
  if (here) await tell(page, "DELETE", `customers/${here.id}`, { password: own, now: true });
}

test("Adding a customer", { skip: noNode }, async () => {
  await running();
  await gone();
  await openAddCustomer(page, node.url);
  await fill(page, { "Customer name": demo.customers[0].name.toUpperCase(), "Customer mail": MAIL });
  await fill(page, { "Workspace administrator": admin.user, "Its password": admin.password });
  await proceed(page, "Add customer").click();
  await dialog(page).getByText("Another customer has this name.").waitFor();
  await fill(page, { "Customer name": NAME, "Customer mail": "no mail" });
  await proceed(page, "Add customer").click();
  await dialog(page).getByText("This is no mail address.").waitFor();
  await fill(page, { "Customer mail": MAIL });
  await acceptCertificate(page);
  await step(page, "WAY_BACK", "PASSED").waitFor();
  await proceed(page, "Add customer").click();
  await told(`${NAME} was added`);
  const added = await until("it is there", ours);
  const row = customerRow(page, added.id);
  await row.waitFor();
  await row.locator('[data-sync="OK"]').waitFor();
  assert.deepEqual([added.mail, added.server, added.scheme], [MAIL, node.url.hostname, "https"]);
});

test("Editing a customer", { skip: noNode }, async () => {
  const { id } = await customer();
  const row = await rowOf({ id });
  await openEdit(page, NAME);
  // Ours asks for the workspace's administrator only when the node is met anew.
  assert.equal(await dialog(page).getByLabel("Its password").count(), 0);
  const pinned = await dialog(page).getByTestId("pinned").locator("code").innerText();
  assert.equal(pinned.replaceAll(":", ""), node.fingerprint);
  await fill(page, { "Customer mail": "night@ivy.example" });
  await press(proceed(page, "Update customer"));
  await told(`${NAME} was updated`);
  await row.locator('[title*="night@ivy.example"]').waitFor();

  await openEdit(page, NAME);
  const other = (await ask(page, `customers/${id}`)).server === "localhost" ? node.url.hostname : "localhost";
  await fill(page, { Server: other });
  await dialog(page).getByText("enrolled anew there").waitFor();
  await fill(page, { "Workspace administrator": admin.user, "Its password": admin.password });
  await acceptCertificate(page);
  await step(page, "WAY_BACK", "PASSED").waitFor();
  await proceed(page, "Update customer").click();
  await dialog(page).waitFor({ state: "detached" });
  const moved = await ask(page, `customers/${id}`);
  assert.deepEqual([moved.server, moved.mail, moved.name], [other, "night@ivy.example", NAME]);
  await row.waitFor();
  await page.goto(`${demo.console}/customers/${id}`);
  const connection = page.getByRole("region", { name: "Connection" });
  await connection.getByText(`https://${other}:${node.url.port}`).waitFor();
  assert.equal((await connection.getByTestId("pinned").innerText()).replaceAll(":", ""), node.fingerprint);
});

test("Deleting a customer", { skip: noNode }, async (t) => {
  const { id } = await customer();
  await t.test("Soft delete", async () => {
    await askToDelete(page, NAME);
    await page.getByRole("dialog", { name: "Confirm password" }).waitFor();
    await fill(page, { "Your own password": "not my password at all" });
    // Ours says what it does, "Delete customer", in place of "Proceed".
    await proceed(page, "Delete customer").click();
    await dialog(page).getByText("This is not your own password.").waitFor();
    assert.equal(await proceed(page, "Force delete").count(), 0, "its node answers: nothing is to be forced");
    await fill(page, { "Your own password": own });
    await press(proceed(page, "Delete customer"));
    await told(new RegExp(`${NAME} was deleted`));
    await customerRow(page, id).waitFor({ state: "detached" });
    // Ours waits with the removal itself, and takes it back until then.
    await openRemoved(page);
    await press(removalRow(page, id, "SUSPENDED").getByRole("button", { name: `Undo the deletion of ${NAME}` }));
    await removalRow(page, id, "UNDONE").first().waitFor();
  });
  await t.test("Force delete", async () => {
    await customer();
    await node.stop();
    await askToDelete(page, NAME);
    await fill(page, { "Your own password": own });
    assert.equal(await proceed(page, "Force delete").count(), 0, "offered only after deleting it failed");
    await proceed(page, "Delete customer").click();
    await forceDelete(page, NAME, "Its site was closed");
    await customerRow(page, id).waitFor({ state: "detached" });
    await openRemoved(page);
    await removalRow(page, id, "PENDING").getByText("Its site was closed").waitFor();
    // Ours leaves nothing behind: the node is told when it is back, and cleans up.
    await node.start();
    await removalRow(page, id, "DONE").waitFor({ timeout: TURN_MS });
  });
  await t.test("it is added again with no manual reset", customer);
});

test("Manual data sync", { skip: noNode }, async (t) => {
  const { id } = await customer();
  const row = await rowOf({ id });
  await t.test("Sync Now appears under the pointer, and the status is shown until it is successful", async () => {
    await row.locator("[data-sync]").hover();
    assert.equal(await syncNow(page, NAME).evaluate((button) => getComputedStyle(button).opacity), "1");
    const was = await ask(page, `customers/${id}/sync`);
    const done = told(`${NAME}: Data Collection Successful`);
    await press(syncNow(page, NAME));
    await done;
    await row.locator('[data-sync="OK"]').getByText("Data Collection Successful").waitFor();
    const now = await ask(page, `customers/${id}/sync`);
    assert.ok(Date.parse(now.finished) > Date.parse(was.finished ?? 0), "another sync was done");
  });
  await t.test("a sync that fails says so", async () => {
    await node.stop();
    const failed = told(`${NAME}: the sync failed`);
    await press(syncNow(page, NAME));
    await failed;
    await row
      .locator('[data-sync="FAILED"]')
      .getByText(/NODE_DOWN|UNREACHABLE/)
      .waitFor();
    await node.start();
    await until("it is up again", async () => (await ours()).health === "up", TURN_MS);
    await press(syncNow(page, NAME));
    await row.locator('[data-sync="OK"]').waitFor({ timeout: TURN_MS });
  });
  await t.test("components, reverse proxy, technicians, licence are synchronized by themselves", async () => {
    await page.goto(`${demo.console}/customers/${id}?tab=sync`);
    const modules = page.getByRole("table", { name: "Modules" });
    for (const module of ["components", "proxy", "technicians", "licence"])
      await modules.locator(`[data-module="${module}"]`).getByText("Taken", { exact: true }).waitFor();
    await page.getByText("Next by itself").waitFor();
  });
});

const details = () => allocation(page, NAME);
const sources = () => details().getByRole("textbox", { name: /^Sources/ });
const allocated = async (id) =>
  (await ask(page, `customers/${id}/licence`)).resources.find(({ resource }) => resource === "sources");

/** The customer of the walk with a licence of so many sources, made beside the page. */
async function licensed(number) {
  const { id } = await customer();
  await tell(page, "PUT", `customers/${id}/licence`, { sources: number, users: 5 });
  return id;
}

test("Manage customer license (via Customer Management page)", { skip: noNode }, async () => {
  await gone();
  const { id } = await customer();
  // "Additionally, you can allocate a license to a customer via the License Management page".
  await page.goto(`${demo.console}/licences`);
  await page.getByRole("button", { name: `Allocate: ${NAME}`, exact: true }).click();
  await sources().fill("5");
  await press(details().getByRole("button", { name: "Allocate", exact: true }));
  await told(`The licence of ${NAME} was allocated`);
  await page.locator(`[data-licence="${id}"] [data-resource="sources"]`).getByText("of 5").waitFor();
  assert.equal((await allocated(id)).allocated, 5);
});

test("To view the license allocation details", { skip: noNode }, async () => {
  await licensed(5);
  await followLicence(page, NAME);
  await page.getByRole("heading", { name: "License Management" }).waitFor();
  const table = details().getByRole("table", { name: "Allocation" });
  for (const head of ["Resource", "Allocated", "Applied", "Used"])
    await table.getByRole("columnheader", { name: head, exact: true }).waitFor();
  await table.locator('[data-resource="sources"]').getByText("5 sources").first().waitFor();
  await page.keyboard.press("Escape");
});

test("To edit the license allocation details", { skip: noNode }, async () => {
  const id = await licensed(5);
  await followLicence(page, NAME);
  await details().getByRole("button", { name: "Edit License" }).click();
  await sources().fill("6");
  await press(details().getByRole("button", { name: "Update", exact: true }));
  await told(`The licence of ${NAME} was updated`);
  const row = page.locator(`[data-licence="${id}"]`);
  await row.locator('[data-resource="sources"]').getByText("of 6").waitFor();
  await row.getByText("Applied", { exact: true }).waitFor();
  assert.equal((await allocated(id)).applied, 6, "its node confirmed it");
});

/** The colour of an arrow as a person sees it: whether it is more green or more red. */
const colour = (arrow) =>
  arrow.evaluate((svg) => {
    const canvas = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
    canvas.fillStyle = getComputedStyle(svg).color;
    canvas.fillRect(0, 0, 1, 1);
    const [red, green] = canvas.getImageData(0, 0, 1, 1).data;
    return red > green ? "red" : "green";
  });

test("Monitoring customer server health", { skip: noNode }, async () => {
  const { id } = await customer();
  const row = await rowOf({ id });
  const up = row.locator("svg.lucide-arrow-up");
  const down = row.locator("svg.lucide-arrow-down");
  await up.waitFor();
  assert.equal(await colour(up), "green");
  const [mark, name] = [await up.boundingBox(), await row.getByText(NAME, { exact: true }).boundingBox()];
  assert.ok(mark.x + mark.width <= name.x, "right before the name");
  await node.stop();
  await down.waitFor({ timeout: TURN_MS });
  assert.equal(await colour(down), "red");
  // "Try restarting": ours says since when and why.
  await page.goto(`${demo.console}/customers/${id}`);
  await page
    .getByRole("region", { name: "Health" })
    .getByText(/, since /)
    .waitFor();
  await node.start();
  await rowOf({ id });
  await up.waitFor({ timeout: TURN_MS });
});

test("no page broke its own security policy, and nothing failed unseen", { skip: noDemo }, async () => {
  await settled(page);
  assert.deepEqual(page.complaints, []);
});
