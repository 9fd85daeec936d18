import { useQuery } from "@tanstack/react-query";
import { Database } from "lucide-react";
import type { ReactNode } from "react";
import * as api from "../../api/node";
import type { LicenceState, Storage, TierStorage } from "../../api/types";
import { bytes, count, plural } from "../../lib/format";
import { Age, Badge, Moment } from "../../ui/marks";
import { Panel } from "../../ui/panel";
import { Empty, Failure, SkeletonRows } from "../../ui/states";
import { Table, Td, Th, trClass } from "../../ui/table";
import { Gauge } from "./gauge";
import { RetentionPanel } from "./retention";

/** What may come in, what is kept and for how long. */
export function StorageView() {
  return (
    <div className="flex flex-col gap-2.5">
      <div className="grid grid-cols-2 gap-2.5">
        <LicencePanel />
        <RetentionPanel />
      </div>
      <StoragePanel />
    </div>
  );
}

function LicencePanel() {
  const query = useQuery({ queryKey: ["licence"], queryFn: api.licence, refetchInterval: 10_000 });
  return (
    <Panel title="Licence" note={query.data?.set_by ? `set by ${query.data.set_by}` : null}>
      {query.error ? (
        <Failure error={query.error} title="The licence could not be read" onRetry={() => void query.refetch()} />
      ) : null}
      {query.data ? <Licence licence={query.data} /> : query.error ? null : <SkeletonRows rows={3} label="Reading" />}
    </Panel>
  );
}

function Licence({ licence }: { licence: LicenceState }) {
  const { daily_bytes, minute_bytes, today_bytes, this_minute_bytes } = licence;
  return (
    <>
      <Gauge
        label="Today, since midnight UTC"
        value={today_bytes}
        most={daily_bytes ?? null}
        said={daily_bytes ? `${bytes(today_bytes)} of ${bytes(daily_bytes)}` : `${bytes(today_bytes)}, without limit`}
      />
      <Gauge
        label="This minute"
        value={this_minute_bytes}
        most={minute_bytes ?? null}
        said={
          minute_bytes
            ? `${bytes(this_minute_bytes)} of ${bytes(minute_bytes)}`
            : `${bytes(this_minute_bytes)}, without limit`
        }
      />
      <p className="text-sm text-muted">
        {minute_bytes
          ? "Above the limit of a minute senders are told to wait (429 with Retry-After). What cannot be told to wait, such as syslog over UDP, is dropped and counted."
          : "Nothing is throttled: no daily volume was agreed for this workspace."}
      </p>
    </>
  );
}

function StoragePanel() {
  const query = useQuery({ queryKey: ["storage"], queryFn: api.storage, refetchInterval: 10_000 });
  const storage = query.data;
  return (
    <Panel
      title="Storage"
      note={storage ? (storage.store === "s3" ? "in an S3-compatible store" : "on the node's disk") : null}
    >
      {query.error ? (
        <Failure error={query.error} title="Storage could not be read" onRetry={() => void query.refetch()} />
      ) : null}
      {storage ? (
        <>
          {storage.trouble ? (
            <p role="alert" className="rounded-sm border border-danger bg-danger-soft px-3 py-2">
              The store fails for <Age time={storage.trouble.since} />: {storage.trouble.reason}
            </p>
          ) : null}
          <Tiers rows={storage.tiers} />
          <Facts storage={storage} />
        </>
      ) : query.error ? null : (
        <SkeletonRows rows={4} label="Reading" />
      )}
    </Panel>
  );
}

function Tiers({ rows }: { rows: readonly TierStorage[] }) {
  if (rows.length === 0) {
    return (
      <Empty icon={<Database size={18} />} title="No files yet">
        Recent events are searched from memory and written to files shortly after.
      </Empty>
    );
  }
  return (
    <Table label="Storage by tier" nowrap>
      <thead>
        <tr>
          <Th>Tier</Th>
          <Th className="text-right">Events</Th>
          <Th className="text-right">Files</Th>
          <Th className="text-right">Bytes</Th>
          <Th className="text-right">Index</Th>
          <Th className="text-right">Raw text</Th>
          <Th className="text-right">Kept of raw</Th>
          <Th className="text-right">Oldest event</Th>
          <Th className="text-right">Newest event</Th>
        </tr>
      </thead>
      <tbody>
        {rows.map((row) => (
          <tr key={row.tier} className={trClass}>
            <Td className="font-medium">{row.tier}</Td>
            <Td className="text-right">{count(row.events)}</Td>
            <Td className="text-right text-muted">{count(row.files)}</Td>
            <Td className="text-right">{bytes(row.bytes)}</Td>
            <Td className="text-right text-muted">{bytes(row.index_bytes)}</Td>
            <Td className="text-right text-muted">{bytes(row.raw_bytes)}</Td>
            <Td className="text-right text-muted">
              {row.raw_bytes > 0 ? `${Math.round(((row.bytes + row.index_bytes) / row.raw_bytes) * 100)} %` : "–"}
            </Td>
            <Td className="text-right text-muted">
              <Moment time={row.oldest_event} />
            </Td>
            <Td className="text-right text-muted">
              <Moment time={row.newest_event} />
            </Td>
          </tr>
        ))}
      </tbody>
    </Table>
  );
}

function Facts({ storage }: { storage: Storage }) {
  const { table, last_compaction, last_expiry } = storage;
  const facts: [string, ReactNode][] = [
    [
      "In the log, not in a file yet",
      `${plural(storage.unwritten_events, "event")}, ${bytes(storage.unwritten_bytes)} in memory`,
    ],
    ["Replaced files, to be removed", `${plural(storage.leaving_files, "file")}, ${bytes(storage.leaving_bytes)}`],
    [
      "Merged last",
      last_compaction ? (
        <>
          <Age time={last_compaction.time} /> ago: {plural(last_compaction.files_before, "file")} into{" "}
          {count(last_compaction.files_after)}
        </>
      ) : (
        "Not yet"
      ),
    ],
    [
      "Let go as too old last",
      last_expiry ? (
        <>
          <Age time={last_expiry.time} /> ago: {plural(last_expiry.files_before, "file")},{" "}
          {bytes(last_expiry.bytes_before)}
        </>
      ) : (
        "Nothing was too old"
      ),
    ],
    [
      "For other engines",
      table ? (
        <>
          A {table.format} table, version {table.version ?? "–"}{" "}
          {table.behind > 0 ? <Badge tone="warn">{plural(table.behind, "file")} behind</Badge> : null}
        </>
      ) : (
        "Not published"
      ),
    ],
  ];
  return (
    <dl className="grid grid-cols-[max-content_1fr] gap-x-6 gap-y-1 px-3 py-1">
      {facts.map(([name, value]) => (
        <div key={name} className="contents">
          <dt className="text-muted">{name}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
}
