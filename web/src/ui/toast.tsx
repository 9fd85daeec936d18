import { Toast } from "@base-ui/react/toast";
import { CircleAlert, CircleCheck, Swords, X } from "lucide-react";
import type { ReactNode } from "react";
import { cn } from "../lib/cn";
import { buttonClass, IconButton } from "./button";

export const toasts = Toast.createToastManager();

/** Says that something worked; goes away by itself. */
export function notify(title: ReactNode): void {
  toasts.add({ title, type: "ok", timeout: 3500 });
}

/** Says that something failed; stays long enough to be read. */
export function complain(title: ReactNode, description?: ReactNode): void {
  toasts.add({ title, description, type: "bad", timeout: 12_000, priority: "high" });
}

/** Something to do about what a toast says. */
export interface ToastAct {
  label: string;
  onClick: () => void;
}

/** The toast goes when its button is pressed. */
function acting(act: ToastAct | undefined, id: () => string) {
  if (!act) return undefined;
  const onClick = () => {
    toasts.close(id());
    act.onClick();
  };
  return { children: act.label, onClick };
}

/** Says that somebody else's change won; stays until it is dismissed. */
export function tellLoser(title: ReactNode, description: ReactNode, act?: ToastAct): void {
  const actionProps = acting(act, () => id);
  const id: string = toasts.add({ title, description, type: "lost", timeout: 0, priority: "high", actionProps });
}

/** Says what was done, and offers one thing more to do; stays long enough to be thought about. */
export function offer(title: ReactNode, description: ReactNode, act: ToastAct): void {
  const actionProps = acting(act, () => id);
  const id: string = toasts.add({ title, description, type: "ok", timeout: 20_000, actionProps });
}

const icons: Record<string, ReactNode> = {
  ok: <CircleCheck size={16} className="text-ok-text" aria-hidden="true" />,
  bad: <CircleAlert size={16} className="text-danger" aria-hidden="true" />,
  lost: <Swords size={16} className="text-warn-text" aria-hidden="true" />,
};

const edges: Record<string, string> = { ok: "border-l-up", bad: "border-l-danger", lost: "border-l-warn" };

function ToastList() {
  const { toasts: shown } = Toast.useToastManager();
  return shown.map((toast) => (
    <Toast.Root
      key={toast.id}
      toast={toast}
      swipeDirection="right"
      className={cn(
        "w-[400px] max-w-full rounded-md border border-l-4 border-line bg-raised text-text shadow-pop data-limited:hidden",
        edges[toast.type ?? ""],
      )}
    >
      <Toast.Content className="flex items-start gap-2.5 py-2.5 pr-2 pl-3">
        <span className="mt-0.5">{icons[toast.type ?? ""]}</span>
        <div className="min-w-0 flex-1 break-words">
          <Toast.Title className="text-base font-medium" />
          <Toast.Description className="mt-0.5 text-base text-muted" />
          {toast.actionProps ? <Toast.Action className={buttonClass("plain", "mt-2")} /> : null}
        </div>
        <Toast.Close render={<IconButton label="Dismiss" className="-my-1" />}>
          <X size={14} aria-hidden="true" />
        </Toast.Close>
      </Toast.Content>
    </Toast.Root>
  ));
}

/** The corner where toasts appear. */
export function Toasts({ children }: { children: ReactNode }) {
  return (
    <Toast.Provider toastManager={toasts} limit={4}>
      {children}
      <Toast.Portal>
        <Toast.Viewport className="fixed right-4 bottom-4 flex flex-col-reverse gap-2 outline-none">
          <ToastList />
        </Toast.Viewport>
      </Toast.Portal>
    </Toast.Provider>
  );
}
