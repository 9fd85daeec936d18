/** A file of customers, as far as the page has to know it: the server reads it. */
import type { ImportLine, ImportReport } from "../api/types";

/** Bytes the console takes. */
export const MAX_BYTES = 1 << 20;

export const EXAMPLE = [
  "name,mail,server,port,scheme,admin_user,admin_password",
  "Acme Freight,soc@acme.example,node.acme.example,9101,https,acme,the password of its administrator",
].join("\n");

/** How many customers a file holds: its records below the first, which names the columns. A line break within quotes ends none. */
export function records(text: string): number {
  let found = 0;
  let quoted = false;
  let blank = true;
  for (const char of `${text}\n`) {
    if (char === '"') quoted = !quoted;
    if (char === "\n" && !quoted) {
      if (!blank) found += 1;
      blank = true;
    } else if (char !== "\r" && char !== "\uFEFF") {
      blank = false;
    }
  }
  return Math.max(0, found - 1);
}

/** What became of the lines so far. */
export function totals(lines: readonly ImportLine[]): ImportReport {
  const of = (result: ImportLine["result"]) => lines.filter((line) => line.result === result).length;
  return { added: of("ADDED"), unchanged: of("UNCHANGED"), failed: of("FAILED") };
}
