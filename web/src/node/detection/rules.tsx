import { Link, useLocation, useNavigate, useSearch } from "@tanstack/react-router";
import { Plus, Radar } from "lucide-react";
import * as api from "../../api/detection";
import { Rows } from "../../components/rows";
import { SearchBox } from "../../components/search-box";
import { count } from "../../lib/format";
import { usePages } from "../../lib/pages";
import { readFragment, writeFragment } from "../../lib/search";
import { LEVELS, levelWord, RULE_STATE, RULE_STATES } from "../../lib/words";
import { Button, buttonClass } from "../../ui/button";
import { Select } from "../../ui/select";
import { Empty } from "../../ui/states";
import { DetectionFrame } from "./frame";
import { RuleDialog } from "./rule";
import { RuleTable } from "./rule-table";
import type { RuleSearch } from "./search";

const PRODUCTS = ["windows", "linux", "macos", "aws", "azure", "m365", "okta", "kubernetes", "zeek", "cisco"];

/** The rules of the workspace: ours, SigmaHQ's and its own, with what they found and cost. */
export function RulesPage() {
  const search = useSearch({ from: "/frame/detection" });
  const q = readFragment(useLocation({ select: (l) => l.hash }));
  const navigate = useNavigate({ from: "/detection" });
  const { rule, ...filter } = search;
  const set = (change: Partial<RuleSearch>, words?: string) =>
    void navigate({
      search: (now) => ({ ...now, ...change }),
      hash: words === undefined ? true : writeFragment(words),
      replace: true,
    });
  const asked = { ...filter, q: q || undefined };
  const pages = usePages(["rules", asked], (cursor) => api.rules(asked, cursor));
  const narrowed = Object.values(asked).some((value) => value !== undefined);
  return (
    <DetectionFrame
      title="Rules"
      note={pages.rows ? `${count(pages.rows.length)}${pages.more ? " of more" : ""}` : null}
      actions={
        <Link to="/detection/new-rule" className={buttonClass("primary")}>
          <Plus size={15} aria-hidden="true" />
          Add rule
        </Link>
      }
    >
      <div className="flex items-center gap-2">
        <SearchBox
          label="Search rules"
          placeholder="Words of title, id or tags, such as attack.t1059"
          className="flex-1"
          value={q}
          onChange={(words) => set({}, words)}
        />
        <Select
          aria-label="State"
          className="w-36"
          value={filter.state ?? ""}
          onChange={(event) => set({ state: (event.target.value || undefined) as RuleSearch["state"] })}
        >
          <option value="">Any state</option>
          {RULE_STATES.map((state) => (
            <option key={state} value={state}>
              {RULE_STATE[state]}
            </option>
          ))}
        </Select>
        <Select
          aria-label="Level"
          className="w-36"
          value={filter.level ?? ""}
          onChange={(event) => set({ level: event.target.value || undefined })}
        >
          <option value="">Any level</option>
          {LEVELS.map((level) => (
            <option key={level} value={level}>
              {levelWord(level)}
            </option>
          ))}
        </Select>
        <Select
          aria-label="Product"
          className="w-36"
          value={filter.product ?? ""}
          onChange={(event) => set({ product: event.target.value || undefined })}
        >
          <option value="">Any product</option>
          {[...new Set([...PRODUCTS, ...(filter.product ? [filter.product] : [])])].map((product) => (
            <option key={product} value={product}>
              {product}
            </option>
          ))}
        </Select>
      </div>
      <Rows
        label="Rules"
        {...pages}
        skeleton={12}
        empty={
          <Empty
            icon={<Radar size={18} />}
            title={narrowed ? "No rule fits" : "No rules"}
            action={
              narrowed ? <Button onClick={() => void navigate({ search: {}, hash: "" })}>Show all rules</Button> : null
            }
          >
            {narrowed
              ? "Every word must stand in the title, the id or the tags."
              : "This node was started without rules. A rule of your own can be added."}
          </Empty>
        }
      >
        {(rows) => <RuleTable rows={rows} search={search} hash={writeFragment(q)} />}
      </Rows>
      <RuleDialog id={rule ?? null} onClose={() => set({ rule: undefined })} />
    </DetectionFrame>
  );
}
