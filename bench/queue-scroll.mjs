/**
 * How the queue scrolls with 5,000 rows, next to a table of plain cells without any library, in the same browser and the same run.
 *
 *     node bench/queue-scroll.mjs [--dist web/dist/console] [--rows 5000] [--rounds 3]
 *
 * The pages are those of `npm run build`; the API is answered by this script, so that only the browser is measured.
 */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { loadavg } from "node:os";
import { extname, join, resolve } from "node:path";
import { parseArgs } from "node:util";

const web = new URL("../web/", import.meta.url);
const { chromium } = createRequire(new URL("package.json", web))("playwright-core");
const { values } = parseArgs({
  options: {
    dist: { type: "string", default: new URL("dist/console", web).pathname },
    rows: { type: "string", default: "5000" },
    rounds: { type: "string", default: "3" },
  },
});
const ROWS = Number(values.rows);
const DIST = resolve(values.dist);
const ORIGIN = "http://console.test";
const FRAMES = 300;
const STEPS = { flick: 400, wheel: 84 };

const PRIORITIES = ["CRITICAL", "HIGH", "MEDIUM", "LOW", "UNSPECIFIED"];
const STATUSES = ["OPEN", "INVESTIGATING", "WAITING"];
const start = Date.now();

function row(at) {
  const customer = { id: `c${at % 60}`, name: `Customer ${at % 60}`, region: ["eu", "us", "ap"][at % 3] };
  const time = (minutes) => new Date(start - minutes * 60_000).toISOString();
  return {
    customer,
    rrn: `rrn:investigation:${customer.region}:w${at % 60}:investigation:${String(at).padStart(6, "0")}`,
    workspace: `w${at % 60}`,
    version: 1,
    title: `Suspicious process start on srv-${at}.corp.example`,
    status: STATUSES[at % STATUSES.length],
    priority: PRIORITIES[Math.floor((at * PRIORITIES.length) / ROWS)],
    disposition: "UNDECIDED",
    source: "ALERT",
    assignee: at % 4 === 0 ? { email: "dan@msp.example", name: "Dan Brown" } : null,
    entity: { type: "hostname", value: `srv-${at}.corp.example` },
    tags: at % 5 === 0 ? ["vip"] : [],
    signal_count: at % 90,
    comment_count: at % 7,
    claim: at % 40 === 0 ? { email: "eve@msp.example", name: "Eve", until: time(-10) } : null,
    looking: at % 50 === 0 ? [{ email: "eve@msp.example", name: "Eve" }] : [],
    created_time: time(at),
    updated_time: time(at / 2),
    first_alert_time: time(at),
    latest_alert_time: time(at / 2),
  };
}

const scope = { complete: true, asked: 60, answered: 60, skipped: [], failed: [] };

function page(from, limit) {
  const data = Array.from({ length: Math.min(limit, ROWS - from) }, (_, at) => row(from + at));
  const next = from + limit < ROWS ? String(from + limit) : null;
  return { data, next, scope, count: { value: ROWS, at_least: false } };
}

const ME = { id: "u1", email: "ana@msp.example", name: "Ana", role: "analyst", csrf: "x" };
const PREFERENCES = { multi_customer: true, multi_customer_available: true, density: "COMPACT", single_keys: true, reason: null };

/** What the console would answer. */
function answer(url) {
  const path = url.pathname.replace("/api/v1/", "");
  if (path === "me") return ME;
  if (path === "me/preferences") return PREFERENCES;
  if (path === "investigations") return page(Number(url.searchParams.get("cursor") ?? 0), 500);
  if (path === "investigations/changes") return { data: [], next: "x", more: false, scope };
  return { data: [], next: null, scope };
}

const KINDS = { ".html": "text/html", ".js": "text/javascript", ".css": "text/css", ".svg": "image/svg+xml", ".woff2": "font/woff2" };

async function serve(route) {
  const url = new URL(route.request().url());
  if (url.pathname === "/plain") return route.fulfill({ contentType: "text/html", body: PLAIN });
  if (url.pathname === "/api/v1/investigations/live") {
    // The first page alone, as a stream that has said all.
    const body = `retry: 600000\nevent: page\ndata: ${JSON.stringify(page(0, 200))}\n\n`;
    return route.fulfill({ contentType: "text/event-stream", body });
  }
  if (url.pathname.startsWith("/api/")) return route.fulfill({ json: answer(url) });
  const path = join(DIST, extname(url.pathname) ? url.pathname : "index.html");
  return route.fulfill({ body: readFileSync(path), contentType: KINDS[extname(path)] ?? "application/octet-stream" });
}

