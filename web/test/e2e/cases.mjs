/** What the specs of a case share: one that only they touch, and the way back to how things were. */
import { after } from "node:test";
import { demo, tell } from "./demo.mjs";

const made = [];

/** An investigation opened for a test at a customer; closed when the spec is through. */
export async function ownCase(page, customer, title, more = {}) {
  const row = await tell(page, "POST", "investigations", { customer: customer.id, title, priority: "LOW", ...more });
  made.push(row.rrn);
  return row;
}

/** One that a page has opened. */
export function opened(page) {
  const rrn = decodeURIComponent(new URL(page.url()).pathname.split("/").at(-1));
  made.push(rrn);
  return rrn;
}

export const detailOf = (rrn, search = "") => `${demo.console}/investigations/${encodeURIComponent(rrn)}${search}`;

/** Closes what the spec has opened, with the session of a page that is still there. */
export function closeAfter(pageOf) {
  after(async () => {
    const page = pageOf();
    if (!page) return;
    for (const rrn of made) {
      const path = `investigations/${encodeURIComponent(rrn)}/status/CLOSED`;
      await tell(page, "PUT", path, { disposition: "SECURITY_TEST" }).catch(() => {});
    }
  });
}
