import type { ECharts, EChartsCoreOption } from "echarts/core";
import { useEffect, useRef } from "react";

type Engine = typeof import("./engine");
let engine: Engine | null = null;
let loading: Promise<Engine> | null = null;

/** Begins to load what draws, so that it is there when the first numbers are. */
export function loadEngine(): Promise<Engine> {
  loading ??= import("./engine").then((loaded) => {
    engine = loaded;
    return loaded;
  });
  return loading;
}

interface Props {
  option: EChartsCoreOption;
  width: number;
  height: number;
}

/** How far outside the window a chart is drawn already. */
const NEAR = "240px";

/**
 * A drawing. It is made when it comes near the window, and kept: new numbers are drawn into the same one. What it shows is
 * told beside it, in words and as a table.
 */
export function Canvas({ option, width, height }: Props) {
  const box = useRef<HTMLDivElement>(null);
  const chart = useRef<ECharts | null>(null);
  const near = useRef(false);
  const newest = useRef(option);
  newest.current = option;
  const drawn = useRef<EChartsCoreOption | null>(null);
  const draw = useRef(() => {});
  draw.current = () => {
    const element = box.current;
    if (!element || !near.current || drawn.current === newest.current) return;
    if (!engine) {
      void loadEngine().then(() => draw.current());
      return;
    }
    chart.current ??= engine.init(element, null, { width: element.clientWidth, height: element.clientHeight });
    chart.current.setOption(newest.current, { notMerge: true });
    drawn.current = newest.current;
    element.dataset.drawn = "";
  };
  useEffect(() => {
    const element = box.current;
    if (!element) return;
    const watch = new IntersectionObserver(
      (entries) => {
        near.current = entries.at(-1)?.isIntersecting ?? false;
        draw.current();
      },
      { rootMargin: NEAR },
    );
    watch.observe(element);
    return () => {
      watch.disconnect();
      chart.current?.dispose();
      chart.current = null;
      drawn.current = null;
    };
  }, []);
  useEffect(() => {
    if (chart.current && (chart.current.getWidth() !== width || chart.current.getHeight() !== height)) {
      chart.current.resize({ width, height });
    }
  }, [width, height]);
  // biome-ignore lint/correctness/useExhaustiveDependencies: a new option is what there is to draw
  useEffect(() => draw.current(), [option]);
  return <div ref={box} aria-hidden="true" className="absolute inset-0" data-chart="" />;
}
