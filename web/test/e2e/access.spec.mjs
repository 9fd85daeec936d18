/** Technicians, groups of customers, delegations, and why somebody sees a customer or not. */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import {
  accessible,
  ask,
  demo,
  dialog,
  launch,
  menu,
  noDemo,
  open,
  person,
  press,
  settled,
  signIn,
  tell,
  until,
} from "./demo.mjs";

let browser;
let page;
let theirs;
const [first, second] = demo.customers;
const newcomer = {
  email: `access-${process.pid}@mssp.example`,
  name: "Tess Technician",
  password: "a sentence as password",
};
const GROUP = `Group ${process.pid}`;

const userId = async () => (await ask(page, "users")).data.find(({ email }) => email === newcomer.email)?.id;
const groupOf = async () => (await ask(page, "groups")).data.find(({ name }) => name.startsWith(GROUP));
const rowOf = () => page.locator(`[data-technician="${newcomer.email}"]`);

before(async () => {
  if (noDemo) return;
  browser = await launch();
  page = await open(browser);
  theirs = await open(browser);
  await signIn(page, person("administrator"));
});

after(async () => {
  if (noDemo) return;
  const user = await userId();
  if (user) await tell(page, "DELETE", `users/${user}`);
  const group = await groupOf();
  if (group) await tell(page, "DELETE", `groups/${group.id}?force=true`);
  await browser.close();
});

test("a technician is invited by a link that is shown once, and is changed", { skip: noDemo }, async () => {
  await page.goto(`${demo.console}/technicians`);
  await page.getByRole("button", { name: "Invite technician" }).click();
  await dialog(page).getByLabel("Mail address").fill(newcomer.email);
  await dialog(page).getByLabel("Name").fill("Tess");
  await press(dialog(page).getByRole("button", { name: "Invite", exact: true }));
  await dialog(page).locator("code").waitFor();
  await dialog(page).getByRole("button", { name: "Done" }).click();
  await rowOf().getByText("Link not used yet").waitFor();
  await menu(page, newcomer.email, "Edit…");
  await dialog(page).getByText("Nothing was changed yet").waitFor();
  await dialog(page).getByLabel("Name").fill(newcomer.name);
  await press(dialog(page).getByRole("button", { name: "Update technician" }));
  await rowOf().getByRole("link", { name: newcomer.name }).waitFor();
  await menu(page, newcomer.email, "New link…");
  await press(dialog(page).getByRole("button", { name: "Make a new link" }));
  const link = new URL(await dialog(page).locator("code").innerText());
  await dialog(page).getByRole("button", { name: "Done" }).click();
  await theirs.goto(`${demo.console}${link.pathname}${link.hash}`);
  await theirs.getByLabel("Password", { exact: true }).fill(newcomer.password);
  await theirs.getByLabel("Password again").fill(newcomer.password);
  await theirs.getByRole("button", { name: "Set password and sign in" }).click();
  await theirs.getByRole("navigation", { name: "Pages" }).waitFor();
  await until("the technician is active", async () => (await rowOf().innerText()).includes("Active"));
});

test("what an administrator cannot do to a person says why", { skip: noDemo }, async () => {
  await page.goto(`${demo.console}/technicians`);
  const me = person("administrator").email;
  await menu(page, me, "Edit…");
  await dialog(page).getByText("Nobody changes their own role").waitFor();
  await page.keyboard.press("Escape");
  await page.getByRole("button", { name: `Actions for ${me}`, exact: true }).click();
  const administrators = (await ask(page, "users")).data.filter(
    (u) => u.role === "administrator" && u.state === "ACTIVE",
  );
  if (administrators.length === 1)
    await page.getByRole("menuitem", { name: "Delete…" }).getByText("The last administrator stays").waitFor();
  await page.keyboard.press("Escape");
});

