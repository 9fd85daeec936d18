import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { TriangleAlert, X } from "lucide-react";
import { useState } from "react";
import * as api from "../../api/console";
import { cn } from "../../lib/cn";
import { expiryNotice } from "../../lib/licence";
import { IconButton } from "../../ui/button";

const REFRESH_MS = 10 * 60 * 1000;

/** Above every page of an administrator, when the licence ends soon. Once closed it stays away until the next warning is due. */
export function LicenceNotice() {
  const { data: pool } = useQuery({
    queryKey: ["licences", "pool"],
    queryFn: api.licencePool,
    refetchInterval: REFRESH_MS,
    staleTime: 60_000,
  });
  const [closed, setClosed] = useState<string | null>(null);
  const notice = pool ? expiryNotice(pool) : null;
  const step = `${pool?.state} ${pool?.warning} ${pool?.expires_at}`;
  if (!notice || closed === step) return null;
  return (
    <section
      aria-label="Licence"
      className={cn(
        "flex min-h-8 items-center gap-2 border-b px-3",
        notice.bad ? "border-danger bg-danger-soft" : "border-warn bg-warn-soft",
      )}
    >
      <TriangleAlert
        size={15}
        className={cn("shrink-0", notice.bad ? "text-danger" : "text-warn-text")}
        aria-hidden="true"
      />
      <span>{notice.text}</span>
      <Link to="/licences" className="underline underline-offset-2 hover:text-accent">
        License Management
      </Link>
      <IconButton label="Close until the next warning" className="ml-auto h-6" onClick={() => setClosed(step)}>
        <X size={14} aria-hidden="true" />
      </IconButton>
    </section>
  );
}
