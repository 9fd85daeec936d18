import type { QueueRow } from "../../src/api/queue-types";
import type { Scope } from "../../src/api/types";

export function row(change: Partial<QueueRow> = {}): QueueRow {
  return {
    customer: { id: "c1", name: "Acme", region: "eu" },
    rrn: "rrn:investigation:eu:acme:investigation:1",
    workspace: "acme",
    version: 1,
    title: "LSASS read",
    status: "OPEN",
    priority: "HIGH",
    disposition: "UNDECIDED",
    source: "ALERT",
    assignee: null,
    entity: { type: "hostname", value: "ws-1" },
    tags: [],
    signal_count: 2,
    created_time: "2026-11-22T10:00:00Z",
    updated_time: "2026-11-22T10:00:00Z",
    ...change,
  };
}

export function scope(change: Partial<Scope> = {}): Scope {
  return { complete: true, asked: 3, answered: 3, skipped: [], failed: [], ...change };
}
