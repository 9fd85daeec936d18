import { type UseQueryResult, useQuery } from "@tanstack/react-query";
import { createContext, useContext } from "react";
import { ApiError, rememberCsrf } from "../api/http";
import * as api from "../api/node";
import type { NodeMe } from "../api/types";

/** Who is signed in; null when nobody is. */
export function useSession(): UseQueryResult<NodeMe | null> {
  return useQuery({
    queryKey: ["me"],
    staleTime: Number.POSITIVE_INFINITY,
    queryFn: async () => {
      try {
        const me = await api.me();
        rememberCsrf(me.csrf);
        return me;
      } catch (error) {
        if (error instanceof ApiError && error.status === 401) return null;
        throw error;
      }
    },
  });
}

export const MeContext = createContext<NodeMe | null>(null);

/** The signed-in person; only inside the frame. */
export function useMe(): NodeMe {
  const me = useContext(MeContext);
  if (!me) throw new Error("nobody is signed in here");
  return me;
}

/** The node's operator runs workspaces and sees nothing inside them. */
export function isOperator(me: NodeMe): boolean {
  return me.kind === "operator";
}
