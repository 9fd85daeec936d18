import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { type Conflict, differences, edits, type Field, pickChange, useEdits } from "../../lib/edits";
import { Button } from "../../ui/button";
import { Dialog, DialogActions } from "../../ui/dialog";
import { Age } from "../../ui/marks";
import { Table, Td, Th } from "../../ui/table";
import { askAbout, useAsked } from "./asked";
import { whoWasFirst } from "./first";
import { usePatch } from "./use-patch";

/** The difference between what this person wanted and what somebody else made of it, field by field. One for a page. */
export function ConflictDialog() {
  useEdits();
  const rrn = useAsked();
  const conflict = rrn === null ? null : edits.lostOf(rrn);
  return (
    <Dialog
      open={conflict !== null}
      onClose={() => askAbout(null)}
      title="Somebody else was first"
      description={conflict ? `${conflict.current.title} · ${conflict.current.customer.name}` : ""}
      className="w-[640px]"
    >
      {conflict ? <Fields key={`${rrn} ${conflict.current.version}`} conflict={conflict} /> : null}
    </Dialog>
  );
}

function Fields({ conflict }: { conflict: Conflict }) {
  const all = differences(conflict);
  const [mine, setMine] = useState<Field[]>([]);
  const patch = usePatch();
  const first = useQuery({
    queryKey: ["first", conflict.current.rrn, conflict.current.version],
    queryFn: () => whoWasFirst(conflict),
    staleTime: Number.POSITIVE_INFINITY,
    gcTime: 0,
  });
  const done = () => {
    edits.seen(conflict.current.rrn);
    askAbout(null);
  };
  const take = () => {
    const change = pickChange(conflict.wanted, mine);
    done();
    if (mine.length > 0) void patch(conflict.current, change);
  };
  return (
    <form
      className="flex flex-col gap-3"
      onSubmit={(event) => {
        event.preventDefault();
        take();
      }}
    >
      <p className="text-muted" data-testid="first">
        {first.data ? (
          <>
            {first.data.actor} changed it <Age time={first.data.time} /> ago. Nothing of yours was made.
          </>
        ) : (
          "It was changed while you looked at it. Nothing of yours was made."
        )}
      </p>
      <Table label="The difference">
        <thead>
          <tr>
            <Th>Field</Th>
            <Th>It was</Th>
            <Th>Theirs, now</Th>
            <Th>Yours</Th>
          </tr>
        </thead>
        <tbody>
          {all.map(({ field, label, before, theirs, mine: wanted, moved }) => (
            <tr key={field}>
              <Td className="font-medium capitalize">{label}</Td>
              <Td className="text-muted">{before}</Td>
              <Td>
                {wanted === null ? (
                  theirs
                ) : (
                  <Choice
                    name={field}
                    label={moved ? theirs : `${theirs} (nobody changed it)`}
                    checked={!mine.includes(field)}
                    onChange={() => setMine(mine.filter((one) => one !== field))}
                  />
                )}
              </Td>
              <Td>
                {wanted === null ? (
                  <span className="text-muted">not touched</span>
                ) : (
                  <Choice
                    name={field}
                    label={wanted}
                    checked={mine.includes(field)}
                    onChange={() => setMine([...mine, field])}
                  />
                )}
              </Td>
            </tr>
          ))}
        </tbody>
      </Table>
      <DialogActions>
        <Button onClick={done}>Leave it as it is</Button>
        <Button
          onClick={() => setMine(all.filter((one) => one.mine !== null).map((one) => one.field))}
          disabled={all.every((one) => one.mine === null || mine.includes(one.field))}
        >
          Take all of mine
        </Button>
        <Button type="submit" look="primary" disabled={mine.length === 0}>
          Make my change now
        </Button>
      </DialogActions>
    </form>
  );
}

interface ChoiceProps {
  name: string;
  label: string;
  checked: boolean;
  onChange: () => void;
}

function Choice({ name, label, checked, onChange }: ChoiceProps) {
  return (
    <label className="flex items-center gap-2">
      <input
        type="radio"
        name={`conflict-${name}`}
        className="size-4 shrink-0 accent-accent"
        checked={checked}
        onChange={onChange}
      />
      {label}
    </label>
  );
}