test("a group is made, renamed, given other customers, and narrows the customers down", { skip: noDemo }, async () => {
  await page.goto(`${demo.console}/customers?view=groups`);
  await page.getByRole("button", { name: "Make a group" }).first().click();
  await dialog(page).getByLabel("Name").fill(GROUP);
  await dialog(page).getByLabel("Find: customers").fill(first.name);
  await dialog(page).getByRole("checkbox", { name: first.name }).check();
  await press(dialog(page).getByRole("button", { name: "Make group" }));
  const row = (name) => page.locator(`[data-group="${name}"]`);
  await row(GROUP).getByText("1 customer").waitFor();
  await menu(page, GROUP, "Rename…");
  await dialog(page).getByLabel("Name").fill(`${GROUP} b`);
  await press(dialog(page).getByRole("button", { name: "Rename" }));
  await menu(page, `${GROUP} b`, "Choose customers…");
  await dialog(page).getByRole("checkbox", { name: first.name }).waitFor();
  assert.ok(await dialog(page).getByRole("checkbox", { name: first.name }).isChecked());
  await dialog(page).getByRole("checkbox", { name: second.name }).check();
  await press(dialog(page).getByRole("button", { name: "Save" }));
  await row(`${GROUP} b`).getByText("2 customers").waitFor();
  await row(`${GROUP} b`).getByRole("link").click();
  await until("two are left", async () => (await page.locator("[data-customer]").count()) === 2);
  await page.getByLabel("Group", { exact: true }).selectOption("");
  await until("all are back", async () => (await page.locator("[data-customer]").count()) > 2);
});

test("customers stand in the order that was asked for, the primary first", { skip: noDemo }, async () => {
  await page.goto(`${demo.console}/customers`);
  await page.locator("[data-customer]").first().waitFor();
  await page.getByLabel("Order").selectOption("health");
  const WORST = ["down", "degraded", "unknown", "up"];
  await until("the worst are first", async () => {
    const rest = (await page.locator("[data-health]").evaluateAll((all) => all.map((one) => one.dataset.health))).slice(
      1,
    );
    return (
      rest.length > 0 && rest.every((health, at) => at === 0 || WORST.indexOf(rest[at - 1]) <= WORST.indexOf(health))
    );
  });
  const head = await page.locator("[data-customer]").first().getAttribute("data-customer");
  assert.equal((await ask(page, `customers/${head}`)).primary, true);
  assert.match(page.url(), /sort=health/);
});

async function assign(choose) {
  await page.goto(`${demo.console}/technicians/${await userId()}`);
  await page.getByRole("button", { name: "Assign customers…" }).click();
  await dialog(page).getByText("Choose at least one customer, a group, or all").waitFor();
  await choose(dialog(page));
  await press(dialog(page).getByRole("button", { name: "Assign", exact: true }));
}

const grantOf = (customer) => page.locator(`[data-grant="${customer.id}"]`);

test("a group is delegated with a reason, and the grants that follow are applied", { skip: noDemo }, async () => {
  await assign(async (form) => {
    await form.getByRole("checkbox", { name: `${GROUP} b` }).check();
    await form.getByLabel("Role").selectOption("viewer");
    await form.getByLabel("Reason").fill("on call");
  });
  await page.locator("[data-delegation]").getByText(`Group ${GROUP} b`).waitFor();
  for (const customer of [first, second]) await grantOf(customer).getByText("Applied").waitFor();
  await grantOf(first).getByText(`Viewer by group ${GROUP} b`).waitFor();
  await grantOf(first).getByText("on call").waitFor();
});

test("the explainer says that all holds, then names what is missing and what helps", { skip: noDemo }, async () => {
  const user = await userId();
  await page.goto(`${demo.console}/access`);
  await page.getByLabel("As whom").selectOption(user);
  await page.getByLabel("Which customer").selectOption(second.id);
  await page.locator('[data-verdict="yes"]').waitFor();
  assert.ok(page.url().includes(user) && page.url().includes(second.id) && !page.url().includes("@"), page.url());
  await assign(async (form) => {
    await form.getByRole("checkbox", { name: second.name }).check();
    await form.getByLabel("Role").selectOption("deny");
  });
  await page.getByRole("link", { name: "Explain access" }).click();
  await page.getByLabel("Which customer").selectOption(second.id);
  const no = page.locator('[data-verdict="no"]');
  await no.getByText("What helps:").waitFor();
  await page.locator('[data-link="DELEGATION"][data-ok="missing"]').waitFor();
  await page.locator('[data-link="PERSON"][data-ok="ok"]').waitFor();
  await accessible(page, "the explainer");
});

