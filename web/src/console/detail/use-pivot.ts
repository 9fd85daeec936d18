import { useRouter } from "@tanstack/react-router";
import { useMemo } from "react";
import type { CaseDetail } from "../../api/case-types";
import { windowAround } from "../../lib/pivot";
import { writeFragment } from "../../lib/search";

/** From a value of the case to the logs of its customer, around the same time. */
export function usePivot(detail: CaseDetail) {
  const router = useRouter();
  const { id } = detail.investigation.customer;
  return useMemo(() => {
    const target = (query: string, time: string | null) => ({
      to: "/customers/$id/logs" as const,
      params: { id },
      search: { range: "custom" as const, ...windowAround(time) },
      hash: writeFragment(query),
    });
    return {
      label: "Look for it in the logs",
      href: (query: string, time: string | null) => router.buildLocation(target(query, time)).href,
      go: (query: string, time: string | null) => void router.navigate(target(query, time)),
    };
  }, [router, id]);
}
