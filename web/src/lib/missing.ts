/** Why customers are absent from a person's merged view, in words, grouped by what has to be done about it. */
import type { Access, AccessLink } from "../api/types";
import { missingStep } from "./access";

/** A link of the chain of access, or what keeps a customer out of merged views beyond it. */
export type CauseName = AccessLink | "NO_LICENCE" | "TOGGLE_OFF";

/** One cause, and every customer it keeps away. */
export interface Cause {
  name: CauseName;
  /** Customers, those not named to this person included. */
  count: number;
  rows: Access[];
}

interface Words {
  /** The reason as a sentence. */
  why: string;
  /** What ends it. */
  fix: string;
  /** Who can do that. */
  who: string;
}

export const CAUSE_WORDS: Record<CauseName, Words> = {
  DELEGATION: {
    why: "No access to the customer was given to you at this console",
    fix: "Have the customer, or a group it is in, assigned to you.",
    who: "An administrator of this console, under Technicians",
  },
  WORKSPACE_ROLE: {
    why: "You hold no role inside the customer’s own workspace",
    fix: "Both are needed: access here and a role there. Assigning the customer to you again writes the role there; the customer’s administrator may also have taken it away.",
    who: "An administrator of this console, or the customer’s own",
  },
  RELATIONSHIP: {
    why: "The customer ended its relationship with us",
    fix: "Its own administrator decides whether to enrol again.",
    who: "The customer’s administrator",
  },
  ROLE_PERMITS: {
    why: "The role you were given there does not permit it",
    fix: "Have a role given to you that may look at investigations.",
    who: "An administrator of this console, under Technicians",
  },
  CONSOLE_ROLE: {
    why: "Your role at this console does not permit it",
    fix: "Have your role changed.",
    who: "An administrator of this console, under Technicians",
  },
  PERSON: {
    why: "Your account may not sign in",
    fix: "Have your account opened again.",
    who: "An administrator of this console, under Technicians",
  },
  CUSTOMER: {
    why: "The customer is on its way out",
    fix: "It is being deleted. Until that is done it can be kept.",
    who: "An administrator of this console, under Customers",
  },
  NO_LICENCE: {
    why: "No licence is allocated to the customer",
    fix: "Have one allocated to it from the pool.",
    who: "An administrator of this console, under License Management",
  },
  TOGGLE_OFF: {
    why: "You switched Multi Customer Investigations off",
    fix: "Switch it on under Settings › User preferences. Each customer stays open to you by itself meanwhile.",
    who: "You",
  },
  NODE: {
    why: "The customer’s node does not answer",
    fix: "Its investigations appear by themselves as soon as it does. The customer’s health says since when, and what to try.",
    who: "Whoever runs the node",
  },
};

/** The commonest cause comes first, as the question is asked most often about it. */
const ORDER: readonly CauseName[] = [
  "TOGGLE_OFF",
  "WORKSPACE_ROLE",
  "DELEGATION",
  "ROLE_PERMITS",
  "CONSOLE_ROLE",
  "PERSON",
  "RELATIONSHIP",
  "NO_LICENCE",
  "CUSTOMER",
  "NODE",
];

/** What keeps a customer away; an entry that is refused without a reason lacks the first gate. */
function causeOf(row: Access): CauseName | null {
  if (row.reason === "NO_LICENCE" || row.reason === "TOGGLE_OFF") return row.reason;
  return row.missing ?? missingStep(row)?.link ?? (row.allowed ? null : "DELEGATION");
}

export function causes(rows: readonly Access[]): Cause[] {
  const found = new Map<CauseName, Cause>();
  for (const row of rows) {
    const name = causeOf(row);
    if (name === null) continue;
    const cause = found.get(name) ?? { name, count: 0, rows: [] };
    cause.count += row.count;
    cause.rows.push(row);
    found.set(name, cause);
  }
  return ORDER.flatMap((name) => found.get(name) ?? []);
}

/** How many customers there are, and how many of them are in the merged view now. */
export function seen(rows: readonly Access[]): { seen: number; all: number } {
  const sum = (some: readonly Access[]) => some.reduce((total, { count }) => total + count, 0);
  return { seen: sum(rows.filter((row) => causeOf(row) === null)), all: sum(rows) };
}