test("the technician reads the same of themselves", { skip: noDemo }, async () => {
  await theirs.goto(`${demo.console}/access`);
  await settled(theirs);
  const line = theirs.locator(`[data-access="${first.id}"]`);
  await line.getByText("Yes").waitFor();
  assert.equal(await theirs.getByLabel("As whom").count(), 0, "nobody else is asked about");
});

test("a denial is taken back, and the role is there again", { skip: noDemo }, async () => {
  await page.goto(`${demo.console}/technicians/${await userId()}`);
  const denied = page.locator("[data-delegation]").filter({ hasText: "Denied" });
  await denied.getByRole("button", { name: /^Take back/ }).click();
  await press(dialog(page).getByRole("button", { name: "Take back" }));
  await until("the denial is gone", async () => (await denied.count()) === 0);
  await grantOf(second).getByText("Applied").waitFor();
});

test("from the customer's page several technicians are assigned at once", { skip: noDemo }, async () => {
  await page.goto(`${demo.console}/customers/${first.id}?tab=access`);
  await page.locator(`[data-grant="${newcomer.email}"]`).waitFor();
  await page.getByRole("button", { name: "Assign technicians…" }).click();
  await dialog(page)
    .getByRole("checkbox", { name: new RegExp(newcomer.email) })
    .check();
  await dialog(page).getByLabel("Role").selectOption("analyst");
  await dialog(page).getByLabel("Ends").fill("2099-01-01T12:00");
  await press(dialog(page).getByRole("button", { name: "Assign", exact: true }));
  const line = page.locator(`[data-grant="${newcomer.email}"]`);
  await line.getByText(/Analyst by this customer/).waitFor();
});

test("a disabled technician is signed out at the next call, and comes back when enabled", {
  skip: noDemo,
}, async () => {
  await page.goto(`${demo.console}/technicians`);
  await menu(page, newcomer.email, "Disable…");
  await press(dialog(page).getByRole("button", { name: "Disable", exact: true }));
  await rowOf().getByText("Disabled").waitFor();
  await theirs.goto(`${demo.console}/customers`);
  await theirs.waitForURL(/sign-in/);
  await menu(page, newcomer.email, "Enable…");
  await press(dialog(page).getByRole("button", { name: "Enable", exact: true }));
  await rowOf().getByText("Active").waitFor();
});

test("a group in use goes with its delegations, and the technician for good", { skip: noDemo }, async () => {
  await page.goto(`${demo.console}/customers?view=groups`);
  await menu(page, `${GROUP} b`, "Delete…");
  await dialog(page).getByText("1 delegation names it").waitFor();
  await press(dialog(page).getByRole("button", { name: "Delete group and delegations" }));
  await page.locator(`[data-group="${GROUP} b"]`).waitFor({ state: "detached" });
  await page.goto(`${demo.console}/technicians`);
  await menu(page, newcomer.email, "Delete…");
  await press(dialog(page).getByRole("button", { name: "Delete technician" }));
  await rowOf().waitFor({ state: "detached" });
});

for (const colorScheme of ["dark", "light"]) {
  test(`the pages and dialogs of access are accessible (${colorScheme})`, { skip: noDemo }, async () => {
    const looked = await open(browser, { colorScheme });
    await signIn(looked, person("administrator"));
    const analyst = (await ask(looked, "users")).data.find(({ email }) => email === person("analyst").email);
    for (const path of [
      "technicians",
      `technicians/${analyst.id}`,
      "customers?view=groups",
      "access",
      `customers/${first.id}?tab=access`,
    ]) {
      await looked.goto(`${demo.console}/${path}`);
      await settled(looked);
      await accessible(looked, path);
    }
    for (const [path, button] of [
      ["technicians", "Invite technician"],
      ["technicians", "Assign customers…"],
      ["customers?view=groups", "Make a group"],
    ]) {
      await looked.goto(`${demo.console}/${path}`);
      await looked.getByRole("button", { name: button }).first().click();
      await dialog(looked).getByRole("button", { name: "Cancel" }).waitFor();
      await settled(looked);
      await accessible(looked, `${path}: ${button}`);
    }
    await looked.context().close();
  });
}

test("no page of access broke its own security policy", { skip: noDemo }, () => {
  assert.deepEqual([...page.complaints, ...theirs.complaints], []);
});
