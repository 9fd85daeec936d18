import { type UseQueryResult, useQuery } from "@tanstack/react-query";
import { createContext, useContext } from "react";
import * as api from "../api/console";
import { ApiError, rememberCsrf } from "../api/http";
import type { Me } from "../api/types";

/** Who is signed in; null when nobody is. */
export function useSession(): UseQueryResult<Me | null> {
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

export const MeContext = createContext<Me | null>(null);

/** The signed-in person; only inside the frame. */
export function useMe(): Me {
  const me = useContext(MeContext);
  if (!me) throw new Error("nobody is signed in here");
  return me;
}
