import { useQueries } from "@tanstack/react-query";
import * as api from "../../../api/console";
import type { QueueRow, Responsibility } from "../../../api/queue-types";
import type { Assignee } from "../../../api/types";
import { RESPONSIBILITY } from "../../../lib/where";
import { DISPOSITION, DISPOSITIONS, PRIORITIES, PRIORITY, STATUS, STATUSES } from "../../../lib/words";
import { AreaField, ChoiceField, TextField } from "../../../ui/field";
import { VerdictField } from "../../edit/close-dialog";
import { useMe } from "../../me";
import type { ActKind, Draft } from "./plan";

export interface FieldsProps {
  kind: ActKind;
  draft: Draft;
  /** Rows in sight that the act is about: they say whose people and whose tags there are. */
  rows: readonly QueueRow[];
  onChange: (change: Partial<Draft>) => void;
}

const NOT_YET = "";
const PARTIES: readonly Responsibility[] = ["MSSP", "CUSTOMER"];
const choices = <V extends string>(values: readonly V[], words: Record<V, string>) => [
  { value: NOT_YET, label: "Choose…" },
  ...values.map((value) => ({ value, label: words[value] })),
];

/** What an act needs to be told. */
export function ActFields({ kind, draft, rows, onChange }: FieldsProps) {
  switch (kind) {
    case "assign":
      return <AssigneeField draft={draft} rows={rows} onChange={onChange} />;
    case "status":
      return (
        <>
          <ChoiceField
            label="New status"
            value={draft.status ?? NOT_YET}
            options={choices(STATUSES, STATUS)}
            onChange={(value) => onChange({ status: STATUSES.find((one) => one === value) })}
          />
          {draft.status === "CLOSED" ? <Verdict draft={draft} onChange={onChange} /> : null}
        </>
      );
    case "priority":
      return (
        <ChoiceField
          label="New priority"
          value={draft.priority ?? NOT_YET}
          options={choices(PRIORITIES, PRIORITY)}
          onChange={(value) => onChange({ priority: PRIORITIES.find((one) => one === value) })}
        />
      );
    case "disposition":
      return (
        <ChoiceField
          label="New disposition"
          value={draft.disposition ?? NOT_YET}
          options={choices(DISPOSITIONS, DISPOSITION)}
          onChange={(value) => onChange({ disposition: DISPOSITIONS.find((one) => one === value) })}
        />
      );
    case "responsibility":
      return (
        <ChoiceField
          label="New responsibility"
          value={draft.responsibility ?? NOT_YET}
          options={choices(PARTIES, RESPONSIBILITY as Record<Responsibility, string>)}
          onChange={(value) => onChange({ responsibility: PARTIES.find((one) => one === value) })}
        />
      );
    case "tag":
      return <TagFields draft={draft} rows={rows} onChange={onChange} />;
    case "comment":
      return <CommentField draft={draft} onChange={onChange} />;
    case "close":
      return (
        <>
          <Verdict draft={draft} onChange={onChange} />
          <CommentField draft={draft} onChange={onChange} optional />
        </>
      );
  }
}

type Part = Pick<FieldsProps, "draft" | "onChange">;

function Verdict({ draft, onChange }: Part) {
  return (
    <VerdictField
      legend="What were they? The answer is kept with each investigation at its customer's node."
      chosen={draft.disposition ?? null}
      onChoose={(disposition) => onChange({ disposition })}
    />
  );
}

function CommentField({ draft, onChange, optional = false }: Part & { optional?: boolean }) {
  return (
    <>
      <AreaField
        label={optional ? "Comment (if you like)" : "Comment"}
        rows={2}
        value={draft.comment}
        maxLength={10_000}
        onChange={(comment) => onChange({ comment })}
      />
      {optional && draft.comment === "" ? null : (
        <ChoiceField
          label="Who may read it"
          value={draft.visibility}
          options={[
            { value: "INTERNAL", label: "Internal: the MSSP's people" },
            { value: "PUBLIC", label: "Public: the customer reads it, too" },
          ]}
          onChange={(visibility) => onChange({ visibility })}
        />
      )}
    </>
  );
}

function TagFields({ draft, rows, onChange }: Part & Pick<FieldsProps, "rows">) {
  const there = [...new Set(rows.flatMap((row) => row.tags))].sort();
  return (
    <>
      <TextField
        label="Add"
        placeholder="One, another, …"
        autoComplete="off"
        value={draft.addTags}
        onChange={(addTags) => onChange({ addTags })}
      />
      <TextField
        label="Take away"
        placeholder="One, another, …"
        autoComplete="off"
        hint={
          there.length > 0 ? `There are: ${there.slice(0, 20).join(", ")}${there.length > 20 ? ", …" : ""}` : undefined
        }
        value={draft.removeTags}
        onChange={(removeTags) => onChange({ removeTags })}
      />
    </>
  );
}

/** So many customers are asked who may work for them; more would only say what the preview says anyway. */
const ASKED = 30;
const NOBODY = "none";

function AssigneeField({ draft, rows, onChange }: Part & Pick<FieldsProps, "rows">) {
  const me = useMe();
  const ids = [...new Set(rows.map((row) => row.customer.id))].slice(0, ASKED);
  const queries = useQueries({
    queries: ids.map((id) => ({ queryKey: ["assignees", id], queryFn: () => api.assignees(id), staleTime: 60_000 })),
  });
  const people = new Map<string, Assignee & { at: number }>();
  for (const { data } of queries) {
    for (const person of data?.data ?? []) {
      const email = person.email.toLowerCase();
      people.set(email, { ...person, at: (people.get(email)?.at ?? 0) + 1 });
    }
  }
  people.delete(me.email.toLowerCase());
  const others = [...people.values()].sort((a, b) => b.at - a.at || a.email.localeCompare(b.email));
  const where = (at: number) => (ids.length > 1 ? ` (${at} of ${ids.length} customers)` : "");
  const self: Assignee = { email: me.email, name: me.name };
  return (
    <ChoiceField
      label="Who"
      hint="Who has no role at a customer cannot be given its investigations: the preview says which."
      value={draft.assignee === null ? NOBODY : (draft.assignee?.email ?? NOT_YET)}
      options={[
        { value: NOT_YET, label: "Choose…" },
        { value: me.email, label: "Me" },
        { value: NOBODY, label: "Nobody" },
        ...others.map(({ email, name, at }) => ({ value: email, label: `${name || email}${where(at)}` })),
      ]}
      onChange={(value) => {
        const other = others.find(({ email }) => email === value);
        const chosen = value === me.email ? self : other && { email: other.email, name: other.name };
        onChange({ assignee: value === NOBODY ? null : chosen });
      }}
    />
  );
}
