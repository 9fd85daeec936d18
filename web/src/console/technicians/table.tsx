import { Link } from "@tanstack/react-router";
import * as api from "../../api/console";
import type { User, UserState } from "../../api/types";
import type { Question } from "../../components/confirm";
import { RowMenu, RowMenuButton, useRowMenu } from "../../components/row-menu";
import { USER_STATE, whyNotPerson } from "../../lib/access";
import { ROLE } from "../../lib/words";
import { Age, Badge } from "../../ui/marks";
import { MenuItem, MenuSeparator } from "../../ui/menu";
import { Table, Td, Th, ThActions, trClass } from "../../ui/table";
import { useMe } from "../me";

export interface TechnicianActions {
  edit: (user: User) => void;
  link: (user: User) => void;
  assign: (user: User) => void;
  ask: (question: Question) => void;
}

const tones: Record<UserState, "ok" | "warn" | "bad"> = { ACTIVE: "ok", INVITED: "warn", DISABLED: "bad" };

export function StateBadge({ state }: { state: UserState }) {
  return <Badge tone={tones[state]}>{USER_STATE[state]}</Badge>;
}

export function TechnicianTable({ rows, actions }: { rows: readonly User[]; actions: TechnicianActions }) {
  const menu = useRowMenu<User>();
  return (
    <>
      <Table label="Technicians">
        <thead>
          <tr>
            <Th>Name</Th>
            <Th>Mail address</Th>
            <Th>Role at the console</Th>
            <Th>State</Th>
            <Th>Last seen</Th>
            <Th>Customers</Th>
            <ThActions className="w-12" />
          </tr>
        </thead>
        <tbody>
          {rows.map((user) => (
            <tr key={user.id} className={trClass} data-technician={user.email}>
              <Td>
                <Link
                  to="/technicians/$id"
                  params={{ id: user.id }}
                  className="rounded-sm font-medium hover:text-accent hover:underline"
                >
                  {user.name || user.email}
                </Link>
              </Td>
              <Td>{user.email}</Td>
              <Td>{ROLE[user.role]}</Td>
              <Td>
                <StateBadge state={user.state} />
              </Td>
              <Td className="text-muted">
                {user.last_seen_time ? (
                  <>
                    <Age time={user.last_seen_time} /> ago
                  </>
                ) : (
                  "Never"
                )}
              </Td>
              <Td>
                <GrantCount user={user} />
              </Td>
              <Td className="text-right">
                <RowMenuButton name={user.email} row={user} menu={menu} />
              </Td>
            </tr>
          ))}
        </tbody>
      </Table>
      <RowMenu menu={menu}>{(user) => <Items user={user} users={rows} actions={actions} />}</RowMenu>
    </>
  );
}

/** On how many customers somebody has a role, and how many of them do not have it yet. */
function GrantCount({ user: { customers } }: { user: User }) {
  const { granted, pending, refused } = customers;
  if (granted === 0) return <span className="text-muted">None</span>;
  return (
    <span className="inline-flex items-center gap-2 align-middle">
      {granted}
      {pending > 0 ? <Badge tone="warn">{pending} pending</Badge> : null}
      {refused > 0 ? <Badge tone="bad">{refused} refused</Badge> : null}
    </span>
  );
}

interface ItemsProps {
  user: User;
  users: readonly User[];
  actions: TechnicianActions;
}

function Items({ user, users, actions }: ItemsProps) {
  const me = useMe();
  const stays = whyNotPerson(user, me, users, "end");
  const disabled = user.state === "DISABLED";
  return (
    <>
      <MenuItem onClick={() => actions.edit(user)}>Edit…</MenuItem>
      <MenuItem
        onClick={() => actions.assign(user)}
        disabled={disabled}
        why={disabled ? "Enable the person first" : undefined}
      >
        Assign customers…
      </MenuItem>
      <MenuItem
        onClick={() => actions.link(user)}
        disabled={disabled}
        why={disabled ? "Enable the person first" : undefined}
      >
        New link…
      </MenuItem>
      <MenuSeparator />
      {disabled ? (
        <MenuItem onClick={() => actions.ask(enabling(user))}>Enable…</MenuItem>
      ) : (
        <MenuItem onClick={() => actions.ask(disabling(user))} disabled={stays !== null} why={stays ?? undefined}>
          Disable…
        </MenuItem>
      )}
      <MenuItem onClick={() => actions.ask(deleting(user))} disabled={stays !== null} why={stays ?? undefined}>
        Delete…
      </MenuItem>
    </>
  );
}

const REFRESH = ["users", "grants", "delegations", "access", "audit"];

function disabling({ id, email }: User): Question {
  return {
    title: `Disable ${email}?`,
    meaning:
      "The person is signed out at once, and what they have open ends. Their roles go at the nodes as these answer. Enabling brings the roles back.",
    action: "Disable",
    danger: true,
    done: `${email} is disabled`,
    refresh: REFRESH,
    run: () => api.patchUser(id, { disabled: true }),
  };
}

function enabling({ id, email }: User): Question {
  return {
    title: `Enable ${email}?`,
    meaning: "The person signs in as before, and has the roles again that are delegated now.",
    action: "Enable",
    danger: false,
    done: `${email} is enabled`,
    refresh: REFRESH,
    run: () => api.patchUser(id, { disabled: false }),
  };
}

function deleting({ id, email }: User): Question {
  return {
    title: `Delete ${email}?`,
    meaning:
      "The person is gone for good: signed out at once, delegations taken back, roles taken away at the nodes as these answer. The audit keeps the address.",
    action: "Delete technician",
    danger: true,
    done: `${email} was deleted`,
    refresh: REFRESH,
    run: () => api.removeUser(id),
  };
}
