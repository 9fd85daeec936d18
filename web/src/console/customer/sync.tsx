import type { ReactNode } from "react";
import type {
  Customer,
  ReverseProxy,
  SyncModule,
  SyncRun,
  SyncState,
  SyncStatus,
  TechnicianCheck,
} from "../../api/types";
import { useTicking } from "../../lib/clock";
import { plural } from "../../lib/format";
import { moduleList, SYNC_MODULE, SYNC_STATE, until } from "../../lib/sync";
import { FactRow, Facts } from "../../ui/facts";
import { Age, Badge, Moment } from "../../ui/marks";
import { Panel } from "../../ui/panel";
import { Failure, SkeletonRows } from "../../ui/states";
import { Table, Td, Th, trClass } from "../../ui/table";
import { SyncLine } from "../customers/sync-cell";
import { Components, Content, Origins, useSyncStatus } from "./parts";

/** The sync of a customer: module by module, run by run, and what it brought. */
export function SyncTab({ customer }: { customer: Customer }) {
  const query = useSyncStatus(customer.id);
  const status = query.data;
  return (
    <>
      {query.error ? (
        <Failure error={query.error} title="The sync could not be read" onRetry={() => void query.refetch()} />
      ) : null}
      {status ? <Status status={status} /> : query.error ? null : <SkeletonRows label="Reading the sync" />}
    </>
  );
}

function Status({ status }: { status: SyncStatus }) {
  const { components, technicians, proxy, content, settings } = status;
  return (
    <div className="grid grid-cols-2 items-start gap-2.5 max-xl:grid-cols-1">
      <div className="flex min-w-0 flex-col gap-2.5">
        <Panel title="Now">
          <Now status={status} />
        </Panel>
        <Listed title="Modules">
          <Modules modules={status.modules} />
        </Listed>
        <Listed title="Runs" note="the last 20, newest first">
          <Runs runs={status.runs} />
        </Listed>
      </div>
      <div className="flex min-w-0 flex-col gap-2.5">
        {components ? (
          <Listed title="Components">
            <Components components={components} />
          </Listed>
        ) : (
          <Missing title="Components" />
        )}
        {technicians ? (
          <Panel title="Technicians">
            <Technicians check={technicians} />
          </Panel>
        ) : (
          <Missing title="Technicians" />
        )}
        {proxy ? (
          <Panel title="Reverse proxy">
            <ProxyFacts proxy={proxy} />
          </Panel>
        ) : (
          <Missing title="Reverse proxy" />
        )}
        {content ? (
          <Panel title="Content">
            <Content content={content} />
          </Panel>
        ) : (
          <Missing title="Content" />
        )}
        {settings ? (
          <Panel title="Who decided its settings">
            <Origins origins={settings} />
          </Panel>
        ) : (
          <Missing title="Who decided its settings" />
        )}
      </div>
    </div>
  );
}

/** A panel whose inside is a table from edge to edge. */
function Listed({ title, note, children }: { title: string; note?: string; children: ReactNode }) {
  return (
    <Panel title={title} note={note}>
      <div className="-mx-3 -mb-3 overflow-x-auto">{children}</div>
    </Panel>
  );
}

function Missing({ title }: { title: string }) {
  return (
    <Panel title={title}>
      <p className="text-muted">Not told yet: no sync was good so far.</p>
    </Panel>
  );
}

function Now({ status }: { status: SyncStatus }) {
  const next = useTicking((now) => (status.next_time ? until(status.next_time, now) : ""));
  return (
    <Facts>
      <FactRow label="State">
        <SyncLine sync={status} />
      </FactRow>
      {status.code && status.state !== "OK" ? (
        <FactRow label="Why">
          <code className="mono">{status.code}</code> <span className="first-letter:uppercase">{status.detail}</span>
        </FactRow>
      ) : null}
      {status.since ? (
        <FactRow label="Failing">
          for <Age time={status.since} />, {plural(status.consecutive, "time")} in a row
        </FactRow>
      ) : null}
      <FactRow label="Last success">
        {status.last_success ? (
          <>
            <Moment time={status.last_success} long />, {plural(status.items, "item")}
          </>
        ) : (
          "none yet"
        )}
      </FactRow>
      {next ? (
        <FactRow label="Next by itself">
          <span suppressHydrationWarning>{next}</span>
        </FactRow>
      ) : null}
    </Facts>
  );
}

const tones: Partial<Record<SyncState, "ok" | "warn" | "bad">> = { OK: "ok", PARTIAL: "warn", FAILED: "bad" };
const SHORT: Partial<Record<SyncState, string>> = { OK: "Taken", NEVER: "Never" };

