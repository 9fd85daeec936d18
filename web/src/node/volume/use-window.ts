import { useQuery } from "@tanstack/react-query";
import { type VolumeRange, type VolumeWindow, volumeWindow } from "../../lib/volume";

/** What was counted in a window. */
export interface Counted<Page> {
  window: VolumeWindow;
  page: Page;
}

/** Asks for a window that ends now, and again every minute: meters move every five. */
export function useWindow<Page>(
  key: readonly unknown[],
  range: VolumeRange,
  ask: (window: VolumeWindow) => Promise<Page>,
) {
  return useQuery({
    queryKey: [...key, range],
    queryFn: async (): Promise<Counted<Page>> => {
      const window = volumeWindow(range, Date.now());
      return { window, page: await ask(window) };
    },
    refetchInterval: 60_000,
  });
}

/** The window as the API wants it. */
export function asked(window: VolumeWindow): { from: string; grain: number } {
  return { from: new Date(window.from).toISOString(), grain: window.grain };
}
