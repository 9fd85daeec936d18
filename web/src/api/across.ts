/** One question to the logs of many customers: rows as they are found. */
import type { AcrossProgress, AcrossRow } from "./case-types";
import { send } from "./http";
import { readLines } from "./lines";
import type { Scope } from "./types";

export interface AcrossSearch {
  query: string;
  from?: string;
  to?: string;
  customers?: string[];
  limit: number;
}

interface Told {
  rows: (rows: AcrossRow[]) => void;
  progress: (progress: AcrossProgress) => void;
}

/** Ends with the scope. Closing it with the signal stops the search at the nodes. */
export async function searchAcross(body: AcrossSearch, signal: AbortSignal, told: Told): Promise<Scope> {
  const response = await send("POST", "/api/v1/logs/search", { body, signal, accept: "application/x-ndjson" });
  let scope: Scope | null = null;
  for await (const line of readLines(response.body)) {
    const object = line as { rows?: AcrossRow[]; progress?: AcrossProgress; scope?: Scope };
    if (object.rows) told.rows(object.rows);
    if (object.progress) told.progress(object.progress);
    if (object.scope) scope = object.scope;
  }
  if (!scope) throw new Error("The console’s answer ended early: not every customer was heard. Search again.");
  return scope;
}
