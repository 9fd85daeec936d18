import { useNavigate } from "@tanstack/react-router";
import type { QueueRow } from "../../api/queue-types";
import type { Role } from "../../api/types";
import { RowMenu, type RowMenuState } from "../../components/row-menu";
import { parseQueue } from "../../lib/queue-search";
import { MenuItem, MenuSeparator } from "../../ui/menu";
import type { Editor } from "../edit/editor";
import type { ActKind } from "./bulk/plan";
import { isMine } from "./use-claim";

interface Props {
  menu: RowMenuState<QueueRow>;
  roles: Map<string, Role | null>;
  me: string;
  /** The page is about one customer already. */
  single: boolean;
  editor: Editor;
  onAct: (kind: ActKind, row: QueueRow) => void;
  onClaim: (row: QueueRow) => void;
  onAssignMe: (row: QueueRow) => void;
}

/** Everything a key does with one row, for the pointer: one menu for the whole table. */
export function RowActions({ menu, roles, me, single, editor, onAct, onClaim, onAssignMe }: Props) {
  const navigate = useNavigate();
  return (
    <RowMenu menu={menu}>
      {(row) => {
        const why = roles.get(row.customer.id) === "viewer" ? `You are a viewer at ${row.customer.name}` : undefined;
        const off = why !== undefined;
        const anchor = menu.open?.anchor instanceof HTMLElement ? menu.open.anchor : null;
        return (
          <>
            <MenuItem
              onClick={() => void navigate({ to: "/investigations/$rrn", params: { rrn: row.rrn }, search: {} })}
            >
              Open
            </MenuItem>
            <MenuItem
              onClick={() =>
                void navigate({ to: "/customers/$id/logs", params: { id: row.customer.id }, search: { range: "24h" } })
              }
            >
              Search the logs of {row.customer.name}
            </MenuItem>
            {single ? null : (
              <MenuItem
                onClick={() =>
                  void navigate({
                    to: "/customers/$id/investigations",
                    params: { id: row.customer.id },
                    search: parseQueue({}),
                  })
                }
              >
                Manage investigations of {row.customer.name}
              </MenuItem>
            )}
            <MenuSeparator />
            <MenuItem disabled={off} why={why} onClick={() => onClaim(row)}>
              {isMine(row.claim, me) ? "Let it go" : "Claim it"}
            </MenuItem>
            <MenuItem disabled={off} onClick={() => onAssignMe(row)}>
              Assign to me
            </MenuItem>
            <MenuItem disabled={off} onClick={() => onAct("comment", row)}>
              Comment…
            </MenuItem>
            <MenuItem disabled={off} onClick={() => onAct("tag", row)}>
              Tags…
            </MenuItem>
            <MenuItem disabled={off || row.status === "CLOSED"} onClick={() => editor.close(row, anchor)}>
              Close…
            </MenuItem>
          </>
        );
      }}
    </RowMenu>
  );
}
