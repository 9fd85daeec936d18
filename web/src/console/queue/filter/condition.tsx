import { X } from "lucide-react";
import type { WhereOp, WhereValue } from "../../../api/queue-types";
import type { Customer } from "../../../api/types";
import { MultiFilter } from "../../../components/multi-filter";
import { fromLocalInput, toLocalInput } from "../../../lib/time-range";
import {
  type Condition,
  FIELD_NAMES,
  FIELDS,
  type FieldName,
  fieldInfo,
  opsOf,
  opWords,
  withField,
  withOp,
} from "../../../lib/where";
import { IconButton } from "../../../ui/button";
import { controlClass } from "../../../ui/field";
import { Select } from "../../../ui/select";

interface Props {
  condition: Condition;
  customers: readonly Customer[];
  onChange: (condition: Condition) => void;
  onRemove: () => void;
}

const GROUPS = [...new Set(FIELD_NAMES.map((name) => FIELDS[name].group))];

/** One field, what it is asked, and the value it is held against. */
export function ConditionLine({ condition, customers, onChange, onRemove }: Props) {
  const { field, op, negated } = condition;
  return (
    <div className="flex min-w-0 items-center gap-2" role="group" aria-label="Condition">
      <Select
        aria-label="Field"
        className="w-40 shrink-0"
        value={field}
        onChange={(event) => onChange(withField(condition, event.target.value as FieldName))}
      >
        {GROUPS.map((group) => (
          <optgroup key={group} label={group}>
            {FIELD_NAMES.filter((name) => FIELDS[name].group === group).map((name) => (
              <option key={name} value={name}>
                {FIELDS[name].label}
              </option>
            ))}
          </optgroup>
        ))}
      </Select>
      <Select
        aria-label="Question"
        className="w-44 shrink-0"
        value={negated ? `not ${op}` : op}
        onChange={({ target: { value } }) =>
          onChange(withOp(condition, value.replace(/^not /, "") as WhereOp, value.startsWith("not ")))
        }
      >
        {opsOf(field).flatMap((one) =>
          [false, true].map((not) => (
            <option key={`${one}${not}`} value={not ? `not ${one}` : one}>
              {opWords(field, one, not)}
            </option>
          )),
        )}
      </Select>
      <ValueField condition={condition} customers={customers} onChange={(value) => onChange({ ...condition, value })} />
      <IconButton label="Remove the condition" className="ml-auto" onClick={onRemove}>
        <X size={14} aria-hidden="true" />
      </IconButton>
    </div>
  );
}

interface ValueProps {
  condition: Condition;
  customers: readonly Customer[];
  onChange: (value: WhereValue | null) => void;
}

/** What fits the field and its question: words to tick, a time, a number, or text. */
function ValueField({ condition, customers, onChange }: ValueProps) {
  const { field, op, value } = condition;
  const info = fieldInfo(field);
  if (op === "exists" || !info) return null;
  const options =
    info.kind === "customer" && (op === "in" || op === "equals")
      ? customers.map(({ id, name, region }) => ({ value: id, label: name, hint: region }))
      : (info.order ?? []).map((word) => ({ value: word, label: info.words?.[word] ?? word }));
  if (options.length > 0 && op === "in") {
    const chosen = Array.isArray(value) ? value.map(String) : [];
    return <MultiFilter label={info.label} all="Choose…" options={options} chosen={chosen} onChange={onChange} />;
  }
  if (options.length > 0) {
    return (
      <Select
        aria-label="Value"
        className="w-56"
        value={String(value ?? "")}
        onChange={(event) => onChange(event.target.value || null)}
      >
        <option value="">Choose…</option>
        {options.map((option) => (
          <option key={option.value} value={option.value}>
            {option.label}
          </option>
        ))}
      </Select>
    );
  }
  return <TypedField condition={condition} onChange={onChange} />;
}

function TypedField({ condition: { field, op, value }, onChange }: Omit<ValueProps, "customers">) {
  const info = fieldInfo(field);
  if (info?.kind === "time") {
    return (
      <input
        type="datetime-local"
        step={1}
        aria-label="Value"
        className={`${controlClass} max-w-56`}
        value={toLocalInput(typeof value === "string" ? value : null)}
        onChange={(event) => onChange(fromLocalInput(event.target.value) ?? null)}
      />
    );
  }
  if (info?.kind === "number") {
    return (
      <input
        type="number"
        min={0}
        aria-label="Value"
        className={`${controlClass} max-w-32`}
        value={typeof value === "number" ? value : ""}
        onChange={(event) => onChange(event.target.value === "" ? null : event.target.valueAsNumber)}
      />
    );
  }
  return (
    <input
      type="text"
      aria-label="Value"
      autoComplete="off"
      spellCheck={false}
      placeholder={op === "in" ? "One, another, …" : info?.placeholder}
      className={`${controlClass} max-w-96`}
      key={op}
      defaultValue={Array.isArray(value) ? value.join(", ") : String(value ?? "")}
      onChange={({ target }) => onChange(op === "in" ? parts(target.value) : target.value.trim() || null)}
    />
  );
}

function parts(text: string): string[] {
  return text
    .split(",")
    .map((part) => part.trim())
    .filter((part) => part !== "");
}
