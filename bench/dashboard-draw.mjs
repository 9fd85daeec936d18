/**
 * How long 16 panels of 8 series and 300 points take to be drawn, next to a page of bare ECharts with the same numbers, in the
 * same browser and the same run.
 *
 *     node bench/dashboard-draw.mjs [--dist web/dist/console] [--rounds 5]
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
    rounds: { type: "string", default: "5" },
  },
});
const DIST = resolve(values.dist);
const ORIGIN = "http://console.test";
const [PANELS, SERIES, POINTS] = [16, 8, 300];
const LIMIT_MS = 500;
const WIDTH_MS = 300_000;
const WAIT_MS = 1500;
const START = Date.UTC(2026, 10, 22);
const times = Array.from({ length: POINTS }, (_, at) => new Date(START + at * WIDTH_MS).toISOString());
const range = { from: times[0], to: new Date(START + POINTS * WIDTH_MS).toISOString() };
const value = (panel, series, at, turn) =>
  Math.round(
    200 + 90 * Math.sin(at / 19 + panel + series) + ((at * 7919 + series * 104729 + panel * 31 + turn * 17) % 61),
  );

const definition = {
  name: "draw",
  title: "Draw",
  description: "",
  range: "24h",
  timeslice: "5m",
  filters: ["org_name"],
  sections: [
    {
      title: "",
      panels: Array.from({ length: PANELS }, (_, at) => ({
        id: `p${at}`,
        title: `Panel ${at}`,
        measure: "signals",
        group_by: ["org"],
        bucket: "timeslice",
        chart: at % 2 ? "lines" : "columns",
        unit: "signals",
        sort: "time_asc",
      })),
    },
  ],
};

let turn = 0;
const rowsOf = (of) => Array.from({ length: SERIES }, (_, series) => times.map((_, at) => of(series, at))).flat();

/** What the console would answer, panel by panel. */
function answered() {
  turn += 1;
  const lines = definition.sections[0].panels.map(({ id }, panel) => ({
    panel: id,
    frame: {
      range,
      buckets: times,
      groups: SERIES,
      missing: 0,
      columns: [
        { name: "time", type: "time", values: rowsOf((_, at) => times[at]) },
        { name: "org_name", type: "text", values: rowsOf((series) => `Customer ${series}`) },
        { name: "org_id", type: "text", values: rowsOf((series) => `c${series}`) },
        {
          name: "signals",
          type: "number",
          unit: "signals",
          values: rowsOf((series, at) => value(panel, series, at, turn)),
        },
      ],
    },
  }));
  const scope = { complete: true, asked: SERIES, answered: SERIES, skipped: [], failed: [] };
  return [...lines, { scope }].map((line) => `${JSON.stringify(line)}\n`).join("");
}

const ME = { id: "u1", email: "ana@msp.example", name: "Ana", role: "analyst", csrf: "x" };
const PREFERENCES = {
  multi_customer: true,
  multi_customer_available: true,
  density: "COMPACT",
  single_keys: true,
  reason: null,
};

function answer(path) {
  if (path === "me") return ME;
  if (path === "me/preferences") return PREFERENCES;
  if (path === "dashboards/draw") return definition;
  return { data: [], next: null };
}

const KINDS = {
  ".html": "text/html",
  ".js": "text/javascript",
  ".css": "text/css",
  ".svg": "image/svg+xml",
  ".woff2": "font/woff2",
};
const ECHARTS = createRequire(new URL("package.json", web)).resolve("echarts/dist/echarts.min.js");

/** The peer: the whole library as it comes, one chart a panel, the same kinds of chart in the same sizes. */
const BARE = `<!doctype html><style>body{margin:0;display:grid;grid-template-columns:1fr 1fr;gap:8px}div{height:184px}</style><body>
<script src="/echarts.js"></script><script>
const boxes=Array.from({length:${PANELS}},()=>document.body.appendChild(document.createElement("div")));const charts=[];
window.draw=(all,times)=>{const began=performance.now();boxes.forEach((box,p)=>{charts[p]??=echarts.init(box);
const kind=p%2?{type:"line",showSymbol:false}:{type:"bar",stack:"all"};
charts[p].setOption({animation:false,xAxis:{type:"category",data:times},yAxis:{type:"value"},series:all[p].map(data=>({...kind,data}))},{notMerge:true})});
return new Promise(done=>requestAnimationFrame(()=>setTimeout(()=>done(performance.now()-began))))};</script>`;

