import { Ellipsis } from "lucide-react";
import { type ReactNode, useState } from "react";
import { IconButton } from "../ui/button";
import { AnchoredMenu } from "../ui/menu";

/** One menu for a whole table: which row it is open for, and where. */
export interface RowMenuState<T> {
  open: { row: T; anchor: Element } | null;
  show: (row: T, anchor: Element) => void;
  close: () => void;
}

export function useRowMenu<T>(): RowMenuState<T> {
  const [open, setOpen] = useState<RowMenuState<T>["open"]>(null);
  return { open, show: (row, anchor) => setOpen({ row, anchor }), close: () => setOpen(null) };
}

/** The button at the end of a row. */
export function RowMenuButton<T>({ name, row, menu }: { name: string; row: T; menu: RowMenuState<T> }) {
  return (
    <IconButton
      label={`Actions for ${name}`}
      className="h-6"
      aria-haspopup="menu"
      aria-expanded={menu.open?.row === row}
      onClick={(event) => menu.show(row, event.currentTarget)}
    >
      <Ellipsis size={15} aria-hidden="true" />
    </IconButton>
  );
}

export function RowMenu<T>({ menu, children }: { menu: RowMenuState<T>; children: (row: T) => ReactNode }) {
  return menu.open ? (
    <AnchoredMenu anchor={menu.open.anchor} label="Actions" onClose={menu.close}>
      {children(menu.open.row)}
    </AnchoredMenu>
  ) : null;
}
