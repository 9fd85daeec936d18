import { FileUp, Pencil } from "lucide-react";
import { useState } from "react";
import type { LicencePool, PoolState } from "../../api/types";
import { amountWords, expiryNotice, RESOURCE } from "../../lib/licence";
import { Button } from "../../ui/button";
import { Badge, Moment } from "../../ui/marks";
import { Table, Td, Th } from "../../ui/table";
import { LicenceFile } from "./licence-file";
import { PoolForm } from "./pool-form";
import { UsageBar } from "./usage";

const STATE: Record<PoolState, { word: string; tone: "neutral" | "ok" | "warn" | "bad" }> = {
  NONE: { word: "None yet", tone: "neutral" },
  VALID: { word: "Valid", tone: "ok" },
  GRACE: { word: "Ended: grace", tone: "warn" },
  EXPIRED: { word: "Ended", tone: "bad" },
};

/** The licence of the whole MSSP: how much there is, how much is given out, when it ends. */
export function PoolPanel({ pool }: { pool: LicencePool }) {
  const [open, setOpen] = useState<"hand" | "file" | null>(null);
  const close = () => setOpen(null);
  const notice = expiryNotice(pool);
  return (
    <section aria-label="Pool" className="shrink-0 rounded-md border border-line bg-surface">
      <div className="flex min-h-11 flex-wrap items-center gap-x-3 gap-y-1 border-b border-line px-3 py-2">
        <h2 className="font-semibold">Licence</h2>
        <Badge tone={STATE[pool.state].tone}>{STATE[pool.state].word}</Badge>
        <span className="min-w-0 text-muted">
          <Origin pool={pool} />
        </span>
        {notice ? <span className={notice.bad ? "text-danger" : "text-warn-text"}>{notice.text}</span> : null}
        <span className="ml-auto flex gap-2">
          <Button icon={<FileUp size={14} aria-hidden="true" />} onClick={() => setOpen("file")}>
            Apply licence file…
          </Button>
          <Button icon={<Pencil size={14} aria-hidden="true" />} onClick={() => setOpen("hand")}>
            Set by hand…
          </Button>
        </span>
      </div>
      {pool.state === "NONE" ? (
        <p className="px-3 py-3 text-muted">
          Customers are added and collect without one, and nothing is limited. To allocate anything, apply a licence
          file or set the pool by hand.
        </p>
      ) : (
        <PoolTable pool={pool} />
      )}
      <PoolForm pool={pool} open={open === "hand"} onClose={close} />
      <LicenceFile open={open === "file"} onClose={close} />
    </section>
  );
}

function Origin({ pool }: { pool: LicencePool }) {
  const { source, licensee, set_by, set_time, expires_at } = pool;
  if (pool.state === "NONE") return null;
  return (
    <>
      {source === "file" ? `Licence file${licensee ? ` for ${licensee}` : ""}` : "Set by hand"}
      {set_by ? ` by ${set_by}` : ""}
      {set_time ? (
        <>
          , <Moment time={set_time} />
        </>
      ) : null}
      {". "}
      {expires_at ? (
        <>
          Ends <Moment time={expires_at} long />
        </>
      ) : (
        "Never ends"
      )}
      {pool.days_left && pool.days_left > 0 ? ` (${pool.days_left} days)` : ""}.
    </>
  );
}

function PoolTable({ pool }: { pool: LicencePool }) {
  return (
    <Table label="Pool">
      <thead>
        <tr>
          <Th>Resource</Th>
          <Th>Total</Th>
          <Th>Allocated</Th>
          <Th className="w-40">
            <span className="sr-only">Part of it allocated</span>
          </Th>
          <Th>Available</Th>
          <Th>Used</Th>
        </tr>
      </thead>
      <tbody>
        {pool.resources.map(({ resource, total, allocated, available, used }) => (
          <tr key={resource} data-resource={resource}>
            <Td className="font-medium" title={RESOURCE[resource].hint}>
              {RESOURCE[resource].name}
            </Td>
            <Td>{amountWords(resource, total)}</Td>
            <Td>
              {amountWords(resource, allocated)}
              {resource === "retention_days" ? <span className="text-muted"> at most</span> : null}
            </Td>
            <Td>
              {typeof total === "number" && resource !== "retention_days" ? (
                <UsageBar resource={resource} used={allocated} most={total} />
              ) : null}
            </Td>
            <Td>
              {amountWords(resource, available)}
              {resource === "retention_days" && typeof available === "number" ? (
                <span className="text-muted"> each</span>
              ) : null}
            </Td>
            <Td className="text-muted">{amountWords(resource, used)}</Td>
          </tr>
        ))}
      </tbody>
    </Table>
  );
}
