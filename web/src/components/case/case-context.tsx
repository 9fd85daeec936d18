import { useQuery } from "@tanstack/react-query";
import { createContext, useContext } from "react";
import type { CaseSource } from "../../api/case";
import type { CaseRow } from "../../api/case-types";

/** The investigation that is open, and what its reader may do. */
export interface Case {
  row: Omit<CaseRow, "customer">;
  source: CaseSource;
  mayEdit: boolean;
  /** Whether the reader may write comments. */
  mayComment: boolean;
  /** Mail address or user name of the reader, as authors are named. */
  me: string;
  /** Whether the reader is one of the provider's, who write among themselves. */
  provider: boolean;
  /** How the other side is called. */
  other: string;
}

export const CaseContext = createContext<Case | null>(null);

export function useCase(): Case {
  const found = useContext(CaseContext);
  if (!found) throw new Error("no investigation is open here");
  return found;
}

/** The lists an act on a case reads again. */
export const CASE_LISTS = ["case", "investigation"] as const;

const SCANNING_MS = 2000;

export function useComments() {
  const { row, source } = useCase();
  return useQuery({ queryKey: ["case", row.rrn, "comments"], queryFn: source.comments });
}

/** The files; asked again while one is being scanned. */
export function useAttachments() {
  const { row, source } = useCase();
  return useQuery({
    queryKey: ["case", row.rrn, "attachments"],
    queryFn: source.attachments,
    refetchInterval: ({ state }) =>
      state.data?.data.some((each) => each.scan_status === "PENDING") ? SCANNING_MS : false,
  });
}

export function useEvidence() {
  const { row, source } = useCase();
  return useQuery({ queryKey: ["case", row.rrn, "evidence"], queryFn: source.evidence });
}
