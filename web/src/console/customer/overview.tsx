import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import type { ReactNode } from "react";
import * as api from "../../api/console";
import type { Customer } from "../../api/types";
import { pairs } from "../../lib/format";
import { CAUSE } from "../../lib/health";
import { amountWords, RESOURCE, RESOURCES } from "../../lib/licence";
import { HEALTH, ROLE } from "../../lib/words";
import { CopyButton } from "../../ui/copy";
import { FactRow, Facts } from "../../ui/facts";
import { Age, HealthArrow, Moment } from "../../ui/marks";
import { Pairs } from "../../ui/pairs";
import { Panel } from "../../ui/panel";
import { Failure, SkeletonRows } from "../../ui/states";
import { Counts } from "../customers/customers-table";
import { AllocationBadge } from "../licences/details";
import { resourceOf, UsageBar, UsageMark } from "../licences/usage";
import { Components, Content, Origins, useSyncStatus } from "./parts";

/** A customer at a glance: whether it is reached, how its node is, what it may use and uses. */
export function Overview({ customer }: { customer: Customer }) {
  return (
    <div className="grid grid-cols-2 items-start gap-2.5 max-xl:grid-cols-1">
      <div className="flex min-w-0 flex-col gap-2.5">
        <Panel
          title="Health"
          note={
            <Link
              to="/customers/$id"
              params={{ id: customer.id }}
              search={{ tab: "health" }}
              className="hover:text-accent hover:underline"
            >
              directions, latency and history
            </Link>
          }
        >
          <Health customer={customer} />
        </Panel>
        <Panel title="Connection">
          <Connection customer={customer} />
        </Panel>
        <LicencePanel customer={customer} />
      </div>
      {customer.sync ? <Told customer={customer} /> : null}
    </div>
  );
}

function Health({ customer }: { customer: Customer }) {
  const { health, health_since, health_cause, health_detail } = customer;
  return (
    <Facts>
      <FactRow label="Server">
        <span className="inline-flex items-center gap-1.5 align-middle">
          <HealthArrow state={health} title={HEALTH[health]} />
          <span aria-hidden="true">{HEALTH[health]}</span>
        </span>
        {health_since ? (
          <span className="text-muted">
            {" "}
            for <Age time={health_since} />, since <Moment time={health_since} long />
          </span>
        ) : null}
        {health_cause ? <div>{CAUSE[health_cause]}.</div> : null}
        {health_detail ? <div className="text-muted first-letter:uppercase">{health_detail}</div> : null}
      </FactRow>
      <FactRow label="Open investigations">
        <Counts customer={customer} missing={customer.role ? null : "you have no role there"} />
      </FactRow>
      {customer.groups?.length ? (
        <FactRow label="Groups">{customer.groups.map(({ name }) => name).join(", ")}</FactRow>
      ) : null}
      <FactRow label="Your role">{customer.role ? ROLE[customer.role] : "None"}</FactRow>
      <FactRow label="Customer since">
        <Moment time={customer.created_time} long />
      </FactRow>
    </Facts>
  );
}

function Connection({ customer }: { customer: Customer }) {
  const { link, connected_time, scheme, server, port, fingerprint, node, workspace } = customer;
  return (
    <Facts>
      <FactRow label="Link">
        {link === "outbound" ? "Outbound: the node dials this console" : "Direct: this console dials the node"}
      </FactRow>
      {link === "outbound" ? (
        <FactRow label="Connected">
          {connected_time ? (
            <>
              for <Age time={connected_time} />, since <Moment time={connected_time} long />
            </>
          ) : (
            "not now"
          )}
        </FactRow>
      ) : (
        <FactRow label="Address">
          {server ? <span className="mono">{`${scheme}://${server}:${port}`}</span> : "told to those who may reach it"}
        </FactRow>
      )}
      {fingerprint ? (
        <FactRow label="Pinned certificate">
          <Fingerprint hex={fingerprint} />
        </FactRow>
      ) : null}
      <FactRow label="Node">
        <Id name="node" id={node} />
      </FactRow>
      <FactRow label="Workspace">
        <Id name="workspace" id={workspace} />
      </FactRow>
    </Facts>
  );
}

