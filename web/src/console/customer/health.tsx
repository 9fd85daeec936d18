import { useQuery } from "@tanstack/react-query";
import * as api from "../../api/console";
import type { CustomerHealth, HealthChange, LinkDirection } from "../../api/types";
import { zoneName } from "../../lib/format";
import { CAUSE, DIRECTION } from "../../lib/health";
import { HEALTH } from "../../lib/words";
import { Age, HealthArrow, Moment } from "../../ui/marks";
import { Panel } from "../../ui/panel";
import { ScrollBox } from "../../ui/scroll-box";
import { Failure, SkeletonRows } from "../../ui/states";
import { Table, Td, Th, trClass } from "../../ui/table";
import { AdviceList } from "../health/health-tip";
import { Latency } from "../health/latency";
import { Score } from "./health-score";
import { Components } from "./parts";

const REFRESH_MS = 5000;

/** How a customer's node is: state and cause, what to try, each direction, parts, latency, history. */
export function HealthTab({ id }: { id: string }) {
  const query = useQuery({
    queryKey: ["customers", id, "health"],
    queryFn: () => api.health(id),
    refetchInterval: REFRESH_MS,
  });
  const health = query.data;
  return (
    <>
      {query.error ? (
        <Failure
          error={query.error}
          title={health ? "This may be out of date" : "The health could not be read"}
          onRetry={() => void query.refetch()}
        />
      ) : null}
      {health ? (
        <Told id={id} health={health} />
      ) : query.error ? null : (
        <div className="rounded-md border border-line bg-surface">
          <SkeletonRows rows={8} label="Reading the health" />
        </div>
      )}
    </>
  );
}

function Told({ id, health }: { id: string; health: CustomerHealth }) {
  return (
    <div className="grid grid-cols-2 items-start gap-2.5">
      <div className="flex min-w-0 flex-col gap-2.5">
        <Panel title="State">
          <State health={health} />
        </Panel>
        <Panel title="Latency" note="how long the node took to answer, the last 24 hours">
          {health.latency.length > 0 ? (
            <Latency buckets={health.latency} />
          ) : (
            <p className="text-muted">Nothing was asked in the last 24 hours.</p>
          )}
        </Panel>
        <Panel title="History" note="the last 100 changes within 90 days">
          <History changes={health.history} />
        </Panel>
      </div>
      <div className="flex min-w-0 flex-col gap-2.5">
        <Score id={id} />
        <Panel title="Directions">
          <Directions directions={health.directions} />
        </Panel>
        <Panel title="Components" note="as of the last sync">
          {health.components.length > 0 ? (
            <div className="-mx-3 -mb-3 overflow-x-auto">
              <Components components={health.components} />
            </div>
          ) : (
            <p className="text-muted">Not told yet: no sync was good so far.</p>
          )}
        </Panel>
      </div>
    </div>
  );
}

function State({ health: { state, since, cause, detail, advice } }: { health: CustomerHealth }) {
  return (
    <div className="flex flex-col gap-2.5">
      <div className="flex items-center gap-1.5">
        <HealthArrow state={state} />
        <span aria-hidden="true" className="font-semibold">
          {HEALTH[state]}
        </span>
        <span className="text-muted">
          for <Age time={since} />, since <Moment time={since} long />
        </span>
      </div>
      {cause || detail ? (
        <div>
          {cause ? <div>{CAUSE[cause]}.</div> : null}
          {detail ? <div className="break-words text-muted first-letter:uppercase">{detail}</div> : null}
        </div>
      ) : null}
      {state === "up" ? (
        <p className="text-muted">Commands are answered, the last sync worked, and every part of the node works.</p>
      ) : null}
      {advice.length > 0 ? <AdviceList advice={advice} /> : null}
    </div>
  );
}

function Directions({ directions }: { directions: readonly LinkDirection[] }) {
  return (
    <ul className="flex flex-col gap-2.5">
      {directions.map(({ direction, state, since, detail }) => (
        <li key={direction} data-direction={direction}>
          <div className="flex items-center gap-1.5">
            <HealthArrow state={state} />
            <span className="font-medium">{DIRECTION[direction]}</span>
            <span className="text-muted">
              {since ? (
                <>
                  {HEALTH[state].toLowerCase()} for <Age time={since} />
                </>
              ) : (
                "not looked at yet"
              )}
            </span>
          </div>
          {detail ? <div className="ml-5.5 break-words text-muted first-letter:uppercase">{detail}</div> : null}
        </li>
      ))}
    </ul>
  );
}

function History({ changes }: { changes: readonly HealthChange[] }) {
  if (changes.length === 0) return <p className="text-muted">It has not changed since it was added.</p>;
  return (
    <ScrollBox label="History" className="max-h-80">
      <Table label="History">
        <thead>
          <tr>
            <Th className="w-40">Time ({zoneName()})</Th>
            <Th className="w-28">State</Th>
            <Th>Why</Th>
          </tr>
        </thead>
        <tbody>
          {changes.map(({ time, state, cause, detail }) => (
            <tr key={`${time}-${state}`} className={trClass}>
              <Td className="text-muted">
                <Moment time={time} long />
              </Td>
              <Td>
                <span className="inline-flex items-center gap-1 align-middle">
                  <HealthArrow state={state} />
                  <span aria-hidden="true">{HEALTH[state]}</span>
                </span>
              </Td>
              <Td className="break-words">
                {cause ? `${CAUSE[cause]}. ` : ""}
                {detail ? <span className="inline-block text-muted first-letter:uppercase">{detail}</span> : null}
              </Td>
            </tr>
          ))}
        </tbody>
      </Table>
    </ScrollBox>
  );
}
