import { useQueryClient } from "@tanstack/react-query";
import { Link, Outlet, useNavigate, useRouter } from "@tanstack/react-router";
import { useEffect } from "react";
import { rememberCsrf } from "../api/http";
import * as api from "../api/node";
import type { NodeMe } from "../api/types";
import { NotFound } from "../components/app";
import { Shell } from "../components/shell";
import { buttonClass } from "../ui/button";
import { Failure, Loading } from "../ui/states";
import { isOperator, MeContext, useMe, useSession } from "./me";
import { AdminNav, OperatorNav } from "./nav";

/** Every signed-in page of a node. */
export function Frame() {
  const session = useSession();
  if (session.error) {
    return (
      <div className="mx-auto mt-24 max-w-lg px-4">
        <Failure error={session.error} title="The node does not answer" onRetry={() => void session.refetch()} />
      </div>
    );
  }
  if (session.data === undefined) return <Loading />;
  if (session.data === null) return <GoTo path="/sign-in" />;
  return (
    <MeContext value={session.data}>
      <SignedIn me={session.data} />
    </MeContext>
  );
}

function GoTo({ path }: { path: "/sign-in" | "/workspaces" | "/access" }) {
  const router = useRouter();
  useEffect(() => void router.navigate({ to: path, replace: true }), [router, path]);
  return null;
}

function SignedIn({ me }: { me: NodeMe }) {
  const navigate = useNavigate();
  const queries = useQueryClient();
  const signOut = async () => {
    await api.signOut().catch(() => undefined);
    rememberCsrf("");
    queries.clear();
    await navigate({ to: "/sign-in" });
  };
  return (
    <Shell
      context={
        <span className="flex min-w-0 items-center gap-2 border-l border-line pl-3">
          <span className="truncate font-medium">{me.workspace_name ?? "Node operator"}</span>
          <span className="text-muted">in {me.region}</span>
        </span>
      }
      nav={isOperator(me) ? <OperatorNav /> : <AdminNav />}
      person={{
        name: me.user,
        detail: isOperator(me) ? "Operator of this node" : `Administrator of ${me.workspace_name ?? "this workspace"}`,
      }}
      onSignOut={() => void signOut()}
    >
      <Outlet />
    </Shell>
  );
}

export function Home() {
  return <GoTo path={isOperator(useMe()) ? "/workspaces" : "/access"} />;
}

export function Lost() {
  return (
    <NotFound
      home={
        <Link to="/" className={buttonClass("primary")}>
          Home
        </Link>
      }
    />
  );
}
