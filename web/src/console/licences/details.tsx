import type { Allocation, AllocationState } from "../../api/types";
import { ALLOCATION_STATE, amountWords, RESOURCE, RESOURCES } from "../../lib/licence";
import { FactRow, Facts } from "../../ui/facts";
import { Age, Badge, Moment } from "../../ui/marks";
import { Table, Td, Th } from "../../ui/table";
import { resourceOf, UsageBar, UsageMark } from "./usage";

const tones: Record<AllocationState, "neutral" | "warn" | "ok"> = { NONE: "neutral", PENDING: "warn", APPLIED: "ok" };

export function AllocationBadge({ allocation }: { allocation: Allocation }) {
  const { state, pending_reason } = allocation;
  return (
    <Badge tone={tones[state]} title={pending_reason ?? undefined}>
      {ALLOCATION_STATE[state]}
    </Badge>
  );
}

/** What a GB is here. */
export function Gigabyte() {
  return (
    <>
      1 GB is 2<sup>30</sup> bytes (1,073,741,824).
    </>
  );
}

/** What the numbers of an allocation mean. */
export function AllocationNote() {
  return (
    <p className="text-sm text-muted">
      <Gigabyte /> Of a volume, the higher of today so far and the average of the seven days before counts as used.
    </p>
  );
}

/** A customer's licence resource by resource: what was decided, what its node confirmed, what is used of it. */
export function AllocationTable({ allocation }: { allocation: Allocation }) {
  const none = allocation.state === "NONE";
  return (
    <Table label="Allocation">
      <thead>
        <tr>
          <Th>Resource</Th>
          <Th>Allocated</Th>
          <Th>Applied</Th>
          <Th>Used</Th>
          <Th className="w-24">
            <span className="sr-only">Part of it used</span>
          </Th>
        </tr>
      </thead>
      <tbody>
        {RESOURCES.map((resource) => {
          const { allocated, applied, used } = resourceOf(allocation.resources, resource);
          const differs = !none && allocated !== applied;
          return (
            <tr key={resource} data-resource={resource}>
              <Td className="font-medium">{RESOURCE[resource].name}</Td>
              <Td>{none ? "–" : amountWords(resource, allocated)}</Td>
              <Td className={differs ? "text-warn-text" : "text-muted"}>
                {none ? "–" : amountWords(resource, applied)}
              </Td>
              <Td>
                <span className="inline-flex items-center gap-2 whitespace-nowrap">
                  {used === null || used === undefined ? "–" : amountWords(resource, used)}
                  <UsageMark resource={resource} used={used} most={allocated} />
                </span>
              </Td>
              <Td>
                {typeof used === "number" && typeof allocated === "number" ? (
                  <UsageBar resource={resource} used={used} most={allocated} />
                ) : null}
              </Td>
            </tr>
          );
        })}
      </tbody>
    </Table>
  );
}

/** How far an allocation has come, who made it, and how fresh the usage is. */
export function AllocationFacts({ allocation }: { allocation: Allocation }) {
  const { state, pending_since, pending_reason, applied_time, allocated_by, allocated_time, reason, used_time } =
    allocation;
  return (
    <Facts>
      <FactRow label="State">
        <AllocationBadge allocation={allocation} />{" "}
        {state === "NONE" ? <span className="text-muted">Nothing is allocated, and nothing is limited.</span> : null}
        {state === "PENDING" ? (
          <>
            {pending_since ? (
              <>
                for <Age time={pending_since} />.{" "}
              </>
            ) : null}
            <span className="text-muted">
              {pending_reason ? `${pending_reason}. ` : ""}The node gets it by itself when it answers.
            </span>
          </>
        ) : null}
      </FactRow>
      {applied_time ? (
        <FactRow label="Applied">
          <Moment time={applied_time} long />
        </FactRow>
      ) : null}
      {allocated_time ? (
        <FactRow label="Allocated">
          <Moment time={allocated_time} long /> by {allocated_by ?? "–"}
        </FactRow>
      ) : null}
      {reason ? <FactRow label="Reason">{reason}</FactRow> : null}
      <FactRow label="Usage">
        {used_time ? (
          <>
            told by its node <Age time={used_time} /> ago
          </>
        ) : (
          <span className="text-muted">not told by its node yet</span>
        )}
      </FactRow>
    </Facts>
  );
}
