import { useQuery } from "@tanstack/react-query";
import type { CaseRow } from "../../api/case-types";
import * as api from "../../api/console";
import type { Signal } from "../../api/types";
import { count } from "../../lib/format";
import { siblingSql, techniques } from "../../lib/signal-sql";
import { attackTag, levelSeverity, levelWord } from "../../lib/words";
import { Moment, SeverityMark } from "../../ui/marks";
import { words } from "../../ui/states";
import { Table, Td, Th, trClass } from "../../ui/table";

interface Props {
  row: CaseRow;
  signal: Signal;
  tags: readonly string[];
}

/** Other rules of the same techniques that matched at this customer: asked of the signals of its node. */
export function Siblings({ row, signal, tags }: Props) {
  const wanted = techniques(tags);
  const query = useQuery({
    queryKey: ["siblings", row.customer.id, signal.rule_id],
    queryFn: ({ signal: abort }) =>
      api.logsOf(row.customer.id).sql({ sql: siblingSql(wanted, signal.rule_id), limit: 20 }, abort),
    enabled: wanted.length > 0,
    staleTime: 60_000,
    gcTime: 60_000,
    retry: false,
  });
  const names = wanted.map(attackTag).join(", ");
  return (
    <section className="px-4 py-3">
      <h3 className="mb-1.5 text-base font-semibold">
        Sibling rules{" "}
        <span className="font-normal text-muted">{names ? `of ${names}, seen at this customer` : ""}</span>
      </h3>
      {wanted.length === 0 ? <p className="text-muted">The rule names no ATT&CK technique or tactic.</p> : null}
      {query.error ? <p className="text-muted">Not read: {words(query.error)}</p> : null}
      {query.data?.rows.length === 0 ? <p className="text-muted">No other rule of these has matched here.</p> : null}
      {query.data && query.data.rows.length > 0 ? (
        <Table label="Sibling rules">
          <thead>
            <tr>
              <Th>Rule</Th>
              <Th>Level</Th>
              <Th className="text-right">Signals</Th>
              <Th>Last</Th>
            </tr>
          </thead>
          <tbody>
            {query.data.rows.map(([rule, name, level, n, last]) => (
              <tr key={String(rule)} className={trClass}>
                <Td className="font-medium">{String(name)}</Td>
                <Td className="whitespace-nowrap">
                  <span className="flex items-center gap-1.5">
                    <SeverityMark severity={levelSeverity(String(level))} />
                    {levelWord(String(level))}
                  </span>
                </Td>
                <Td className="text-right">{count(Number(n))}</Td>
                <Td className="text-muted">
                  <Moment time={String(last)} />
                </Td>
              </tr>
            ))}
          </tbody>
        </Table>
      ) : null}
    </section>
  );
}
