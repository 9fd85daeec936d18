/** The pages' colours as a canvas needs them: words of CSS made into colours, for the theme that is on. */
import { useMemo, useSyncExternalStore } from "react";
import { useLook } from "../lib/theme";

export interface Palette {
  series: string[];
  other: string;
  text: string;
  muted: string;
  line: string;
  surface: string;
  accent: string;
  critical: string;
}

/** The same for what CSS draws. */
export const FILLS = [
  "fill-series-1",
  "fill-series-2",
  "fill-series-3",
  "fill-series-4",
  "fill-series-5",
  "fill-series-6",
  "fill-series-7",
  "fill-series-8",
] as const;
export const BACKGROUNDS = [
  "bg-series-1",
  "bg-series-2",
  "bg-series-3",
  "bg-series-4",
  "bg-series-5",
  "bg-series-6",
  "bg-series-7",
  "bg-series-8",
] as const;
export const OTHER_FILL = "fill-series-other";
export const OTHER_BACKGROUND = "bg-series-other";

export const fillOf = (index: number, other: boolean): string =>
  other ? OTHER_FILL : (FILLS[index % FILLS.length] ?? OTHER_FILL);
export const backgroundOf = (index: number, other: boolean): string =>
  other ? OTHER_BACKGROUND : (BACKGROUNDS[index % BACKGROUNDS.length] ?? OTHER_BACKGROUND);
export const colourOf = (palette: Palette, index: number, other: boolean): string =>
  other ? palette.other : (palette.series[index % palette.series.length] ?? palette.other);

function read(): Palette {
  const probe = document.createElement("span");
  probe.hidden = true;
  document.body.append(probe);
  const colour = (name: string) => {
    probe.style.color = `var(--color-${name})`;
    return getComputedStyle(probe).color;
  };
  const palette: Palette = {
    series: FILLS.map((_, at) => colour(`series-${at + 1}`)),
    other: colour("series-other"),
    text: colour("text"),
    muted: colour("muted"),
    line: colour("line"),
    surface: colour("surface"),
    accent: colour("accent"),
    critical: colour("critical"),
  };
  probe.remove();
  return palette;
}

let known: { of: string; palette: Palette } | null = null;

/** Read once for each look: asking for a colour makes the browser work out the whole page's styles. */
function paletteOf(look: string): Palette {
  if (known?.of !== look) known = { of: look, palette: read() };
  return known.palette;
}

function subscribe(listener: () => void): () => void {
  const dark = matchMedia("(prefers-color-scheme: dark)");
  dark.addEventListener("change", listener);
  return () => dark.removeEventListener("change", listener);
}

export function usePalette(): Palette {
  const { theme } = useLook();
  const dark = useSyncExternalStore(subscribe, () => matchMedia("(prefers-color-scheme: dark)").matches);
  const look = `${theme} ${dark}`;
  return useMemo(() => paletteOf(look), [look]);
}