/** The peer: as many rows of plain text, drawn in a window of the same size, by a few lines and nothing else. */
const PLAIN = `<!doctype html><style>body{margin:0;font:13px/20px sans-serif}#box{height:760px;overflow:auto;position:relative}
.r{position:absolute;left:0;right:0;height:28px;display:grid;grid-template-columns:20px 92px 4fr 1fr 56px 2fr 58px 116px 1fr 56px 66px 24px;gap:12px;
align-items:center;border-bottom:1px solid #ccc}.r>*{overflow:hidden;white-space:nowrap;text-overflow:ellipsis}</style>
<div id=box role=grid><div id=all style="position:relative;height:${ROWS * 28}px"></div></div><script>
const box=document.getElementById("box"),all=document.getElementById("all"),shown=new Map();
function draw(){const a=Math.max(0,Math.floor(box.scrollTop/28)-12),b=Math.min(${ROWS},a+52);
for(const [i,e] of shown)if(i<a||i>=b){e.remove();shown.delete(i)}
for(let i=a;i<b;i++)if(!shown.has(i)){const e=document.createElement("div");e.className="r";e.dataset.rrn=i;e.style.transform="translateY("+i*28+"px)";
e.innerHTML="<input type=checkbox><button>High</button><a href=#>Suspicious process start on srv-"+i+".corp.example</a><span>Customer "+i%60+"</span><span>eu</span><span>srv-"+i+
".corp.example</span><span>"+i%90+"</span><button>Open</button><button>Dan Brown</button><span>4m</span><span>4m</span><button>…</button>";all.append(e);shown.set(i,e)}}
box.addEventListener("scroll",draw);draw();</script>`;

/** Scrolls so many pixels a frame, and times every frame. */
function scroll({ frames, step }) {
  return new Promise((done) => {
    const box = document.querySelector("[role=grid]");
    box.scrollTop = 0;
    const times = [];
    let last = performance.now();
    let most = 0;
    const frame = (now) => {
      times.push(now - last);
      last = now;
      most = Math.max(most, document.querySelectorAll("[data-rrn]").length);
      if (times.length > frames) return done({ times: times.slice(1), most });
      box.scrollTop += step;
      requestAnimationFrame(frame);
    };
    requestAnimationFrame(frame);
  });
}

const share = (sorted, part) => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))];

async function measure(tab, name, step) {
  const session = await tab.context().newCDPSession(tab);
  await session.send("Performance.enable");
  const metrics = async () => {
    const all = (await session.send("Performance.getMetrics")).metrics;
    return Object.fromEntries(all.map(({ name: key, value }) => [key, value]));
  };
  const before = await metrics();
  const { times, most } = await tab.evaluate(scroll, { frames: FRAMES, step });
  const after = await metrics();
  const ms = (key) => Math.round((after[key] - before[key]) * 1000);
  const sorted = [...times].sort((a, b) => a - b);
  await session.detach();
  return {
    name,
    step,
    script: ms("ScriptDuration"),
    layout: ms("LayoutDuration"),
    style: ms("RecalcStyleDuration"),
    p50: Math.round(share(sorted, 0.5)),
    p95: Math.round(share(sorted, 0.95)),
    dropped: times.filter((time) => time > 1000 / 60 + 8).length,
    rows: most,
    heap: Math.round(after.JSHeapUsedSize / 2 ** 20),
  };
}

/** Scrolls down until every row is loaded. */
async function loadAll(tab) {
  await tab.goto(`${ORIGIN}/investigations`);
  await tab.locator("[data-rrn]").first().waitFor();
  const grid = tab.getByRole("grid");
  for (let turn = 0; turn < 500; turn++) {
    if (Number(await grid.getAttribute("aria-rowcount")) === ROWS + 1) return;
    await grid.evaluate((box) => box.scrollTo(0, box.scrollHeight));
    await tab.waitForTimeout(50);
  }
  assert.fail("not every row was loaded");
}

const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
  args: ["--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking"],
});
const context = await browser.newContext({ viewport: { width: 1440, height: 900 } });
await context.route("**/*", serve);
const queue = await context.newPage();
const plain = await context.newPage();
await plain.goto(`${ORIGIN}/plain`);
const began = performance.now();
await queue.bringToFront();
await loadAll(queue);
console.log(`${ROWS} rows, ${FRAMES} frames, ${browser.version()}, load ${loadavg()[0].toFixed(1)}; loaded in ${Math.round(performance.now() - began)} ms`);
console.log("what   px/frame  script layout style  p50 p95  late frames  rows in DOM  heap MiB");
for (let round = 0; round < Number(values.rounds); round++) {
  for (const step of Object.values(STEPS)) {
    for (const [name, tab] of [["queue", queue], ["plain", plain]]) {
      await tab.bringToFront();
      const one = await measure(tab, name, step);
      const cells = [one.step, one.script, one.layout, one.style, one.p50, one.p95, one.dropped, one.rows, one.heap];
      console.log(name.padEnd(6), cells.map((cell, at) => String(cell).padStart([9, 7, 6, 6, 5, 4, 12, 12, 9][at])).join(" "));
    }
  }
}
await browser.close();
