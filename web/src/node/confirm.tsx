import { useMutation, useQueryClient } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { Button } from "../ui/button";
import { Dialog, DialogActions } from "../ui/dialog";
import { words } from "../ui/states";
import { complain, notify } from "../ui/toast";

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
  const queries = useQueryClient();
  const act = useMutation({
    mutationFn: (asked: Question) => asked.run(),
    onSuccess: (_answer, asked) => {
      notify(asked.done);
      onClose();
    },
    onError: (error) => complain("Nothing was changed", words(error)),
    onSettled: (_answer, _error, asked) => {
      for (const list of asked.refresh) void queries.invalidateQueries({ queryKey: [list] });
    },
  });
  return (
    <Dialog open={question !== null} onClose={onClose} title={question?.title ?? ""}>
      <p>{question?.meaning}</p>
      <DialogActions>
        <Button onClick={onClose}>Cancel</Button>
        <Button
          look={question?.danger ? "danger" : "primary"}
          busy={act.isPending}
          onClick={() => question && act.mutate(question)}
        >
          {question?.action}
        </Button>
      </DialogActions>
    </Dialog>
  );
}
