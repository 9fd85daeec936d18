import { ListFilter, X } from "lucide-react";
import type { Customer } from "../../../api/types";
import { fullTime } from "../../../lib/format";
import { parseWhere, sentence } from "../../../lib/where";
import { IconButton } from "../../../ui/button";

interface Props {
  where: string;
  customers: readonly Customer[];
  onEdit: () => void;
  onClear: () => void;
}

/** The tree that narrows the queue, as a sentence. */
export function SaidFilter({ where, customers, onEdit, onClear }: Props) {
  const tree = parseWhere(where);
  if (!tree) return null;
  const said = sentence(tree, {
    customer: (id) => customers.find((customer) => customer.id === id)?.name ?? `“${id}”`,
    time: fullTime,
  });
  return (
    <div className="flex min-w-0 items-center gap-2 rounded-sm border border-accent bg-selected px-2 text-base">
      <ListFilter size={14} className="shrink-0 text-accent" aria-hidden="true" />
      <button
        type="button"
        className="min-h-7 min-w-0 flex-1 truncate text-left"
        title={said}
        data-testid="said"
        onClick={onEdit}
      >
        <span className="text-muted">Where </span>
        {said}
      </button>
      <IconButton label="Clear the filter" onClick={onClear}>
        <X size={14} aria-hidden="true" />
      </IconButton>
    </div>
  );
}
