import { type PointerEvent, useState } from "react";

/** Less than this many pixels is a click, not a choice of a span. */
const CLICK = 4;

interface Drag {
  px: number;
  to: number;
}

/** Which bar the pointer is over, the span it drags over, in whole buckets, and the bar it is pressed on. */
export function useBrush(
  time: (px: number) => number,
  starts: readonly number[],
  end: number,
  onBrush: ((from: number, to: number) => void) | undefined,
  onPick?: (bucket: number) => void,
) {
  const [over, setOver] = useState<number | null>(null);
  const [drag, setDrag] = useState<Drag | null>(null);
  const bucket = (at: number) =>
    Math.max(
      0,
      starts.findLastIndex((start) => start <= at),
    );
  const chosen = drag && Math.abs(drag.to - drag.px) >= CLICK ? span(drag) : null;
  function span({ px, to }: Drag): [number, number] {
    const last = bucket(time(Math.max(px, to)));
    return [starts[bucket(time(Math.min(px, to)))] ?? end, starts[last + 1] ?? end];
  }
  const place = (event: PointerEvent<Element>) => event.clientX - event.currentTarget.getBoundingClientRect().left;
  return {
    over,
    chosen,
    listeners: {
      onPointerMove: (event: PointerEvent<Element>) => {
        const px = place(event);
        setOver(starts.length > 0 ? bucket(time(px)) : null);
        if (drag) setDrag({ ...drag, to: px });
      },
      onPointerDown: (event: PointerEvent<Element>) => {
        if (!onBrush || event.button !== 0) return;
        event.currentTarget.setPointerCapture(event.pointerId);
        setDrag({ px: place(event), to: place(event) });
      },
      onPointerUp: () => {
        if (chosen) onBrush?.(...chosen);
        else if (drag && starts.length > 0) onPick?.(bucket(time(drag.px)));
        setDrag(null);
      },
      onPointerCancel: () => setDrag(null),
      onPointerLeave: () => setOver(null),
    },
  };
}