/** What is accepted in place of an authority's word: the node must show this certificate and no other. */
function Fingerprint({ hex }: { hex: string }) {
  return (
    <span className="flex items-center gap-1">
      <code
        className="mono min-w-0"
        title="SHA-256 of the certificate that was accepted; no authority vouches for it"
        data-testid="pinned"
      >
        <Pairs hex={hex} />
      </code>
      <CopyButton compact text={pairs(hex).join(":")} label="Copy the fingerprint of its certificate" />
    </span>
  );
}

function Id({ name, id }: { name: string; id: string }) {
  return (
    <span className="-my-1 flex items-center gap-1">
      <span className="mono break-all">{id}</span>
      <CopyButton compact text={id} label={`Copy the id of its ${name}`} />
    </span>
  );
}

function LicencePanel({ customer }: { customer: Customer }) {
  const query = useQuery({
    queryKey: ["licences", customer.id],
    queryFn: () => api.licence(customer.id),
    refetchInterval: 10_000,
  });
  const allocation = query.data;
  return (
    <Panel title="Licence" note={allocation ? <AllocationBadge allocation={allocation} /> : null}>
      {query.error ? (
        <Failure error={query.error} title="The licence could not be read" onRetry={() => void query.refetch()} />
      ) : null}
      {allocation ? (
        <dl className="grid grid-cols-[max-content_minmax(0,1fr)_72px] items-center gap-x-5 gap-y-1.5">
          {RESOURCES.map((resource) => {
            const { allocated, used } = resourceOf(allocation.resources, resource);
            return (
              <div key={resource} className="contents">
                <dt className="text-muted">{RESOURCE[resource].name}</dt>
                <dd className="flex items-center gap-2">
                  {typeof used === "number" ? amountWords(resource, used) : "–"}
                  <span className="text-muted">
                    {typeof allocated === "number" ? `of ${amountWords(resource, allocated)}` : "no limit"}
                  </span>
                  <UsageMark resource={resource} used={used} most={allocated} />
                </dd>
                <dd>
                  {typeof used === "number" && typeof allocated === "number" ? (
                    <UsageBar resource={resource} used={used} most={allocated} />
                  ) : null}
                </dd>
              </div>
            );
          })}
        </dl>
      ) : query.error ? null : (
        <SkeletonRows rows={4} label="Reading the licence" />
      )}
    </Panel>
  );
}

/** What the node told of itself at the last good sync. */
function Told({ customer: { id } }: { customer: Customer }) {
  const query = useSyncStatus(id);
  const status = query.data;
  if (!status) {
    return query.error ? (
      <Failure error={query.error} title="The sync could not be read" onRetry={() => void query.refetch()} />
    ) : (
      <SkeletonRows rows={8} label="Reading the sync" />
    );
  }
  const rest = (title: string, what: ReactNode) => (
    <Panel title={title}>{what ?? <p className="text-muted">Not told yet: no sync was good so far.</p>}</Panel>
  );
  return (
    <div className="flex min-w-0 flex-col gap-2.5">
      <Panel
        title="Components"
        note={
          <Link
            to="/customers/$id"
            params={{ id }}
            search={{ tab: "sync" }}
            className="hover:text-accent hover:underline"
          >
            as of the last sync
          </Link>
        }
      >
        {status.components ? (
          <div className="-mx-3 -mb-3 overflow-x-auto">
            <Components components={status.components} />
          </div>
        ) : (
          <p className="text-muted">Not told yet: no sync was good so far.</p>
        )}
      </Panel>
      {rest("Content", status.content ? <Content content={status.content} /> : null)}
      {rest("Who decided its settings", status.settings ? <Origins origins={status.settings} /> : null)}
    </div>
  );
}
