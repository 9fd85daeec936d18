import { Ellipsis, FilePlus2, MessageSquare } from "lucide-react";
import { useCase } from "../../components/case/case-context";
import { Button, IconButton } from "../../ui/button";
import { Menu, MenuItem, MenuSeparator } from "../../ui/menu";

/** The dialog that is open. */
export type Open = "merge" | "export" | "logs" | "close" | null;

interface ActBarProps {
  onOpen: (open: Open) => void;
  onWrite: () => void;
  /** Null when the priority follows the signals, or is not this person's to change. */
  onInherit: (() => void) | null;
}

/** What is done with the whole investigation. */
export function ActBar({ onOpen, onWrite, onInherit }: ActBarProps) {
  const { mayEdit } = useCase();
  return (
    <>
      {mayEdit ? (
        <>
          <Button title="Comment (m)" icon={<MessageSquare size={14} aria-hidden="true" />} onClick={onWrite}>
            Comment
          </Button>
          <Button icon={<FilePlus2 size={14} aria-hidden="true" />} onClick={() => onOpen("logs")}>
            Add log data
          </Button>
        </>
      ) : null}
      <Menu
        align="end"
        trigger={
          <IconButton label="More">
            <Ellipsis size={16} aria-hidden="true" />
          </IconButton>
        }
      >
        <MenuItem onClick={() => onOpen("export")}>Export as PDF or JSON…</MenuItem>
        {mayEdit ? (
          <>
            <MenuItem onClick={() => onOpen("merge")}>Merge into another…</MenuItem>
            {onInherit ? <MenuItem onClick={onInherit}>Let the priority follow its signals</MenuItem> : null}
            <MenuSeparator />
            <MenuItem onClick={() => onOpen("close")}>Close… (e)</MenuItem>
          </>
        ) : null}
      </Menu>
    </>
  );
}
