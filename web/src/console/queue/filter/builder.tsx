import { Plus, SquarePlus, X } from "lucide-react";
import { useState } from "react";
import type { Customer } from "../../../api/types";
import { cn } from "../../../lib/cn";
import {
  fromWhere,
  type Group,
  isComplete,
  isGroup,
  MAX_DEPTH,
  type Node,
  newCondition,
  newGroup,
  parseWhere,
  tooLarge,
  toWhere,
} from "../../../lib/where";
import { Button, IconButton } from "../../../ui/button";
import { Select } from "../../../ui/select";
import { ConditionLine } from "./condition";

interface Props {
  /** The tree as the address has it. */
  where: string;
  customers: readonly Customer[];
  onApply: (where: string) => void;
  onClose: () => void;
}

/** Conditions joined by AND, OR and NOT, over every field. Nothing is asked before it is applied. */
export function FilterBuilder({ where, customers, onApply, onClose }: Props) {
  const [root, setRoot] = useState<Group>(() => fromWhere(parseWhere(where)));
  const tree = toWhere(root);
  const fault = tooLarge(tree);
  const open = unfinished(root);
  const text = tree ? JSON.stringify(tree) : "";
  return (
    <form
      aria-label="Filter builder"
      className="flex max-h-[46vh] flex-col gap-2 overflow-auto rounded-md border border-line bg-surface p-2.5"
      onSubmit={(event) => {
        event.preventDefault();
        if (!fault) onApply(text);
      }}
      onKeyDown={(event) => {
        if (event.key === "Escape" && !event.defaultPrevented) onClose();
      }}
    >
      <GroupBox group={root} depth={1} customers={customers} onChange={setRoot} />
      <div className="flex items-center gap-2">
        <Button type="submit" look="primary" disabled={fault !== null || text === where}>
          Apply
        </Button>
        <Button
          onClick={() => {
            setRoot(newGroup());
            if (where) onApply("");
          }}
        >
          Clear
        </Button>
        <Button look="quiet" onClick={onClose}>
          Hide
        </Button>
        {fault ? (
          <span role="alert" className="text-sm text-danger">
            {fault}
          </span>
        ) : open > 0 ? (
          <span className="text-sm text-muted">
            {open === 1 ? "One condition has" : `${open} conditions have`} no value yet and {open === 1 ? "is" : "are"}{" "}
            left out.
          </span>
        ) : null}
      </div>
    </form>
  );
}

function unfinished(node: Node): number {
  if (isGroup(node)) return node.children.reduce((sum, child) => sum + unfinished(child), 0);
  return isComplete(node) ? 0 : 1;
}

interface GroupProps {
  group: Group;
  depth: number;
  customers: readonly Customer[];
  onChange: (group: Group) => void;
  onRemove?: () => void;
}

const WORDS = {
  and: "All of these",
  or: "Any of these",
  "not and": "Not all of these",
  "not or": "None of these",
} as const;

function GroupBox({ group, depth, customers, onChange, onRemove }: GroupProps) {
  const { children, join, negated } = group;
  const put = (next: Node) =>
    onChange({ ...group, children: children.map((child) => (child.key === next.key ? next : child)) });
  const drop = (key: number) => onChange({ ...group, children: children.filter((child) => child.key !== key) });
  const add = (node: Node) => onChange({ ...group, children: [...children, node] });
  return (
    <fieldset
      className={cn("flex min-w-0 flex-col gap-1.5", depth > 1 ? "rounded-sm border border-line bg-bg p-2" : "")}
    >
      <legend className="sr-only">{depth > 1 ? "Group of conditions" : "Conditions"}</legend>
      <div className="flex items-center gap-2">
        <Select
          aria-label="How these are joined"
          className="w-40"
          value={negated ? `not ${join}` : join}
          onChange={({ target: { value } }) =>
            onChange({ ...group, negated: value.startsWith("not "), join: value.endsWith("and") ? "and" : "or" })
          }
        >
          {Object.entries(WORDS).map(([value, words]) => (
            <option key={value} value={value}>
              {words}
            </option>
          ))}
        </Select>
        <Button look="quiet" icon={<Plus size={14} aria-hidden="true" />} onClick={() => add(newCondition())}>
          Condition
        </Button>
        {depth < MAX_DEPTH - 2 ? (
          <Button
            look="quiet"
            icon={<SquarePlus size={14} aria-hidden="true" />}
            onClick={() => add(newGroup(join === "and" ? "or" : "and"))}
          >
            Group
          </Button>
        ) : null}
        {onRemove ? (
          <IconButton label="Remove the group" className="ml-auto" onClick={onRemove}>
            <X size={14} aria-hidden="true" />
          </IconButton>
        ) : null}
      </div>
      {children.map((child) =>
        isGroup(child) ? (
          <GroupBox
            key={child.key}
            group={child}
            depth={depth + 1}
            customers={customers}
            onChange={put}
            onRemove={() => drop(child.key)}
          />
        ) : (
          <ConditionLine
            key={child.key}
            condition={child}
            customers={customers}
            onChange={put}
            onRemove={() => drop(child.key)}
          />
        ),
      )}
      {children.length === 0 ? <p className="text-sm text-muted">Nothing in here: it narrows nothing.</p> : null}
    </fieldset>
  );
}
