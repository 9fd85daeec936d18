import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import {
  Boxes,
  Cable,
  ChartColumnStacked,
  FileWarning,
  HeartPulse,
  Inbox,
  KeyRound,
  MessagesSquare,
  Radar,
  ScrollText,
  SquareFunction,
  TextSearch,
} from "lucide-react";
import * as api from "../api/node";
import { NavLabel, navClass } from "../components/shell";
import { VOLUME_START } from "./volume/search";

/** The pages of a workspace's administrator: what is seen, what comes in, what the workspace is. */
export function AdminNav() {
  return (
    <>
      <Link
        to="/logs"
        search={{ range: "all" }}
        activeOptions={{ includeSearch: false, includeHash: false }}
        className={navClass}
      >
        <TextSearch size={15} aria-hidden="true" />
        Log search
      </Link>
      <Link to="/investigations" className={navClass}>
        <Inbox size={15} aria-hidden="true" />
        Investigations
      </Link>
      <Link to="/detection" activeOptions={{ exact: false, includeSearch: false }} className={navClass}>
        <Radar size={15} aria-hidden="true" />
        Detection
      </Link>
      <NavLabel>Logs coming in</NavLabel>
      <Link to="/sources" className={navClass}>
        <Cable size={15} aria-hidden="true" />
        Sources
      </Link>
      <Link to="/parsers" className={navClass}>
        <SquareFunction size={15} aria-hidden="true" />
        Parsers
      </Link>
      <Link
        to="/failed-records"
        search={{ range: "all" }}
        activeOptions={{ includeSearch: false }}
        className={navClass}
      >
        <FileWarning size={15} aria-hidden="true" />
        Failed records
      </Link>
      <Link to="/volume" search={VOLUME_START} activeOptions={{ includeSearch: false }} className={navClass}>
        <ChartColumnStacked size={15} aria-hidden="true" />
        Volume
      </Link>
      <NavLabel>This workspace</NavLabel>
      <Link to="/health" search={{ view: "open" }} activeOptions={{ includeSearch: false }} className={navClass}>
        <HeartPulse size={15} aria-hidden="true" />
        Health
        <OpenIssues />
      </Link>
      <Link to="/access" className={navClass}>
        <KeyRound size={15} aria-hidden="true" />
        Access
      </Link>
      <Link to="/answers" search={{ range: "all" }} activeOptions={{ includeSearch: false }} className={navClass}>
        <MessagesSquare size={15} aria-hidden="true" />
        Answers given
      </Link>
      <Link to="/audit" search={{ range: "all" }} activeOptions={{ includeSearch: false }} className={navClass}>
        <ScrollText size={15} aria-hidden="true" />
        Audit
      </Link>
    </>
  );
}

/** How many health issues are open, wherever the administrator is; nothing when all is well. */
function OpenIssues() {
  const query = useQuery({
    queryKey: ["health", "open"],
    queryFn: () => api.healthIssues("open"),
    refetchInterval: 15_000,
  });
  const open = query.data?.data.length ?? 0;
  if (open === 0) return null;
  return (
    <span className="ml-auto rounded-full border border-danger bg-danger-soft px-1.5 text-xs text-danger">
      {open}
      {query.data?.next ? "+" : ""}
      <span className="sr-only"> open</span>
    </span>
  );
}

export function OperatorNav() {
  return (
    <Link to="/workspaces" className={navClass}>
      <Boxes size={15} aria-hidden="true" />
      Workspaces
    </Link>
  );
}
