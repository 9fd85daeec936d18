import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useRef } from "react";
import { words } from "../ui/states";
import { complain, notify } from "../ui/toast";

interface Plan<Value, Answer> {
  run: (value: Value) => Promise<Answer>;
  /** What is said when it worked. */
  done?: (answer: Answer) => string;
  /** What is said when it did not. Without it the form that asked shows why. */
  refused?: string;
  /** The lists that are read again before it counts as done: nothing stale is in sight when the button is free again. */
  refresh?: readonly string[];
  /** Follows its success, whether or not the one who asked is still there. */
  after?: (answer: Answer) => void;
}

export interface Action<Value = void, Answer = unknown> {
  /** Begins, unless it runs already: a second press may come before the first one shows. `then` is for a page still there. */
  start: (value: Value, then?: (answer: Answer) => unknown) => void;
  busy: boolean;
  error: unknown;
  answer: Answer | undefined;
  reset: () => void;
}

/** Something a person does that changes what a server keeps. */
export function useAction<Value = void, Answer = unknown>(plan: Plan<Value, Answer>): Action<Value, Answer> {
  const queries = useQueryClient();
  const running = useRef(false);
  const reread = () => Promise.all((plan.refresh ?? []).map((list) => queries.invalidateQueries({ queryKey: [list] })));
  const mutation = useMutation({
    mutationFn: plan.run,
    onSuccess: async (answer) => {
      plan.after?.(answer);
      await reread();
      if (plan.done) notify(plan.done(answer));
    },
    onError: (error) => {
      void reread();
      if (plan.refused) complain(plan.refused, words(error));
    },
    onSettled: () => {
      running.current = false;
    },
  });
  return {
    start: (value, then) => {
      if (running.current) return;
      running.current = true;
      mutation.mutate(value, { onSuccess: then });
    },
    busy: mutation.isPending,
    error: mutation.error,
    answer: mutation.data,
    reset: mutation.reset,
  };
}
