import { useNavigate, useSearch } from "@tanstack/react-router";
import { Siren } from "lucide-react";
import { useState } from "react";
import * as api from "../../api/detection";
import type { SignalRow } from "../../api/types";
import { Rows } from "../../components/rows";
import { SearchBox } from "../../components/search-box";
import { count } from "../../lib/format";
import { usePages } from "../../lib/pages";
import { Button } from "../../ui/button";
import { Badge } from "../../ui/marks";
import { Select } from "../../ui/select";
import { Empty } from "../../ui/states";
import { DetectionFrame } from "./frame";
import type { SignalSearch } from "./search";
import { SignalDialog } from "./signal";
import { SignalTable } from "./signal-table";

/** Every signal, whatever became of it. */
export function SignalsPage() {
  const search = useSearch({ from: "/frame/detection/signals" });
  const navigate = useNavigate({ from: "/detection/signals" });
  const [entity, setEntity] = useState("");
  const [open, setOpen] = useState<SignalRow | null>(null);
  const set = (change: Partial<SignalSearch>) =>
    void navigate({ search: (now) => ({ ...now, ...change }), replace: true });
  const filter = { ...search, entity: entity || undefined };
  const pages = usePages(["signals", filter], (cursor) => api.signals(filter, cursor), 10_000);
  const narrowed = Object.values(filter).some((value) => value !== undefined);
  return (
    <DetectionFrame
      title="Signals"
      note={pages.rows ? `${count(pages.rows.length)}${pages.more ? " newest" : ""}` : null}
    >
      <div className="flex items-center gap-2">
        <SearchBox
          label="Entity"
          placeholder="The exact value of an entity, such as dc01 or 10.1.2.3"
          className="flex-1"
          value={entity}
          onChange={setEntity}
        />
        <Choice
          label="Suppressed"
          value={search.suppressed}
          words={["Suppressed or not", "Suppressed only", "Not suppressed"]}
          onChoose={(suppressed) => set({ suppressed })}
        />
        <Choice
          label="On trial"
          value={search.prototype}
          words={["Of any rule", "Of rules on trial", "Not of rules on trial"]}
          onChoose={(prototype) => set({ prototype })}
        />
        {search.rule ? (
          <Button onClick={() => set({ rule: undefined })}>
            One rule only <Badge>×</Badge>
          </Button>
        ) : null}
      </div>
      <Rows
        label="Signals"
        {...pages}
        skeleton={12}
        empty={
          <Empty icon={<Siren size={18} />} title={narrowed ? "No signal fits" : "No signals yet"}>
            {narrowed
              ? "Take away a filter to see more."
              : "When a rule matches a record, a signal about its entities appears here."}
          </Empty>
        }
      >
        {(rows) => <SignalTable rows={rows} onOpen={setOpen} />}
      </Rows>
      <SignalDialog signal={open} onClose={() => setOpen(null)} />
    </DetectionFrame>
  );
}

interface ChoiceProps {
  label: string;
  value: "true" | "false" | undefined;
  /** For any, yes, no. */
  words: [string, string, string];
  onChoose: (value: "true" | "false" | undefined) => void;
}

function Choice({ label, value, words, onChoose }: ChoiceProps) {
  return (
    <Select
      aria-label={label}
      className="w-48"
      value={value ?? ""}
      onChange={(event) => onChoose((event.target.value || undefined) as ChoiceProps["value"])}
    >
      <option value="">{words[0]}</option>
      <option value="true">{words[1]}</option>
      <option value="false">{words[2]}</option>
    </Select>
  );
}
