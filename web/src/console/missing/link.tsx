import { Link } from "@tanstack/react-router";
import { CircleHelp } from "lucide-react";

/** The way to the page that says why a customer is not in sight. */
export function MissingLink({ customer }: { customer?: string }) {
  return (
    <Link
      to="/missing"
      search={{ customer }}
      className="inline-flex items-center gap-1.5 rounded-sm text-accent underline-offset-2 hover:underline"
    >
      <CircleHelp size={14} aria-hidden="true" />
      Why can’t I see my customer investigations?
    </Link>
  );
}
