import { useQuery } from "@tanstack/react-query";
import { Lightbulb, Pencil, Plus, Power, Trash2 } from "lucide-react";
import { useState } from "react";
import * as api from "../../api/detection";
import type { CustomInsight } from "../../api/types";
import { Confirm, type Question } from "../../components/confirm";
import { RowMenu, RowMenuButton, type RowMenuState, useRowMenu } from "../../components/row-menu";
import { Rows } from "../../components/rows";
import { useAction } from "../../components/use-action";
import { draftOfInsight, newInsight } from "../../lib/custom-insight";
import { count, plural } from "../../lib/format";
import { PRIORITY } from "../../lib/words";
import { Button } from "../../ui/button";
import { Age, Badge, PriorityMark } from "../../ui/marks";
import { MenuItem, MenuSeparator } from "../../ui/menu";
import { Empty } from "../../ui/states";
import { Table, Td, Th, ThActions, trClass } from "../../ui/table";
import { CustomInsightDialog } from "./custom-insight-form";
import { DetectionFrame } from "./frame";

/** A workspace's own reasons to open an investigation, whatever the score. */
export function CustomInsightsPage() {
  const query = useQuery({ queryKey: ["custom-insights"], queryFn: api.customInsights });
  const [editing, setEditing] = useState<{ insight: CustomInsight | null } | null>(null);
  const [question, setQuestion] = useState<Question | null>(null);
  const toggle = useAction({
    run: (insight: CustomInsight) =>
      api.replaceCustomInsight(insight.id, { ...newInsight(draftOfInsight(insight)), enabled: !insight.enabled }),
    refused: "Nothing was changed",
    refresh: ["custom-insights"],
  });
  const menu = useRowMenu<CustomInsight>();
  const add = (
    <Button look="primary" icon={<Plus size={15} aria-hidden="true" />} onClick={() => setEditing({ insight: null })}>
      Add custom insight
    </Button>
  );
  return (
    <DetectionFrame title="Custom insights" note={query.data ? count(query.data.data.length) : null} actions={add}>
      <Rows
        label="Custom insights"
        rows={query.data?.data}
        error={query.error}
        onRetry={() => void query.refetch()}
        empty={
          <Empty icon={<Lightbulb size={18} />} title="No custom insights" action={add}>
            A custom insight opens an investigation when certain signals meet on one entity, however little they weigh.
          </Empty>
        }
      >
        {(rows) => <InsightTable rows={rows} menu={menu} />}
      </Rows>
      <RowMenu menu={menu}>
        {(row) => (
          <>
            <MenuItem onClick={() => setEditing({ insight: row })}>
              <Pencil size={14} aria-hidden="true" /> Edit…
            </MenuItem>
            <MenuItem onClick={() => toggle.start(row)}>
              <Power size={14} aria-hidden="true" /> {row.enabled ? "Switch off" : "Switch on"}
            </MenuItem>
            <MenuSeparator />
            <MenuItem onClick={() => setQuestion(removing(row))}>
              <Trash2 size={14} aria-hidden="true" /> Remove…
            </MenuItem>
          </>
        )}
      </RowMenu>
      <CustomInsightDialog editing={editing} onClose={() => setEditing(null)} />
      <Confirm question={question} onClose={() => setQuestion(null)} />
    </DetectionFrame>
  );
}

function InsightTable({ rows, menu }: { rows: readonly CustomInsight[]; menu: RowMenuState<CustomInsight> }) {
  return (
    <Table label="Custom insights" fixed>
      <thead>
        <tr>
          <Th className="w-20">State</Th>
          <Th className="w-[26%]">Name</Th>
          <Th>When there are signals of</Th>
          <Th className="w-[190px]">Priority</Th>
          <Th className="w-[150px]">Made by</Th>
          <Th className="w-20 text-right">Age</Th>
          <ThActions className="w-12" />
        </tr>
      </thead>
      <tbody>
        {rows.map((row) => (
          <tr key={row.id} className={trClass} data-insight={row.name}>
            <Td>{row.enabled ? <Badge tone="ok">On</Badge> : <Badge>Off</Badge>}</Td>
            <Td className="truncate font-medium" title={row.name}>
              {row.name}
            </Td>
            <Td className="truncate text-muted" title={row.when.rules.join("\n")}>
              {plural(row.when.rules.length, "rule")}
              {row.when.order === "exact" ? " in this order" : ""}: {row.when.rules.join(", ")}
            </Td>
            <Td>
              <Urgency insight={row} />
            </Td>
            <Td className="truncate text-muted">{row.created_by}</Td>
            <Td className="text-right text-muted">
              <Age time={row.created_time} />
            </Td>
            <Td className="pl-0 text-right">
              <RowMenuButton name={row.name} row={row} menu={menu} />
            </Td>
          </tr>
        ))}
      </tbody>
    </Table>
  );
}

function Urgency({ insight }: { insight: CustomInsight }) {
  const { priority } = insight.when;
  if ("constant" in priority) return <PriorityMark priority={priority.constant} />;
  const steps = priority.dynamic.thresholds.map((s) => `${PRIORITY[s.priority]} from ${s.severity}`);
  return (
    <span title={`${steps.join(", ")}, else ${PRIORITY[priority.dynamic.default]}`} className="text-muted">
      By severity, {plural(steps.length, "step")}
    </span>
  );
}

function removing(insight: CustomInsight): Question {
  return {
    title: `Remove ${insight.name}?`,
    meaning: "It opens no more investigations. Those it opened stay.",
    action: "Remove the custom insight",
    danger: true,
    done: `${insight.name} is removed`,
    refresh: ["custom-insights"],
    run: () => api.removeCustomInsight(insight.id),
  };
}
