/** Delegations, grants and the chain of access, as people read them. */
import { ApiError } from "../api/http";
import type {
  Access,
  AccessLink,
  AccessStep,
  Delegation,
  Grant,
  NewDelegations,
  Role,
  User,
  UserState,
  Via,
} from "../api/types";
import { plural } from "./format";
import { GRANT_STATE, ROLE } from "./words";

export const USER_STATE: Record<UserState, string> = {
  ACTIVE: "Active",
  INVITED: "Link not used yet",
  DISABLED: "Disabled",
};

/** The links of the chain, by what must hold. */
export const LINK: Record<AccessLink, string> = {
  PERSON: "The person may sign in",
  CONSOLE_ROLE: "The role at the console permits it",
  CUSTOMER: "The customer is not on its way out",
  DELEGATION: "A delegation reaches the customer, and none denies it",
  ROLE_PERMITS: "The role that follows permits it",
  WORKSPACE_ROLE: "The workspace knows the role",
  RELATIONSHIP: "The customer keeps the relationship",
  NODE: "The customer’s node answers",
};

/** The same, short enough for a sentence about what is missing. */
export const LINK_MISSING: Record<AccessLink, string> = {
  PERSON: "the person may not sign in",
  CONSOLE_ROLE: "the role at the console does not permit it",
  CUSTOMER: "the customer is on its way out",
  DELEGATION: "no role is delegated there",
  ROLE_PERMITS: "the role that follows does not permit it",
  WORKSPACE_ROLE: "the customer’s workspace does not know the role",
  RELATIONSHIP: "the customer ended the relationship",
  NODE: "the customer’s node does not answer",
};

export function personName({ name, email }: Pick<User, "name" | "email">): string {
  return name ? `${name} (${email})` : email;
}

/** `Analyst`, or that it denies. */
export function delegated({ role, deny }: Pick<Delegation, "role" | "deny">): string {
  return deny ? "Denied" : role ? ROLE[role] : "–";
}

/** What a delegation names. */
export function subjectOf({ all, group, customer }: Pick<Delegation, "all" | "group" | "customer">): string {
  if (all) return "All customers, future ones included";
  return group ? `Group ${group.name}` : (customer?.name ?? "–");
}

/** What a grant follows from, in few words: `all customers`, `group Banks`, `this customer`. */
export function viaWords({ all, group, deny, role }: Via): string {
  const to = all ? "all customers" : group ? `group ${group.name}` : "this customer";
  return deny ? `denied by ${to}` : `${role ? ROLE[role] : "no role"} by ${to}`;
}

/** How far a grant has come, in a sentence. */
export function grantWords({ desired, applied, state, detail }: Grant): string {
  const here = desired ? ROLE[desired] : "no role";
  const there = applied ? ROLE[applied] : "no role";
  const why = detail ? `: ${detail}` : "";
  if (state === "APPLIED") return `${GRANT_STATE[state]}: ${there}`;
  if (state === "REFUSED") return `Refused by the customer${why}`;
  return `Decided here: ${here}. Confirmed by the node: ${there}${why}`;
}

/** What a delegation form holds. */
export interface DelegationDraft {
  users: readonly string[];
  customers: readonly string[];
  groups: readonly string[];
  all: boolean;
  /** A role, or that it denies. */
  gives: Role | "deny";
  expires: string | undefined;
  reason: string;
}

/** What it sends; what is empty is left out, for an empty list would be refused. */
export function delegationsOf(draft: DelegationDraft): NewDelegations {
  const reason = draft.reason.trim();
  return {
    users: [...draft.users],
    ...(draft.all ? { all: true } : {}),
    ...(!draft.all && draft.customers.length > 0 ? { customers: [...draft.customers] } : {}),
    ...(!draft.all && draft.groups.length > 0 ? { groups: [...draft.groups] } : {}),
    ...(draft.gives === "deny" ? { deny: true } : { role: draft.gives }),
    ...(draft.expires ? { expires_time: draft.expires } : {}),
    ...(reason ? { reason } : {}),
  };
}

/** Why a delegation form cannot be sent yet; null when it can. */
export function whyNotDelegate({ users, customers, groups, all }: DelegationDraft): string | null {
  if (users.length === 0) return "Choose at least one technician";
  if (!all && customers.length === 0 && groups.length === 0) return "Choose at least one customer, a group, or all";
  return null;
}

/** `you reach 3 of 10 customers`. */
export function reachWords(rows: readonly Access[], who: string): string {
  const sum = (some: readonly Access[]) => some.reduce((all, row) => all + row.count, 0);
  return `${who} ${sum(rows.filter((row) => row.allowed))} of ${plural(sum(rows), "customer")}`;
}

/** A server's words with a capital, unless they begin with an address. */
export function capital(text: string): string {
  const first = text.split(" ", 1)[0] ?? "";
  return /[@.]/.test(first) ? text : text.charAt(0).toUpperCase() + text.slice(1);
}

/** The first link that does not hold. */
export function missingStep({ missing, links }: Access): AccessStep | null {
  return links.find(({ link }) => link === missing) ?? null;
}

/** Where in a chain nobody can say whether it holds. */
export function unknownSteps({ links }: Access): AccessStep[] {
  return links.filter(({ ok }) => typeof ok !== "boolean");
}

/** Why an administrator cannot do this to a person; null when it can be done. */
export function whyNotPerson(
  user: User,
  me: { id: string },
  users: readonly User[],
  what: "role" | "end",
): string | null {
  if (what === "role" && user.id === me.id) return "Nobody changes their own role: ask another administrator";
  // Somebody invited cannot sign in yet, and does not count.
  const administrates = ({ role, state }: User) => role === "administrator" && state === "ACTIVE";
  const last = administrates(user) && users.filter(administrates).length <= 1;
  return last ? "The last administrator stays" : null;
}

/** How many delegations name a group, from a refusal to take it away. */
export function isGroupInUse(error: unknown): boolean {
  return error instanceof ApiError && error.code === "GROUP_IN_USE";
}
