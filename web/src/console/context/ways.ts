import { useNavigate } from "@tanstack/react-router";
import type { Part } from "../../lib/context";
import { parseQueue } from "../../lib/queue-search";
import { useMultiCustomer } from "../preferences/use-preferences";

/** Into a customer's environment, to the same part of it; what was searched for elsewhere stays behind. */
export function useEnter(): (id: string, part?: Part) => void {
  const navigate = useNavigate();
  return (id, part = "investigations") => {
    const params = { id };
    if (part === "logs") void navigate({ to: "/customers/$id/logs", params, search: { range: "all" } });
    else if (part === "overview") void navigate({ to: "/customers/$id", params, search: {} });
    else void navigate({ to: "/customers/$id/investigations", params, search: parseQueue({}) });
  };
}

/** Back from one customer to many: to all investigations, or to the list of customers while merged views are off. */
export function useLeave(): () => void {
  const navigate = useNavigate();
  const multi = useMultiCustomer();
  return () =>
    void (multi === false
      ? navigate({ to: "/customers", search: {} })
      : navigate({ to: "/investigations", search: parseQueue({}) }));
}
