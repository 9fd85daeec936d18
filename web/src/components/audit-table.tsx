import { ScrollText } from "lucide-react";
import type { AuditEntry } from "../api/types";
import { zoneName } from "../lib/format";
import { Badge, Moment } from "../ui/marks";
import { Empty } from "../ui/states";
import { Table, Td, Th, trClass } from "../ui/table";
import { Rows } from "./rows";

interface Props<T> {
  entries: T[] | undefined;
  error: unknown;
  onRetry: () => void;
  /** Whom or what an entry was about: a customer at the console, an id in a workspace. */
  about: { head: string; of: (entry: T) => string | null | undefined };
}

/** Who did what, when: verbs and names, never content. */
export function AuditTable<T extends AuditEntry>({ entries, error, onRetry, about }: Props<T>) {
  return (
    <Rows
      label="Audit"
      className="flex-1"
      skeleton={12}
      rows={entries}
      error={error}
      onRetry={onRetry}
      empty={<Empty icon={<ScrollText size={18} />} title="Nothing was done here yet" />}
    >
      {(rows) => (
        <Table label="Audit">
          <thead>
            <tr>
              <Th className="w-44">Time ({zoneName()})</Th>
              <Th>Who</Th>
              <Th>Did</Th>
              <Th>{about.head}</Th>
              <Th>Outcome</Th>
            </tr>
          </thead>
          <tbody>
            {rows.map((entry) => (
              <tr key={entry.id} className={trClass}>
                <Td className="text-muted">
                  <Moment time={entry.time} long />
                </Td>
                <Td>{entry.actor}</Td>
                <Td className="mono">{entry.verb}</Td>
                <Td className={about.of(entry) ? "" : "text-muted"}>{about.of(entry) || "–"}</Td>
                <Td>
                  {entry.outcome === "ok" ? (
                    <span className="text-muted">ok</span>
                  ) : (
                    <Badge tone="warn">{entry.outcome}</Badge>
                  )}
                </Td>
              </tr>
            ))}
          </tbody>
        </Table>
      )}
    </Rows>
  );
}
