import type { ReactNode } from "react";
import { Button } from "../ui/button";
import { Dialog, DialogActions } from "../ui/dialog";
import { useAction } from "./use-action";

/** Something that ends or opens access: what is asked, what it means, and what is said when it is done. */
export interface Question {
  title: string;
  meaning: ReactNode;
  action: string;
  danger: boolean;
  done: string;
  run: () => Promise<unknown>;
  /** The lists that are read again afterwards. */
  refresh: readonly string[];
}

/** Asks before it is done; the lists of the page are read again afterwards. */
export function Confirm({ question, onClose }: { question: Question | null; onClose: () => void }) {
  return (
    <Dialog open={question !== null} onClose={onClose} title={question?.title ?? ""}>
      {question ? <Asked key={question.title} question={question} onClose={onClose} /> : null}
    </Dialog>
  );
}

function Asked({ question, onClose }: { question: Question; onClose: () => void }) {
  const act = useAction({
    run: question.run,
    done: () => question.done,
    refused: "Nothing was changed",
    refresh: question.refresh,
  });
  return (
    <div className="flex flex-col gap-4">
      <p>{question.meaning}</p>
      <DialogActions>
        <Button onClick={onClose}>Cancel</Button>
        <Button
          look={question.danger ? "danger" : "primary"}
          busy={act.busy}
          onClick={() => act.start(undefined, onClose)}
        >
          {question.action}
        </Button>
      </DialogActions>
    </div>
  );
}
