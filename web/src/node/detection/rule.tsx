import { useQuery, useQueryClient } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { CircleAlert, Trash2 } from "lucide-react";
import { useState } from "react";
import * as api from "../../api/detection";
import type { RuleDetail, RulePatch } from "../../api/types";
import { Confirm, type Question } from "../../components/confirm";
import { useAction } from "../../components/use-action";
import { count, fullTime, micros } from "../../lib/format";
import { Button, buttonClass } from "../../ui/button";
import { Dialog } from "../../ui/dialog";
import { Failure, SkeletonRows } from "../../ui/states";
import { RuleControls } from "./rule-controls";
import { LevelMark, logsource, RuleStateMark } from "./rule-table";
import { RuleText } from "./rule-text";

/** One rule as it runs here: what it may do, what it weighs, what it found, what it says. */
export function RuleDialog({ id, onClose }: { id: string | null; onClose: () => void }) {
  const query = useQuery({
    queryKey: ["rule", id],
    queryFn: () => api.rule(id ?? ""),
    enabled: id !== null,
  });
  return (
    <Dialog
      place="side"
      className="w-[680px]"
      open={id !== null}
      onClose={onClose}
      title={query.data?.rule.title ?? "Rule"}
      description={query.data ? logsource(query.data.rule) : undefined}
    >
      {query.error ? (
        <Failure error={query.error} title="The rule could not be read" onRetry={() => void query.refetch()} />
      ) : null}
      {query.data ? (
        <Detail key={query.data.rule.id} detail={query.data} onClose={onClose} />
      ) : query.error ? null : (
        <SkeletonRows rows={8} label="Reading the rule" />
      )}
    </Dialog>
  );
}

function Detail({ detail, onClose }: { detail: RuleDetail; onClose: () => void }) {
  const { rule, info } = detail;
  const queries = useQueryClient();
  const [question, setQuestion] = useState<Question | null>(null);
  const change = useAction({
    run: (patch: RulePatch) => api.patchRule(rule.id, patch),
    after: (now) => queries.setQueryData(["rule", rule.id], now),
    done: () => "The rule is changed, from the next event on",
    refused: "The rule was not changed",
    refresh: ["rules"],
  });
  return (
    <div className="flex flex-col gap-4">
      <div className="flex flex-wrap items-center gap-x-4 gap-y-1">
        <RuleStateMark rule={rule} />
        <LevelMark level={rule.level} />
        <span className="text-muted">
          {count(rule.hits)} matches and {count(rule.signals)} signals since the workspace was opened
          {rule.spent_us > 0 ? `, for ${micros(rule.spent_us)} of work` : ""}
        </span>
      </div>
      {rule.state === "failed" ? <SetAside rule={rule} /> : null}
      <RuleControls rule={rule} busy={change.busy} onChange={change.start} />
      <div className="flex gap-2">
        <Link to="/detection/signals" search={{ rule: rule.id }} className={buttonClass()}>
          Its signals
        </Link>
        {rule.custom ? (
          <Button
            icon={<Trash2 size={14} aria-hidden="true" />}
            onClick={() =>
              setQuestion({
                title: `Remove ${rule.title}?`,
                meaning: "The rule goes; its signals and investigations stay.",
                action: "Remove the rule",
                danger: true,
                done: "The rule is removed",
                refresh: ["rules"],
                run: async () => {
                  await api.removeRule(rule.id);
                  onClose();
                },
              })
            }
          >
            Remove…
          </Button>
        ) : null}
      </div>
      <RuleText id={rule.id} info={info} />
      <Confirm question={question} onClose={() => setQuestion(null)} />
    </div>
  );
}

function SetAside({ rule }: { rule: RuleDetail["rule"] }) {
  return (
    <div className="flex items-start gap-2.5 rounded-md border border-danger bg-danger-soft px-3 py-2">
      <CircleAlert size={16} className="mt-0.5 shrink-0 text-danger" aria-hidden="true" />
      <div className="min-w-0">
        <div className="font-medium">Set aside{rule.failed_time ? ` on ${fullTime(rule.failed_time)}` : ""}</div>
        {rule.reason ? <div className="text-muted">{rule.reason}</div> : null}
        {rule.sample ? <pre className="mono mt-1 break-all whitespace-pre-wrap">{rule.sample}</pre> : null}
        <div className="mt-1 text-sm text-muted">Make it active again to start anew.</div>
      </div>
    </div>
  );
}
