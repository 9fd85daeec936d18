import { Link } from "@tanstack/react-router";
import type { RuleRow, RuleState } from "../../api/types";
import { useTicking } from "../../lib/clock";
import { cn } from "../../lib/cn";
import { ageOfHour, count, micros, shortTime } from "../../lib/format";
import { levelSeverity, levelWord, RULE_STATE } from "../../lib/words";
import { Badge, SeverityMark } from "../../ui/marks";
import { Table, Td, Th, trClass, wideClass } from "../../ui/table";
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
    <span className="inline-flex items-center gap-1.5 align-middle">
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
          <Th className="w-[88px]">State</Th>
          <Th className="w-[122px]">Level</Th>
          <Th>Title</Th>
          <Th className="w-[18%]">For</Th>
          <Th className="w-[76px] text-right">Weight</Th>
          <Th className="w-[84px] text-right">Matches</Th>
          <Th className="w-[76px] text-right">Signals</Th>
          <Th className="w-24 text-right">Last match</Th>
          <Th className={cn("w-24 text-right", wideClass)}>Time spent</Th>
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
            <Td className="text-right text-muted">
              {rule.last_hit_time ? <LastHour hour={rule.last_hit_time} /> : "–"}
            </Td>
            <Td className={cn("text-right text-muted", wideClass)}>{micros(rule.spent_us)}</Td>
          </tr>
        ))}
      </tbody>
    </Table>
  );
}

/** Matches are counted by the hour. */
function LastHour({ hour }: { hour: string }) {
  const text = useTicking((now) => ageOfHour(hour, now));
  return <span title={`In the hour from ${shortTime(hour)}`}>{text}</span>;
}

function Kind({ children }: { children: string }) {
  return <span className="ml-2 text-sm text-muted">{children}</span>;
}

/** What a rule is written for, in one line. */
export function logsource(rule: Pick<RuleRow, "product" | "category" | "service">): string {
  return [rule.product, rule.category, rule.service].filter(Boolean).join(" · ") || "any log";
}
