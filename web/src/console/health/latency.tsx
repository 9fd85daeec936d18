import type { LatencyBucket } from "../../api/types";
import { useTicking } from "../../lib/clock";
import { micros } from "../../lib/format";
import { latencyOf, latencyWords } from "../../lib/health";
import { Moment } from "../../ui/marks";
import { ScrollBox } from "../../ui/scroll-box";
import { Table, Td, Th, trClass } from "../../ui/table";

const WIDTH = 560;
const HEIGHT = 64;
const MINUTE_MS = 60_000;
/** A bucket with none beside it is a dot. */
const DOT = 3;

/** Far enough from the edges for a whole dot. */
const inside = (at = 0, end: number) => Math.min(Math.max(at, DOT), end - DOT);

/** How long a node took to answer, a day of it, with what it did not answer below; the numbers are behind it. */
export function Latency({ buckets }: { buckets: readonly LatencyBucket[] }) {
  const now = Number(useTicking((at) => String(Math.floor(at / MINUTE_MS) * MINUTE_MS)));
  const { runs, misses, most } = latencyOf(buckets, now, WIDTH, HEIGHT);
  return (
    <div className="flex flex-col gap-2">
      <div className="grid grid-cols-[max-content_minmax(0,1fr)] gap-x-2">
        <div className="flex flex-col justify-between pb-3 text-right text-xs text-muted" aria-hidden="true">
          <span>{buckets.length > 0 ? micros(most) : ""}</span>
          <span>0</span>
        </div>
        <svg
          role="img"
          aria-label={latencyWords(buckets)}
          viewBox={`0 0 ${WIDTH} ${HEIGHT + 12}`}
          preserveAspectRatio="none"
          className="h-[76px] w-full rounded-sm bg-bg"
        >
          <line x1={0} x2={WIDTH} y1={HEIGHT} y2={HEIGHT} className="stroke-line" />
          {runs.map((run) =>
            run.length === 1 ? (
              <circle
                key={run[0]?.x}
                cx={inside(run[0]?.x, WIDTH)}
                cy={inside(run[0]?.y, HEIGHT)}
                r={DOT}
                className="fill-accent"
              />
            ) : (
              <polyline
                key={run[0]?.x}
                points={run.map(({ x, y }) => `${x.toFixed(1)},${y.toFixed(1)}`).join(" ")}
                fill="none"
                strokeWidth="1.5"
                vectorEffect="non-scaling-stroke"
                className="stroke-accent"
              />
            ),
          )}
          {misses.map(({ x, part }) => (
            <rect
              key={x}
              x={x - 1}
              width={2.2}
              y={HEIGHT + 12 - (4 + 6 * part)}
              height={4 + 6 * part}
              className="fill-down"
              data-miss
            />
          ))}
        </svg>
        <span />
        <div className="flex justify-between text-xs text-muted" aria-hidden="true">
          <span>24 hours ago</span>
          <span className="flex items-center gap-1.5">
            <svg viewBox="0 0 4 8" className="h-2 w-1" aria-hidden="true">
              <rect width="4" height="8" className="fill-down" />
            </svg>
            not answered
          </span>
          <span>now</span>
        </div>
      </div>
      <details>
        <summary className="cursor-pointer text-sm text-muted hover:text-text">View as table</summary>
        <ScrollBox label="Answers in five minutes" className="mt-2 max-h-64">
          <Table label="Answers in five minutes">
            <thead>
              <tr>
                <Th>Five minutes from</Th>
                <Th className="text-right">Answered</Th>
                <Th className="text-right">Missed</Th>
                <Th className="text-right">Median</Th>
                <Th className="text-right">Slowest</Th>
              </tr>
            </thead>
            <tbody>
              {[...buckets].reverse().map((bucket) => (
                <tr key={bucket.time} className={trClass}>
                  <Td>
                    <Moment time={bucket.time} />
                  </Td>
                  <Td className="text-right">{bucket.answered}</Td>
                  <Td className={bucket.missed > 0 ? "text-right text-danger" : "text-right"}>{bucket.missed}</Td>
                  <Td className="text-right">{took(bucket.median_us)}</Td>
                  <Td className="text-right">{took(bucket.most_us)}</Td>
                </tr>
              ))}
            </tbody>
          </Table>
        </ScrollBox>
      </details>
    </div>
  );
}

function took(us: number | null | undefined): string {
  return typeof us === "number" ? micros(us) : "–";
}
