import type { ReactNode } from "react";
import type { Signal } from "../../api/types";
import { plural } from "../../lib/format";
import { entityQuery } from "../../lib/pivot";
import { FactRow, Facts } from "../../ui/facts";
import { PivotButton } from "../pivot";

/** A titled part of a panel. */
export function Part({ title, note, children }: { title: string; note?: ReactNode; children: ReactNode }) {
  return (
    <section className="border-b border-line px-4 py-3 last:border-b-0">
      <h3 className="mb-1.5 flex items-center gap-2 text-base font-semibold">
        {title}
        {note ? <span className="font-normal text-muted">{note}</span> : null}
      </h3>
      {children}
    </section>
  );
}

/** What the signal itself says; every value leads to the logs. */
export function SignalPart({ signal }: { signal: Signal }) {
  return (
    <>
      <Part title="About">
        <Facts>
          <FactRow label={signal.entity.type}>
            <span className="group flex items-center gap-1">
              <span className="mono break-all">{signal.entity.value}</span>
              <PivotButton
                query={entityQuery(signal.entity.type, signal.entity.value)}
                value={signal.entity.value}
                time={signal.event_time}
              />
            </span>
          </FactRow>
          <FactRow label="Message">{signal.message || "–"}</FactRow>
          <FactRow label="Adds to the score">
            {signal.suppressed ? `nothing: ${signal.suppressed}` : signal.severity}
          </FactRow>
          <FactRow label="Made of">{plural(signal.event_ids.length, "event")}</FactRow>
        </Facts>
      </Part>
      <Part title="What matched">
        {signal.matched.length === 0 ? (
          <p className="text-muted">The rule counts events; no single field matched.</p>
        ) : (
          <table aria-label="Matched fields" className="w-full table-fixed">
            <tbody>
              {signal.matched.map((m) => (
                <tr key={`${m.field} ${m.value}`} className="group align-top hover:bg-hover">
                  <th scope="row" className="mono w-[34%] py-0.5 pr-3 text-left font-normal break-all text-muted">
                    {m.field}
                  </th>
                  <td className="mono py-0.5 break-all">{m.value}</td>
                  <td className="w-6">
                    <PivotButton field={m.field} value={m.value} time={signal.event_time} />
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        )}
      </Part>
    </>
  );
}
