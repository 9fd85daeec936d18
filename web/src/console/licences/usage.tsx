import type { AllocatedResource, LicenceResource } from "../../api/types";
import { cn } from "../../lib/cn";
import { amount, amountWords, MARK, mark, RESOURCE, share } from "../../lib/licence";
import { Badge } from "../../ui/marks";

const fills = { near: "bg-warn", full: "bg-warn", over: "bg-down" };

/** How much of what is allowed is used. Nothing is drawn where there is no limit. */
export function UsageBar({ resource, used, most }: { resource: LicenceResource; used: number; most: number }) {
  const part = share(used, most) ?? 0;
  const close = mark(resource, part);
  return (
    <div
      role="meter"
      aria-label={`${RESOURCE[resource].name}: used`}
      aria-valuenow={Math.min(used, most)}
      aria-valuemin={0}
      aria-valuemax={Math.max(most, 1)}
      aria-valuetext={`${amountWords(resource, used)} of ${amountWords(resource, most)}`}
      className="h-1 overflow-hidden rounded-full bg-line"
    >
      <div
        className={cn("h-full rounded-full", close ? fills[close] : "bg-accent")}
        style={{ width: `${Math.min(100, part * 100)}%` }}
      />
    </div>
  );
}

/** `Near` or `Over`, where use is close to what is allowed. */
export function UsageMark({ resource, used, most }: UsageProps) {
  const close = mark(resource, share(used, most));
  return close ? <Badge tone={close === "over" ? "bad" : "warn"}>{MARK[close]}</Badge> : null;
}

interface UsageProps {
  resource: LicenceResource;
  used: number | null | undefined;
  most: number | null | undefined;
}

/** `2 of 100` above its bar, for a cell of a table. */
export function Usage({ resource, used, most }: UsageProps) {
  const known = used !== null && used !== undefined;
  const limited = most !== null && most !== undefined;
  const close = mark(resource, share(used, most));
  const words = `${known ? amountWords(resource, used) : "Not known yet"} used, ${limited ? `${amountWords(resource, most)} allocated` : "no limit"}`;
  return (
    <div className="flex flex-col gap-0.5" title={words}>
      <div className="flex items-center gap-1.5 leading-4 whitespace-nowrap">
        <span className={close === "over" ? "font-medium text-danger" : close ? "font-medium text-warn-text" : ""}>
          {known ? amount(resource, used) : "–"}
        </span>
        <span className="text-muted">{limited ? `of ${amount(resource, most)}` : "no limit"}</span>
        {close ? <span className="text-sm text-muted">{MARK[close].toLowerCase()}</span> : null}
      </div>
      {known && limited ? <UsageBar resource={resource} used={used} most={most} /> : null}
    </div>
  );
}

/** The row of one resource. */
export function resourceOf(rows: readonly AllocatedResource[], resource: LicenceResource): AllocatedResource {
  return rows.find((row) => row.resource === resource) ?? { resource, allocated: null, applied: null, used: null };
}
