/**
 * Letting customers go, and taking them in again. Runs after all others: what is deleted here comes back with another id, and the one
 * customer whose node never answers does not come back.
 */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import {
  askToDelete,
  customerRow,
  fill,
  forceDelete,
  openAddCustomer,
  openRemoved,
  proceed as proceedBy,
  removalRow,
  step,
} from "./customers.mjs";
import { accessible, ask, demo, dialog, launch, noDemo, open, person, press, signIn, tell, until } from "./demo.mjs";

let browser;
let page;
const customer = demo.customers[4];
const own = noDemo ? "" : person("administrator").password;

before(async () => {
  if (noDemo) return;
  browser = await launch();
  page = await open(browser);
  await signIn(page, person("administrator"));
});

after(() => browser?.close());

const row = (id) => customerRow(page, id);
const removal = (id, state) => removalRow(page, id, state);
const proceed = (name) => proceedBy(page, name);

test("a customer is deleted by the own password, and taken back", { skip: noDemo }, async () => {
  await askToDelete(page, customer.name);
  await accessible(page, "delete");
  const saved = page.waitForEvent("download");
  await dialog(page)
    .getByRole("button", { name: /^Download its registration/ })
    .click();
  assert.match((await saved).suggestedFilename(), /^registration-.*\.json$/);
  await dialog(page).getByLabel("Your own password").fill("not my password at all");
  await proceed("Delete customer").click();
  await dialog(page).getByText("This is not your own password.").waitFor();
  assert.equal(await proceed("Force delete").count(), 0, "its node answers: nothing is to be forced");
  await dialog(page).getByLabel("Your own password").fill(own);
  await press(proceed("Delete customer"));
  await page
    .getByText(new RegExp(`${customer.name} was deleted; until`))
    .first()
    .waitFor();
  await row(customer.id).waitFor({ state: "detached" });

  await openRemoved(page);
  await removal(customer.id, "SUSPENDED").getByText("can be undone until").waitFor();
  await accessible(page, "removed");
  await press(removal(customer.id, "SUSPENDED").getByRole("button", { name: `Undo the deletion of ${customer.name}` }));
  await page.getByText(`${customer.name} is back`).first().waitFor();
  await removal(customer.id, "UNDONE").first().waitFor();
  await page.getByRole("link", { name: "Active", exact: true }).click();
  await row(customer.id).waitFor();
});

test("a customer is removed for good and added again, with its grants", { skip: noDemo }, async () => {
  const grants = (await ask(page, `grants?customer=${customer.id}`)).data.filter((g) => g.desired);
  const mail = (await ask(page, `customers/${customer.id}`)).mail;
  await askToDelete(page, customer.name);
  await dialog(page).getByLabel("Remove it at once").check();
  await dialog(page).getByLabel("Your own password").fill(own);
  await press(proceed("Delete customer"));
  await page.getByText(`${customer.name} was removed for good`).first().waitFor();

  await openAddCustomer(page, customer.node);
  await fill(page, { "Customer name": customer.name, "Customer mail": mail });
  await fill(page, { "Workspace administrator": customer.admin.user, "Its password": customer.admin.password });
  await proceed("Check").click();
  await step(page, "ENROLMENT", "PASSED").waitFor();
  await accessible(page, "preflight");
  await press(proceed("Save and add another"));
  await page.getByText(`${customer.name} was added`).first().waitFor();
  await until("the form is empty", async () => (await dialog(page).getByLabel("Customer name").inputValue()) === "");
  assert.equal(await dialog(page).getByLabel("Its password").inputValue(), "");
  assert.equal(
    await dialog(page).getByLabel("Port").inputValue(),
    new URL(customer.node).port,
    "the next one is often at the same node",
  );
  await page.keyboard.press("Escape");
  const again = (await ask(page, "customers")).data.find((c) => c.name === customer.name);
  for (const { user, desired } of grants)
    await tell(page, "PUT", "grants", { user, customer: again.id, role: desired });
  await row(again.id).waitFor();
});

test("many customers come from a file, line by line", { skip: noDemo }, async () => {
  const { hostname, port } = new URL(demo.customers[0].node);
  const file = [
    "name,mail,server,port,scheme,admin_user,admin_password",
    `${demo.customers[0].name},soc@x.example,${hostname},${port},http,any,thing`,
    `E2E ${process.pid},soc@x.example,${hostname},${port},http,nobody,wrong wrong`,
    `E2E ${process.pid},soc@x.example,${hostname},port,http,nobody,wrong wrong`,
  ].join("\n");
  await page.goto(`${demo.console}/customers`);
  await page.getByRole("button", { name: "Add many" }).click();
  await dialog(page)
    .getByLabel("File of customers")
    .setInputFiles({ name: "customers.csv", mimeType: "text/csv", buffer: Buffer.from(file) });
  await dialog(page).getByRole("button", { name: "Add 3 customers" }).click();
  const line = (n) => dialog(page).locator(`[data-line="${n}"]`);
  await line(2).getByText("There already").waitFor();
  await line(3).getByText("AUTH_FAILED").waitFor();
  await line(4).getByText("LINE_INVALID").waitFor();
  await dialog(page).getByText("done, but not every line was taken").waitFor();
  assert.match(await dialog(page).getByTestId("totals").innerText(), /0 added\s+1 there already\s+2 refused/);
  await accessible(page, "many");
  await page.keyboard.press("Escape");
  await page.getByRole("button", { name: "Add many" }).click();
  await line(3).waitFor();
  await dialog(page).getByRole("button", { name: "Another file" }).click();
  await page.keyboard.press("Escape");
});

test("a customer whose node does not answer is force-deleted, with a reason, only after deleting it failed", {
  skip: noDemo,
}, async (t) => {
  const down = (await ask(page, "customers")).data.find((c) => c.health === "down");
  if (!down) return t.skip("every node is up");
  await askToDelete(page, down.name);
  if (down.delete_failed === null) assert.equal(await proceed("Force delete").count(), 0);
  await dialog(page).getByLabel("Your own password").fill(own);
  await dialog(page).locator("button[type=submit]").click();
  await dialog(page)
    .getByText(/^Deleting it failed/)
    .waitFor();
  await until("it was tried", async () => (await ask(page, `customers/${down.id}`)).delete_failed !== null);
  await accessible(page, "force delete");
  await proceed("Force delete").click();
  assert.equal(await dialog(page).count(), 1, "no reason, no force delete");
  await forceDelete(page, down.name, "The site was closed");
  await row(down.id).waitFor({ state: "detached" });
  await openRemoved(page);
  const line = removal(down.id, "PENDING");
  for (const text of ["Waits for its node", "Force-deleted", "The site was closed"])
    await line.getByText(text).waitFor();
  assert.equal(await line.getByRole("button").count(), 0, "a force delete is not undone");
});

test("no page broke its own security policy, and nothing failed unseen", { skip: noDemo }, () => {
  assert.deepEqual([...page.complaints], []);
});