async function serve(route) {
  const { pathname } = new URL(route.request().url());
  if (pathname === "/bare") return route.fulfill({ contentType: "text/html", body: BARE });
  if (pathname === "/echarts.js") return route.fulfill({ contentType: "text/javascript", body: readFileSync(ECHARTS) });
  // Numbers come when the page stands and its scripts are loaded, as they do from a console that has to ask for them.
  if (pathname.endsWith("/query")) await new Promise((done) => setTimeout(done, WAIT_MS));
  if (pathname.endsWith("/query")) return route.fulfill({ contentType: "application/x-ndjson", body: answered() });
  if (pathname.startsWith("/api/")) return route.fulfill({ json: answer(pathname.replace("/api/v1/", "")) });
  const path = join(DIST, extname(pathname) ? pathname : "index.html");
  return route.fulfill({ body: readFileSync(path), contentType: KINDS[extname(path)] ?? "application/octet-stream" });
}

/**
 * Before the page's own scripts: hears when the numbers have come, and when every panel has been drawn from them. The time
 * between holds reading the lines, laying out the page and drawing. A chart is drawn when its canvas was painted on.
 */
function listen({ panels }) {
  const painted = new Set();
  const state = { came: 0, drawn: 0, painted };
  window.bench = state;
  const clear = CanvasRenderingContext2D.prototype.clearRect;
  CanvasRenderingContext2D.prototype.clearRect = function (...box) {
    const chart = this.canvas.closest?.("[data-chart]");
    if (chart) {
      painted.add(chart);
      if (painted.size >= panels) state.drawn = performance.now();
    }
    return clear.apply(this, box);
  };
  const fetched = window.fetch;
  window.fetch = async (...asked) => {
    const response = await fetched(...asked);
    if (String(asked[0]?.url ?? asked[0]).endsWith("/query")) {
      painted.clear();
      state.drawn = 0;
      const body = await response.arrayBuffer();
      state.came = performance.now();
      return new Response(body, { headers: response.headers });
    }
    return response;
  };
}

/** From the moment the answer is there until each of the panels is on its canvas. */
async function drawn(tab) {
  await tab.waitForFunction(() => window.bench?.drawn > 0, null, { timeout: 30_000 });
  // Drawing may go on after the last canvas was begun.
  await tab.evaluate(() => new Promise((done) => requestAnimationFrame(() => setTimeout(done))));
  return tab.evaluate(() => window.bench.drawn - window.bench.came);
}

const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
  args: ["--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking"],
});
// As tall as all panels, so that none waits to be scrolled to.
const context = await browser.newContext({ viewport: { width: 1600, height: 2400 } });
await context.route("**/*", serve);
const bare = await context.newPage();
await bare.goto(`${ORIGIN}/bare`);
await bare.waitForFunction(() => window.draw);
console.log(
  `${PANELS} panels x ${SERIES} series x ${POINTS} points, ${browser.version()}, load ${loadavg()[0].toFixed(1)}; limit ${LIMIT_MS} ms`,
);
console.log("round   ours first  ours again   bare first  bare again   (ms)");
const first = [];
for (let round = 1; round <= Number(values.rounds); round += 1) {
  const page = await context.newPage();
  await page.addInitScript(listen, { panels: PANELS });
  await page.bringToFront();
  await page.goto(`${ORIGIN}/dashboards/draw`);
  const ours = await drawn(page);
  assert.equal(await page.locator("[data-chart] canvas").count(), PANELS);
  await page.evaluate(() => {
    window.bench.drawn = 0;
  });
  await page.getByRole("button", { name: "Refresh" }).click();
  const again = await drawn(page);
  await page.close();
  await bare.bringToFront();
  if (round > 1) {
    await bare.reload();
    await bare.waitForFunction(() => window.draw);
  }
  const numbers = (now) =>
    Array.from({ length: PANELS }, (_, panel) =>
      Array.from({ length: SERIES }, (_, series) => times.map((_, at) => value(panel, series, at, now))),
    );
  const ask = (now) => bare.evaluate(({ all, at }) => window.draw(all, at), { all: numbers(now), at: times });
  const cells = [ours, again, await ask(1), await ask(2)];
  first.push(ours);
  console.log(String(round).padEnd(6), cells.map((ms) => String(Math.round(ms)).padStart(11)).join(" "));
}
await browser.close();
const middle = [...first].sort((a, b) => a - b)[Math.floor(first.length / 2)];
console.log(
  `median of ours, first: ${Math.round(middle)} ms (${middle <= LIMIT_MS ? "within" : "beyond"} ${LIMIT_MS} ms)`,
);
