import type { Dimension } from "../../api/node";
import type { Tier } from "../../api/types";
import { oneOf } from "../../lib/search";
import { VOLUME_RANGES, type VolumeRange } from "../../lib/volume";

export const VIEWS = ["volume", "accounting", "storage"] as const;
export type VolumeView = (typeof VIEWS)[number];

/** What volume may be divided by, as people say it. A source is known by its name. */
export const DIMENSION_WORDS: Record<Exclude<Dimension, "source">, string> = {
  sourcecategory: "source category",
  sourcename: "source",
  collector: "collector",
  sourcehost: "host",
};

export interface VolumeSearch {
  view: VolumeView;
  range: VolumeRange;
  by: keyof typeof DIMENSION_WORDS;
  tier: Tier | "cse" | "all";
}

const DIMENSIONS = Object.keys(DIMENSION_WORDS) as (keyof typeof DIMENSION_WORDS)[];

export function parseVolume(raw: Record<string, unknown>): VolumeSearch {
  return {
    view: oneOf(raw.view, VIEWS) ?? "volume",
    range: oneOf(raw.range, VOLUME_RANGES) ?? "24h",
    by: oneOf(raw.by, DIMENSIONS) ?? "sourcecategory",
    tier: oneOf(raw.tier, ["all", "continuous", "frequent", "infrequent", "cse"] as const) ?? "all",
  };
}

/** Where the page begins. */
export const VOLUME_START: VolumeSearch = parseVolume({});
