import { QueryClient } from "@tanstack/react-query";
import { ApiError } from "../api/http";

/** The cache of what the servers said. A refusal is final; only silence is asked again. */
export function createQueryClient(): QueryClient {
  return new QueryClient({
    defaultOptions: {
      queries: {
        retry: (failures, error) =>
          failures < 2 && error instanceof ApiError && (error.status === 0 || error.status >= 500),
        staleTime: 2_000,
        refetchOnWindowFocus: true,
      },
    },
  });
}
