import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { ShieldCheck } from "lucide-react";
import { useState } from "react";
import * as api from "../api/node";
import type { EnrolmentInfo, Technician } from "../api/types";
import { ROLE } from "../lib/words";
import { Button } from "../ui/button";
import { Dialog, DialogActions } from "../ui/dialog";
import { Age, Badge, Moment } from "../ui/marks";
import { Empty, Failure, PageHead, SkeletonRows, words } from "../ui/states";
import { Table, TableBox, Td, Th, trClass } from "../ui/table";
import { complain, notify } from "../ui/toast";

/** Who of the security provider has a role here, which consoles are enrolled, and the means to end it. */
export function AccessPage() {
  const technicians = useQuery({ queryKey: ["technicians"], queryFn: api.technicians, refetchInterval: 10_000 });
  const enrolments = useQuery({ queryKey: ["enrolments"], queryFn: api.enrolments });
  const [revoking, setRevoking] = useState<Technician | null>(null);
  const rows = technicians.data?.data;
  return (
    <div className="flex flex-col gap-2.5 p-3">
      <PageHead title="Access" note={rows ? `${rows.filter((t) => !t.revoked_time).length} technicians` : null} />
      <p className="max-w-3xl text-muted">
        People of your security provider who hold a role at this workspace. Whoever is revoked here stays out, even if the provider grants the role again.
      </p>
      {technicians.error ? (
        <Failure error={technicians.error} title="The technicians could not be read" onRetry={() => void technicians.refetch()} />
      ) : null}
      <TableBox label="Technicians">
        {rows === undefined ? (
          technicians.error ? null : <SkeletonRows rows={4} label="Reading the technicians" />
        ) : rows.length === 0 ? (
          <Empty icon={<ShieldCheck size={18} />} title="Nobody from outside has access" />
        ) : (
          <TechnicianTable rows={rows} onRevoke={setRevoking} />
        )}
      </TableBox>
      <h2 className="mt-4 text-base font-semibold">Enrolled consoles</h2>
      {enrolments.error ? (
        <Failure error={enrolments.error} title="The enrolments could not be read" onRetry={() => void enrolments.refetch()} />
      ) : null}
      <Enrolments rows={enrolments.data?.data} />
      <RevokeDialog technician={revoking} onClose={() => setRevoking(null)} />
    </div>
  );
}

function TechnicianTable({ rows, onRevoke }: { rows: Technician[]; onRevoke: (technician: Technician) => void }) {
  return (
    <Table label="Technicians">
      <thead>
        <tr>
          <Th>Person</Th>
          <Th>Role</Th>
          <Th>Granted by</Th>
          <Th>Granted</Th>
          <Th>Last seen</Th>
          <Th>State</Th>
          <Th className="text-right">Actions</Th>
        </tr>
      </thead>
      <tbody>
        {rows.map((t) => (
          <tr key={t.email} className={trClass} data-technician={t.email}>
            <Td>
              <span className="font-medium">{t.name || t.email}</span> {t.name ? <span className="text-muted">{t.email}</span> : null}
            </Td>
            <Td>{ROLE[t.role]}</Td>
            <Td className="text-muted">{t.granted_by}</Td>
            <Td className="text-muted">
              <Moment time={t.granted_time} />
            </Td>
            <Td className="text-muted">{t.last_seen ? <><Age time={t.last_seen} /> ago</> : "Never"}</Td>
            <Td>
              {t.revoked_time ? (
                <Badge tone="bad">
                  Revoked <Moment time={t.revoked_time} />
                </Badge>
              ) : (
                <Badge tone="ok">Active</Badge>
              )}
            </Td>
            <Td className="text-right">
              {t.revoked_time ? null : (
                <Button className="h-6" onClick={() => onRevoke(t)}>
                  Revoke…
                </Button>
              )}
            </Td>
          </tr>
        ))}
      </tbody>
    </Table>
  );
}

function RevokeDialog({ technician, onClose }: { technician: Technician | null; onClose: () => void }) {
  const queries = useQueryClient();
  const revoke = useMutation({
    mutationFn: (email: string) => api.revokeTechnician(email),
    onSuccess: (_done, email) => {
      notify(`${email} is out`);
      onClose();
    },
    onError: (error) => complain("Not revoked", words(error)),
    onSettled: () => void queries.invalidateQueries({ queryKey: ["technicians"] }),
  });
  return (
    <Dialog open={technician !== null} onClose={onClose} title={`Revoke ${technician?.email ?? ""}?`}>
      <p>
        From this moment the person reads and changes nothing here. The provider's console is told at its next call, and cannot undo it: a revoked
        person stays out.
      </p>
      <DialogActions>
        <Button onClick={onClose}>Cancel</Button>
        <Button look="danger" busy={revoke.isPending} onClick={() => technician && revoke.mutate(technician.email)}>
          Revoke access
        </Button>
      </DialogActions>
    </Dialog>
  );
}

function Enrolments({ rows }: { rows: EnrolmentInfo[] | undefined }) {
  return (
    <TableBox label="Enrolled consoles">
      {rows === undefined ? (
        <SkeletonRows rows={1} label="Reading the enrolments" />
      ) : rows.length === 0 ? (
        <Empty icon={<ShieldCheck size={18} />} title="No console is enrolled">
          Your security provider enrols with your administrator's name and password.
        </Empty>
      ) : (
        <Table label="Enrolled consoles">
          <thead>
            <tr>
              <Th>Console</Th>
              <Th>Id</Th>
              <Th>Enrolled</Th>
              <Th>With the credentials of</Th>
            </tr>
          </thead>
          <tbody>
            {rows.map((e) => (
              <tr key={e.console} className={trClass}>
                <Td className="font-medium">{e.console_name}</Td>
                <Td className="mono text-muted">{e.console}</Td>
                <Td className="text-muted">
                  <Moment time={e.enrolled_time} long />
                </Td>
                <Td>{e.enrolled_by}</Td>
              </tr>
            ))}
          </tbody>
        </Table>
      )}
    </TableBox>
  );
}
