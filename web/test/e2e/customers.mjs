/** What a person does to customers, for the specs that do it. */
import { demo, dialog, press } from "./demo.mjs";

export const customerRow = (page, id) => page.locator(`[data-customer="${id}"]`);
export const removalRow = (page, id, state) => page.locator(`[data-removal="${id}"][data-state="${state}"]`);
export const syncNow = (page, name) => page.getByRole("button", { name: `Sync Now: ${name}`, exact: true });

/** A button of the open dialog. */
export const proceed = (page, name) => dialog(page).getByRole("button", { name, exact: true });

/** Fills fields of the open dialog by their labels. */
export async function fill(page, fields) {
  for (const [label, value] of Object.entries(fields))
    await dialog(page).getByLabel(label, { exact: true }).fill(value);
}

/** Says in the open form where a node is. */
export async function fillNode(page, at) {
  const url = new URL(at);
  await fill(page, { Server: url.hostname, Port: url.port });
  await dialog(page).getByLabel("Connection").selectOption(url.protocol.replace(":", ""));
}

/** A step of the preflight that ended as told. */
export const step = (page, check, result) => dialog(page).locator(`[data-step="${check}"][data-result="${result}"]`);

/** Opens the form of a new customer, and says where its node is. */
export async function openAddCustomer(page, at) {
  await page.goto(`${demo.console}/customers`);
  await page.getByRole("button", { name: "Add customer" }).first().click();
  await fillNode(page, at);
}

/** Looks, and takes the certificate that is shown; what was shown is the answer. */
export async function acceptCertificate(page) {
  await proceed(page, "Check").click();
  await step(page, "TLS", "FAILED").waitFor();
  const shown = (await dialog(page).getByTestId("fingerprint").innerText()).replaceAll(":", "");
  await proceed(page, "It is the one I was read: accept it").click();
  await step(page, "TLS", "PASSED").waitFor();
  return shown;
}

export async function openEdit(page, name) {
  await page.getByRole("button", { name: `Edit ${name}`, exact: true }).click();
  await dialog(page).getByLabel("Customer name").waitFor();
}

/** Opens what asks for the own password before a customer is deleted. */
export async function askToDelete(page, name) {
  await page.goto(`${demo.console}/customers`);
  await page.getByRole("button", { name: `Delete ${name}`, exact: true }).click();
  await dialog(page).getByText(`Delete the customer ${name}`).waitFor();
}

/** Forces a deletion that has failed in the open dialog. */
export async function forceDelete(page, name, reason) {
  await dialog(page)
    .getByText(/^Deleting it failed/)
    .waitFor();
  await dialog(page).getByLabel("Reason for a force delete").fill(reason);
  await press(proceed(page, "Force delete"));
  await page.getByText(`${name} was force-deleted`).first().waitFor();
}

/** Where removed customers are listed, from the page of customers. */
export const openRemoved = (page) => page.getByRole("link", { name: "Removed", exact: true }).click();

/** Follows the licence icon of a row. */
export async function followLicence(page, name) {
  await page.goto(`${demo.console}/customers`);
  await page.getByRole("link", { name: `The licence of ${name}` }).click();
}

/** A customer's Allocation Details. */
export const allocation = (page, name) => page.getByRole("dialog", { name: `Allocation Details of ${name}` });
