import { useQuery } from "@tanstack/react-query";
import { type ReactNode, useCallback, useRef, useState } from "react";
import * as api from "../../api/console";
import type { QueueRow, Responsibility } from "../../api/queue-types";
import type { Assignee, Disposition, Priority, Status } from "../../api/types";
import { type Change, needsDisposition } from "../../lib/edits";
import { RESPONSIBILITY } from "../../lib/where";
import { DISPOSITION, DISPOSITIONS, PRIORITIES, STATUS, STATUSES } from "../../lib/words";
import { PriorityMark, StatusMark } from "../../ui/marks";
import { AnchoredMenu, MenuItem, MenuLabel, MenuRadio, MenuSeparator } from "../../ui/menu";
import { words } from "../../ui/states";
import { useMe } from "../me";
import { CloseDialog } from "./close-dialog";
import { ConflictDialog } from "./conflict-dialog";
import { usePatch } from "./use-patch";

export type EditField = "status" | "assignee" | "priority" | "disposition" | "responsibility";

interface Target {
  row: QueueRow;
  field: EditField;
  anchor: HTMLElement;
}

export interface Editor {
  open: (row: QueueRow, field: EditField, anchor: HTMLElement) => void;
  /** Asks for the verdict at once. */
  close: (row: QueueRow, from: HTMLElement | null) => void;
  /** The one menu of the page, and its dialogs. */
  element: ReactNode;
}

/** One popover for all rows and fields of a page; closing without a verdict asks for one first. */
export function useEditor(): Editor {
  const [target, setTarget] = useState<Target | null>(null);
  const [closing, setClosing] = useState<QueueRow | null>(null);
  const anchor = useRef<HTMLElement | null>(null);
  const patch = usePatch();
  const choose = (row: QueueRow, change: Change) => {
    if (needsDisposition(row, change)) setClosing(row);
    else void patch(row, change);
  };
  const open = useCallback((row: QueueRow, field: EditField, at: HTMLElement) => {
    anchor.current = at;
    setTarget({ row, field, anchor: at });
  }, []);
  const close = useCallback((row: QueueRow, from: HTMLElement | null) => {
    anchor.current = from;
    setClosing(row);
  }, []);
  return {
    open,
    close,
    element: (
      <>
        <AnchoredMenu
          anchor={target?.anchor ?? null}
          label={target ? `Change ${target.field} of ${target.row.title}` : ""}
          onClose={() => setTarget(null)}
        >
          {target ? (
            <Choices row={target.row} field={target.field} onChoose={(change) => choose(target.row, change)} />
          ) : null}
        </AnchoredMenu>
        <CloseDialog
          row={closing}
          finalFocus={anchor}
          onCancel={() => setClosing(null)}
          onClose={(disposition) => {
            if (closing) void patch(closing, { status: "CLOSED", disposition });
            setClosing(null);
          }}
        />
        <ConflictDialog />
      </>
    ),
  };
}

interface ChoicesProps {
  row: QueueRow;
  field: EditField;
  onChoose: (change: Change) => void;
}

function Choices({ row, field, onChoose }: ChoicesProps) {
  if (field === "assignee") return <AssigneeChoices row={row} onChoose={onChoose} />;
  if (field === "priority") {
    const options = PRIORITIES.map((value) => ({ value, label: <PriorityMark priority={value} /> }));
    return (
      <MenuRadio<Priority>
        label="Priority"
        value={row.priority}
        options={options}
        onChoose={(priority) => onChoose({ priority })}
      />
    );
  }
  if (field === "disposition") {
    const options = DISPOSITIONS.map((value) => ({ value, label: DISPOSITION[value] }));
    return (
      <MenuRadio<Disposition>
        label="Disposition"
        value={row.disposition}
        options={options}
        onChoose={(disposition) => onChoose({ disposition })}
      />
    );
  }
  if (field === "responsibility") return <ResponsibilityChoices row={row} onChoose={onChoose} />;
  const options = STATUSES.map((value) => ({
    value,
    label: <StatusMark status={value} />,
    hint: needsDisposition(row, { status: value }) ? "asks why" : undefined,
  }));
  return (
    <MenuRadio<Status>
      label={`Status, now ${STATUS[row.status]}`}
      value={row.status}
      options={options}
      onChoose={(status) => onChoose({ status })}
    />
  );
}

function ResponsibilityChoices({ row, onChoose }: Omit<ChoicesProps, "field">) {
  const options = [
    { value: NOBODY, label: "Not said" },
    ...Object.entries(RESPONSIBILITY).map(([value, label]) => ({ value, label })),
  ];
  return (
    <MenuRadio
      label="Responsibility"
      value={row.responsibility ?? NOBODY}
      options={options}
      onChoose={(value) => onChoose({ responsibility: value === NOBODY ? null : (value as Responsibility) })}
    />
  );
}

const NOBODY = "";

function AssigneeChoices({ row, onChoose }: Omit<ChoicesProps, "field">) {
  const me = useMe();
  const query = useQuery({
    queryKey: ["assignees", row.customer.id],
    queryFn: () => api.assignees(row.customer.id),
    staleTime: 60_000,
  });
  if (query.isPending) return <MenuLabel>Asking who may work for {row.customer.name}…</MenuLabel>;
  if (query.error) {
    return (
      <>
        <MenuLabel>{words(query.error)}</MenuLabel>
        <MenuItem onClick={() => void query.refetch()}>Try again</MenuItem>
      </>
    );
  }
  const people = query.data.data;
  const mine = people.find((p) => p.email.toLowerCase() === me.email.toLowerCase());
  const others = people.filter((p) => p !== mine);
  const assign = (assignee: Assignee | null) => onChoose({ assignee });
  return (
    <>
      {mine ? (
        <>
          <MenuRadio
            label="Me"
            value={row.assignee?.email ?? NOBODY}
            options={[{ value: mine.email, label: "Assign to me" }]}
            onChoose={() => assign(mine)}
          />
          <MenuSeparator />
        </>
      ) : null}
      <MenuRadio
        label="Assignee"
        value={row.assignee?.email ?? NOBODY}
        options={[
          { value: NOBODY, label: "Unassigned" },
          ...others.map((p) => ({ value: p.email, label: p.name || p.email })),
        ]}
        onChoose={(email) => assign(others.find((p) => p.email === email) ?? null)}
      />
      <MenuLabel>People with a role at {row.customer.name}</MenuLabel>
    </>
  );
}
