import { Link } from "@tanstack/react-router";
import type { RuleRow, RuleState } from "../../api/types";
import { cn } from "../../lib/cn";
import { count, micros } from "../../lib/format";
import { levelSeverity, levelWord, RULE_STATE } from "../../lib/words";
import { Age, Badge, SeverityMark } from "../../ui/marks";
import { Table, Td, Th, trClass } from "../../ui/table";
import type { RuleSearch } from "./search";

const TONES: Record<RuleState, "ok" | "neutral" | "accent" | "bad"> = {
  active: "ok",
  disabled: "neutral",
  prototype: "accent",
  failed: "bad",
};

export function RuleStateMark({ rule }: { rule: Pick<RuleRow, "state" | "reason"> }) {
  return (
    <Badge tone={TONES[rule.state]} title={rule.reason ?? undefined}>
      {RULE_STATE[rule.state]}
    </Badge>
  );
}

export function LevelMark({ level }: { level: string }) {
  return (
    <span className="inline-flex items-center gap-1.5">
      <SeverityMark severity={levelSeverity(level)} />
      {levelWord(level)}
    </span>
  );
}

export function RuleTable({ rows, search, hash }: { rows: readonly RuleRow[]; search: RuleSearch; hash: string }) {
  return (
    <Table label="Rules" fixed>
      <thead>
        <tr>
          <Th className="w-24">State</Th>
          <Th className="w-32">Level</Th>
          <Th>Title</Th>
          <Th className="w-[19%]">For</Th>
          <Th className="w-20 text-right">Weight</Th>
          <Th className="w-24 text-right">Matches</Th>
          <Th className="w-20 text-right">Signals</Th>
          <Th className="w-24 text-right">Last match</Th>
          <Th className="w-24 text-right">Time spent</Th>
        </tr>
      </thead>
      <tbody>
        {rows.map((rule) => (
          <tr key={rule.id} className={trClass} data-rule={rule.id}>
            <Td>
              <RuleStateMark rule={rule} />
            </Td>
            <Td>
              <LevelMark level={rule.level} />
            </Td>
            <Td className="truncate" title={rule.title}>
              <Link
                to="/detection"
                search={{ ...search, rule: rule.id }}
                hash={hash}
                className={cn("font-medium hover:underline", rule.state === "disabled" ? "text-muted" : "")}
              >
                {rule.title}
              </Link>
              {rule.custom ? <Kind>your own</Kind> : null}
              {rule.correlation ? <Kind>correlation</Kind> : null}
            </Td>
            <Td className="truncate text-muted" title={logsource(rule)}>
              {logsource(rule)}
            </Td>
            <Td className="text-right">
              {rule.severity}
              {rule.severity === rule.own_severity ? "" : <span className="text-muted"> ({rule.own_severity})</span>}
            </Td>
            <Td className={cn("text-right", rule.hits === 0 ? "text-muted" : "")}>{count(rule.hits)}</Td>
            <Td className={cn("text-right", rule.signals === 0 ? "text-muted" : "font-medium")}>
              {count(rule.signals)}
            </Td>
            <Td className="text-right text-muted">{rule.last_hit_time ? <Age time={rule.last_hit_time} /> : "–"}</Td>
            <Td className="text-right text-muted">{micros(rule.spent_us)}</Td>
          </tr>
        ))}
      </tbody>
    </Table>
  );
}

function Kind({ children }: { children: string }) {
  return <span className="ml-2 text-sm text-muted">{children}</span>;
}

/** What a rule is written for, in one line. */
export function logsource(rule: Pick<RuleRow, "product" | "category" | "service">): string {
  return [rule.product, rule.category, rule.service].filter(Boolean).join(" · ") || "any log";
}
