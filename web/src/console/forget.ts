import { forgetLivePage } from "../api/live";
import { forgetRecent } from "../lib/context";
import { edits } from "../lib/edits";
import { forgetImport } from "./customers/import-run";
import { forgetBulk } from "./queue/bulk/last";
import { forgetPlace } from "./queue/place";

/** Drops every row kept outside the query cache: what one person saw is never shown to the next on the same machine. */
export function forgetRows(): void {
  forgetLivePage();
  forgetPlace();
  forgetImport();
  forgetRecent();
  forgetBulk();
  edits.clear();
}