function Modules({ modules }: { modules: readonly SyncModule[] }) {
  return (
    <Table label="Modules">
      <thead>
        <tr>
          <Th>Module</Th>
          <Th>State</Th>
          <Th>Last success</Th>
          <Th className="w-[40%]">Code and reason</Th>
        </tr>
      </thead>
      <tbody>
        {modules.map((module) => (
          <tr key={module.name} className={trClass} data-module={module.name}>
            <Td className="font-medium whitespace-nowrap">{SYNC_MODULE[module.name]}</Td>
            <Td>
              <Badge tone={tones[module.state] ?? "neutral"}>{SHORT[module.state] ?? SYNC_STATE[module.state]}</Badge>
            </Td>
            <Td className="text-muted">{module.last_success ? <Moment time={module.last_success} long /> : "never"}</Td>
            <Td className="break-words">
              <Reason code={module.code} detail={module.detail} />
            </Td>
          </tr>
        ))}
      </tbody>
    </Table>
  );
}

function Reason({ code, detail }: { code?: string | null; detail?: string | null }) {
  return code ? (
    <>
      <code className="mono mr-1.5">{code}</code>
      <span className="text-muted">{detail}</span>
    </>
  ) : null;
}

function Runs({ runs }: { runs: readonly SyncRun[] }) {
  if (runs.length === 0) return <p className="px-3 pb-3 text-muted">None yet.</p>;
  return (
    <Table label="Runs">
      <thead>
        <tr>
          <Th>Began</Th>
          <Th className="text-right">Took</Th>
          <Th>Result</Th>
          <Th className="text-right">Items</Th>
          <Th className="w-[40%]">Not taken</Th>
        </tr>
      </thead>
      <tbody>
        {runs.map((run) => (
          <tr key={run.started} className={trClass}>
            <Td className="text-muted">
              <Moment time={run.started} long />
            </Td>
            <Td className="text-right whitespace-nowrap text-muted">{took(run)}</Td>
            <Td>
              <Badge tone={tones[run.state] ?? "neutral"}>
                {run.state === "OK" ? "Successful" : SYNC_STATE[run.state]}
              </Badge>
            </Td>
            <Td className="text-right">{run.state === "FAILED" ? "–" : run.items}</Td>
            <Td className="break-words">
              {run.state === "PARTIAL" ? `${moduleList(run.failed)} ` : ""}
              <Reason code={run.code} detail={run.detail} />
            </Td>
          </tr>
        ))}
      </tbody>
    </Table>
  );
}

function took({ started, finished }: SyncRun): string {
  const ms = Math.max(0, Date.parse(finished) - Date.parse(started));
  return ms < 1000 ? `${ms} ms` : `${(ms / 1000).toFixed(1)} s`;
}

function Technicians({ check }: { check: TechnicianCheck }) {
  const { granted, present, lost, revoked, unknown } = check;
  return (
    <Facts>
      <FactRow label="Applied grants here">{granted}</FactRow>
      <FactRow label="The same at the node">{present}</FactRow>
      <FactRow label="Not at the node">
        {lost.length === 0 ? "none" : `${lost.join(", ")}: granted there once more by itself`}
      </FactRow>
      <FactRow label="Revoked there">{revoked.length === 0 ? "none" : revoked.join(", ")}</FactRow>
      <FactRow label="There without a grant">{unknown === 0 ? "none" : plural(unknown, "technician")}</FactRow>
    </Facts>
  );
}

const PART = { api: "Pages and API", ingest: "Ingest over HTTP", syslog: "Syslog" };

function ProxyFacts({ proxy }: { proxy: ReverseProxy }) {
  if (!proxy.enabled) return <p className="text-muted">None: the node is reached directly.</p>;
  const { public_address, scheme, mode, port, path_prefix, components } = proxy;
  const base = `${scheme}://${public_address ?? ""}${mode === "context" && port ? `:${port}` : ""}${path_prefix ?? ""}`;
  return (
    <Facts>
      <FactRow label="Public address">
        <span className="mono break-all">{base}</span>
      </FactRow>
      <FactRow label="Parts told apart by">{mode === "context" ? "path, on one port" : "port"}</FactRow>
      {components?.map(({ component, enabled, path, port }) => (
        <FactRow key={component} label={PART[component]}>
          {enabled ? (
            <span className="mono">{mode === "context" ? (path ?? "–") : port ? `port ${port}` : "–"}</span>
          ) : (
            "not through the proxy"
          )}
        </FactRow>
      ))}
    </Facts>
  );
}
