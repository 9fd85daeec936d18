/** A panel as a picture: name, range, legend and drawing, on the colours of the page. */
import type { EChartsCoreOption } from "echarts/core";
import type { Frame, PanelDef } from "../api/dashboard-types";
import { amount } from "../lib/dashboards/format";
import { bars, capped, timed } from "../lib/dashboards/frame";
import { MEASURE } from "../lib/dashboards/words";
import { loadEngine } from "./canvas";
import { barOption, pieOption, timeOption } from "./options";
import { colourOf, type Palette } from "./palette";

const WIDTH = 1200;
const HEAD = 64;
const LEGEND = 26;
const FONT = "'Inter Variable', system-ui, sans-serif";

interface Part {
  title: string;
  option: EChartsCoreOption;
  width: number;
  height: number;
}

interface Key {
  name: string;
  colour: string;
}

/** Whether a panel of this kind can be a picture. */
export const hasPicture = (panel: PanelDef): boolean => panel.chart !== "single" && panel.chart !== "table";

const MOST_BARS = 25;

function partsOf(panel: PanelDef, frame: Frame, palette: Palette): { parts: Part[]; keys: Key[] } {
  const { unit } = panel;
  if (panel.chart === "bar" || panel.chart === "pie") {
    const all = bars(panel, frame);
    const shown = MEASURE[panel.measure].mean
      ? all.slice(0, MOST_BARS)
      : capped(all, panel.chart === "pie" ? 8 : MOST_BARS);
    const height = panel.chart === "pie" ? 420 : 40 + shown.length * 24;
    const option = panel.chart === "pie" ? pieOption(shown, palette) : barOption(shown, unit, palette);
    const keys = shown.map(({ name, value, other }, at) => ({
      name: `${name}: ${amount(value ?? 0, unit)}`,
      colour: colourOf(palette, at, other),
    }));
    return { parts: [{ title: "", option, width: WIDTH, height }], keys: panel.chart === "pie" ? keys : [] };
  }
  const data = timed(panel, frame);
  const kind = panel.chart === "columns" || panel.chart === "outlier" ? panel.chart : "lines";
  if (kind === "outlier" && data.series.length > 1) {
    const size = { width: WIDTH / 2, height: 180 };
    const parts = data.series.map((one) => {
      const option = timeOption({ kind, data: { ...data, series: [one] }, unit, ...size }, palette);
      return { title: one.name, option, ...size };
    });
    return { parts, keys: [] };
  }
  const size = { width: WIDTH, height: 420 };
  const keys = data.series.map(({ name, other }, at) => ({ name, colour: colourOf(palette, at, other) }));
  return {
    parts: [{ title: "", option: timeOption({ kind, data, unit, ...size }, palette), ...size }],
    keys: keys.length > 1 ? keys : [],
  };
}

/** The picture as a file's content. */
export async function picture(panel: PanelDef, frame: Frame, palette: Palette, note: string): Promise<Blob> {
  const engine = await loadEngine();
  const { parts, keys } = partsOf(panel, frame, palette);
  const placed = place(parts);
  const legend = keys.length > 0 ? LEGEND * Math.ceil(keys.length / 5) : 0;
  const scale = 2;
  const canvas = document.createElement("canvas");
  canvas.width = WIDTH * scale;
  canvas.height = (HEAD + legend + placed.height) * scale;
  const pen = canvas.getContext("2d");
  if (!pen) throw new Error("This browser draws no pictures");
  pen.scale(scale, scale);
  pen.fillStyle = palette.surface;
  pen.fillRect(0, 0, WIDTH, canvas.height);
  write(pen, panel.title, 16, 26, `600 16px ${FONT}`, palette.text);
  write(pen, note, 16, 46, `12px ${FONT}`, palette.muted);
  for (const [at, { name, colour }] of keys.entries()) {
    const [x, y] = [16 + (at % 5) * ((WIDTH - 32) / 5), HEAD + Math.floor(at / 5) * LEGEND];
    pen.fillStyle = colour;
    pen.fillRect(x, y, 10, 10);
    write(pen, name.slice(0, 32), x + 16, y + 9, `12px ${FONT}`, palette.muted);
  }
  for (const { part, x, y } of placed.parts) {
    const top = HEAD + legend + y;
    if (part.title) write(pen, part.title, x + 16, top + 12, `12px ${FONT}`, palette.text);
    pen.drawImage(await drawn(engine, part, scale), x, top + (part.title ? 16 : 0), part.width, part.height);
  }
  return new Promise((resolve, reject) =>
    canvas.toBlob((blob) => (blob ? resolve(blob) : reject(new Error("No picture was made"))), "image/png"),
  );
}

/** Side by side where they are half as wide as the picture. */
function place(parts: readonly Part[]) {
  let [x, y, tallest] = [0, 0, 0];
  const placed = parts.map((part) => {
    if (x + part.width > WIDTH) [x, y, tallest] = [0, y + tallest, 0];
    const at = { part, x, y };
    x += part.width;
    tallest = Math.max(tallest, part.height + (part.title ? 24 : 0));
    return at;
  });
  return { parts: placed, height: y + tallest + 8 };
}

function write(pen: CanvasRenderingContext2D, text: string, x: number, y: number, font: string, colour: string) {
  pen.font = font;
  pen.fillStyle = colour;
  pen.fillText(text, x, y);
}

async function drawn(
  engine: Awaited<ReturnType<typeof loadEngine>>,
  part: Part,
  scale: number,
): Promise<HTMLImageElement> {
  const element = document.createElement("div");
  const chart = engine.init(element, null, { width: part.width, height: part.height, devicePixelRatio: scale });
  try {
    chart.setOption(part.option);
    const image = new Image();
    image.src = chart.getDataURL({ type: "png", pixelRatio: scale });
    await image.decode();
    return image;
  } finally {
    chart.dispose();
  }
}
