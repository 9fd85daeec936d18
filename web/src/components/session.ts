import { type UseQueryResult, useQuery } from "@tanstack/react-query";
import { createContext, useContext } from "react";
import { ApiError, rememberCsrf } from "../api/http";

/** Who is signed in at one of the servers: asked once, known below the frame. */
export function sessionOf<Me extends { csrf: string }>(ask: () => Promise<Me>) {
  const MeContext = createContext<Me | null>(null);
  return {
    MeContext,
    /** Who is signed in; null when nobody is. */
    useSession: (): UseQueryResult<Me | null> =>
      useQuery({
        queryKey: ["me"],
        staleTime: Number.POSITIVE_INFINITY,
        queryFn: async () => {
          try {
            const me = await ask();
            rememberCsrf(me.csrf);
            return me;
          } catch (error) {
            if (error instanceof ApiError && error.status === 401) return null;
            throw error;
          }
        },
      }),
    /** The signed-in person; only inside the frame. */
    useMe: (): Me => {
      const me = useContext(MeContext);
      if (!me) throw new Error("nobody is signed in here");
      return me;
    },
  };
}
