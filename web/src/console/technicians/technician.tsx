import { useQuery } from "@tanstack/react-query";
import { Link, useParams } from "@tanstack/react-router";
import { ArrowLeft, KeyRound, UserCheck, Waypoints } from "lucide-react";
import { useState } from "react";
import * as api from "../../api/console";
import type { User } from "../../api/types";
import { Rows } from "../../components/rows";
import { plural } from "../../lib/format";
import { readAll } from "../../lib/pages";
import { ROLE } from "../../lib/words";
import { Button, buttonClass } from "../../ui/button";
import { Age } from "../../ui/marks";
import { Empty, Failure, SkeletonRows, useTitle } from "../../ui/states";
import { AdministratorsOnly } from "../frame";
import { useMe } from "../me";
import { AssignDialog, type Assignment } from "./assign";
import { DelegationTable } from "./delegation-table";
import { GrantTable } from "./grant-table";
import { StateBadge } from "./table";

const REFRESH_MS = 5000;

/** One technician: what was decided about them, and what follows at each customer. */
export function TechnicianPage() {
  const administers = useMe().role === "administrator";
  const { id } = useParams({ from: "/frame/technicians/$id" });
  return administers ? <Technician key={id} id={id} /> : <AdministratorsOnly />;
}

function Technician({ id }: { id: string }) {
  const users = useQuery({ queryKey: ["users"], queryFn: api.users, refetchInterval: REFRESH_MS });
  const user = users.data?.data.find((one) => one.id === id);
  return (
    <div className="flex min-w-[892px] flex-col gap-2.5 p-3">
      <div>
        <Link to="/technicians" className={buttonClass("quiet", "-ml-2")}>
          <ArrowLeft size={15} aria-hidden="true" />
          Technicians
        </Link>
      </div>
      {users.error ? (
        <Failure error={users.error} title="The technician could not be read" onRetry={() => void users.refetch()} />
      ) : null}
      {user ? <Known user={user} /> : null}
      {users.data && !user ? (
        <Empty icon={<KeyRound size={18} />} title="There is no such technician">
          They may have been deleted; the audit keeps what they did.
        </Empty>
      ) : null}
      {users.isPending ? <SkeletonRows label="Reading the technician" /> : null}
    </div>
  );
}

function Known({ user }: { user: User }) {
  const [assignment, setAssignment] = useState<Assignment | null>(null);
  const name = user.name || user.email;
  useTitle(name);
  const delegations = useQuery({
    queryKey: ["delegations", "user", user.id],
    queryFn: () => readAll((cursor) => api.delegations({ user: user.id }, cursor)),
    refetchInterval: REFRESH_MS,
  });
  const grants = useQuery({
    queryKey: ["grants", "user", user.id],
    queryFn: () => api.grantsOf(user.id),
    refetchInterval: REFRESH_MS,
  });
  const off = user.state === "DISABLED" ? "The person is disabled: enable them first" : undefined;
  return (
    <>
      <section
        aria-label="Technician"
        className="flex flex-wrap items-center gap-x-4 gap-y-2 rounded-md border border-line bg-surface px-4 py-3"
      >
        <div className="min-w-0">
          <div className="flex items-center gap-2">
            <h1 className="truncate text-lg font-semibold">{name}</h1>
            <StateBadge state={user.state} />
          </div>
          <div className="text-muted">
            {user.email} · {ROLE[user.role]} at the console ·{" "}
            {user.last_seen_time ? (
              <>
                last seen <Age time={user.last_seen_time} /> ago
              </>
            ) : (
              "never seen"
            )}
          </div>
        </div>
        <div className="ml-auto flex items-center gap-2">
          <Link to="/access" search={{ user: user.id }} className={buttonClass()}>
            <Waypoints size={14} aria-hidden="true" />
            Explain access
          </Link>
          <Button
            look="primary"
            icon={<UserCheck size={15} aria-hidden="true" />}
            disabled={off !== undefined}
            title={off}
            onClick={() => setAssignment({ title: `Assign customers to ${name}`, user: user.id })}
          >
            Assign customers…
          </Button>
        </div>
      </section>
      <h2 className="mt-2 text-base font-semibold">
        Delegations <span className="font-normal text-muted">what administrators decided</span>
      </h2>
      <Rows
        label="Delegations"
        skeleton={3}
        rows={delegations.data}
        error={delegations.error}
        onRetry={() => void delegations.refetch()}
        empty={
          <Empty icon={<KeyRound size={18} />} title="Nothing is delegated">
            Without a delegation a technician sees no customer.
          </Empty>
        }
      >
        {(rows) => <DelegationTable rows={rows} about="subject" />}
      </Rows>
      <h2 className="mt-2 text-base font-semibold">
        Grants{" "}
        <span className="font-normal text-muted">
          what follows at each customer{grants.data ? `: ${plural(grants.data.data.length, "customer")}` : ""}
        </span>
      </h2>
      <Rows
        label="Grants"
        skeleton={3}
        rows={grants.data?.data}
        error={grants.error}
        onRetry={() => void grants.refetch()}
        empty={<Empty icon={<KeyRound size={18} />} title="No role on any customer" />}
      >
        {(rows) => <GrantTable rows={rows} about="customer" />}
      </Rows>
      <AssignDialog assignment={assignment} onClose={() => setAssignment(null)} />
    </>
  );
}
