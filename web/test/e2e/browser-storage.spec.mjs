/** Nothing of a customer rests in the browser: unique strings, put into a case and looked at on every page, are nowhere in its storage. */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { closeAfter, detailOf, ownCase } from "./cases.mjs";
import { ask, demo, launch, noDemo, open, person, settled, signIn, tell } from "./demo.mjs";

const customer = demo.customers[0];
/** A word that stands nowhere else. */
const planted = (part) => `planted${part}${Date.now().toString(36)}`;

let browser;
let page;
closeAfter(() => page);

before(async () => {
  if (noDemo) return;
  browser = await launch();
  page = await open(browser);
  await signIn(page, person("administrator"));
});

after(() => browser?.close());

/** Everything the browser keeps for these pages, as one text. */
const kept = () =>
  page.evaluate(async () => {
    const all = { local: { ...localStorage }, session: { ...sessionStorage }, cookie: document.cookie };
    all.databases = (await indexedDB.databases()).map(({ name }) => name);
    all.caches = [];
    for (const name of await caches.keys().catch(() => [])) {
      const cache = await caches.open(name);
      for (const request of await cache.keys()) all.caches.push(request.url, await (await cache.match(request)).text());
    }
    all.workers = (await navigator.serviceWorker?.getRegistrations().catch(() => []))?.length ?? 0;
    return JSON.stringify(all);
  });

test("after a walk through all pages the browser keeps nothing of any customer", { skip: noDemo }, async () => {
  const words = Object.fromEntries(["title", "tag", "comment", "file", "search"].map((part) => [part, planted(part)]));
  const row = await ownCase(page, customer, words.title, {
    tags: [words.tag],
    comment: { body: words.comment, visibility: "INTERNAL" },
  });
  await page.goto(detailOf(row.rrn, "?tab=files"));
  const file = { name: `${words.file}.txt`, mimeType: "text/plain", buffer: Buffer.from(words.file) };
  await page.getByLabel("Attach files").setInputFiles(file);
  await page.locator(`[data-file="${file.name}"]`).waitFor();
  const { id } = customer;
  const pages = [
    "home",
    "customer-table",
    "investigations",
    `customers/${id}/investigations`,
    ...[
      "",
      "?view=table",
      "?tab=alerts",
      "?tab=comments",
      "?tab=evidence",
      "?tab=related",
      "?tab=history",
      "?tab=audit",
    ].map((search) => `investigations/${row.rrn}${search}`),
    `investigations#q=${words.search}`,
    `customers/${id}/logs#q=${words.search}`,
    `customers/${id}/logs?view=sql`,
    `logs?customers=${id}#q=${words.search}`,
    "customers",
    `customers/${id}`,
    "missing",
    "licences",
    "technicians",
    "settings/preferences",
    "settings/customers",
    "access",
    "audit",
  ];
  for (const path of pages) {
    await page.goto(`${demo.console}/${path}`);
    await settled(page);
    const text = await kept();
    const names = (await ask(page, "customers")).data.map(({ name }) => name);
    for (const word of [...Object.values(words), row.rrn, ...names]) {
      assert.ok(!text.includes(word), `${word} rests in the browser after ${path}: ${text}`);
    }
  }
  assert.match(await kept(), /"databases":\[\],"caches":\[\],"workers":0/);
  await tell(page, "PATCH", `investigations/${row.rrn}`, {
    version: (await ask(page, `investigations/${row.rrn}`)).investigation.version,
    tags: [],
  });
});
