import { Download, ScrollText } from "lucide-react";
import { type ComponentProps, type ReactNode, useState } from "react";
import type { AuditCheck, AuditEntry, AuditFilter } from "../../api/types";
import { type AuditSearch, auditFilter, exportAddress, isNarrow, MODULE } from "../../lib/audit";
import { useTicking } from "../../lib/clock";
import { zoneName } from "../../lib/format";
import { usePages } from "../../lib/pages";
import { buttonClass } from "../../ui/button";
import { Badge, Moment } from "../../ui/marks";
import { Empty, PageHead } from "../../ui/states";
import { Table, Td, Th, trClass, wideClass } from "../../ui/table";
import { Rows } from "../rows";
import { VerifyChain } from "./chain";
import { AuditFilters } from "./filters";
import { LineDialog } from "./line";

interface Props {
  note: string;
  /** Whose lines these are. */
  children: ReactNode;
  search: AuditSearch;
  filters: Omit<ComponentProps<typeof AuditFilters>, "search">;
  read: (filter: AuditFilter, cursor: string | undefined) => Promise<{ data: AuditEntry[]; next?: string | null }>;
  /** Null where the whole chain is not this person's to walk. */
  verify: ((after?: number) => Promise<AuditCheck>) | null;
  /** Whom or what a line was about. */
  about: { head: string; of: (entry: AuditEntry) => string | null };
}

const MINUTE_MS = 60_000;
const REFRESH_MS = 15_000;

/** Who did what, when: verbs and names, never content. Narrowed, checked and taken along. */
export function AuditView({ note, children, search, filters, read, verify, about }: Props) {
  const [shown, setShown] = useState<AuditEntry | null>(null);
  const minute = Number(useTicking((now) => String(Math.floor(now / MINUTE_MS) * MINUTE_MS)));
  const filter = auditFilter(search, minute);
  const pages = usePages(["audit", search], (cursor) => read(auditFilter(search, Date.now()), cursor), REFRESH_MS);
  return (
    <div className="flex h-full flex-col gap-2.5 p-3">
      <PageHead title="Audit" note={note}>
        <Export filter={filter} format="ndjson" title="Can be verified by anybody who has the file">
          Export NDJSON
        </Export>
        <Export filter={filter} format="csv" title="For tables; cannot be verified">
          Export CSV
        </Export>
      </PageHead>
      <p className="max-w-4xl text-muted">{children}</p>
      <AuditFilters search={search} {...filters} />
      {verify ? <VerifyChain verify={verify} /> : null}
      <Rows
        label="Audit"
        className="flex-1"
        skeleton={12}
        {...pages}
        empty={
          <Empty
            icon={<ScrollText size={18} />}
            title={isNarrow(search) ? "No line is like that" : "Nothing was done here yet"}
          />
        }
      >
        {(rows) => <Lines rows={rows} about={about} onShow={setShown} />}
      </Rows>
      <LineDialog entry={shown} onClose={() => setShown(null)} />
    </div>
  );
}

interface ExportProps {
  filter: AuditFilter;
  format: "ndjson" | "csv";
  title: string;
  children: ReactNode;
}

/** The same lines as a file: the browser saves it as it comes, however long it is. */
function Export({ filter, format, title, children }: ExportProps) {
  return (
    <a href={exportAddress(filter, format)} download title={title} className={buttonClass()}>
      <Download size={14} aria-hidden="true" />
      {children}
    </a>
  );
}

interface LinesProps {
  rows: readonly AuditEntry[];
  about: Props["about"];
  onShow: (entry: AuditEntry) => void;
}

function Lines({ rows, about, onShow }: LinesProps) {
  return (
    <Table label="Audit">
      <thead>
        <tr>
          <Th className="w-16 text-right">Line</Th>
          <Th className="w-44">Time ({zoneName()})</Th>
          <Th>Who</Th>
          <Th>Did</Th>
          <Th className={wideClass}>Module</Th>
          <Th>{about.head}</Th>
          <Th>Outcome</Th>
        </tr>
      </thead>
      <tbody>
        {rows.map((entry) => (
          <tr key={entry.id} className={trClass} data-line={entry.id}>
            <Td className="text-right">
              <button
                type="button"
                aria-label={`Line ${entry.id}`}
                title="All this line holds"
                className="rounded-sm text-muted hover:text-accent hover:underline"
                onClick={() => onShow(entry)}
              >
                {entry.id}
              </button>
            </Td>
            <Td className="text-muted">
              <Moment time={entry.time} long />
            </Td>
            <Td className="break-all">{entry.actor}</Td>
            <Td className="mono">{entry.verb}</Td>
            <Td className={wideClass}>{MODULE[entry.module]}</Td>
            <Td className={about.of(entry) ? "" : "text-muted"}>{about.of(entry) ?? "–"}</Td>
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
  );
}
