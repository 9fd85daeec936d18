import { me } from "../api/node";
import type { NodeMe } from "../api/types";
import { sessionOf } from "../components/session";

export const { MeContext, useSession, useMe } = sessionOf(me);

/** The node's operator runs workspaces and sees nothing inside them. */
export function isOperator(me: NodeMe): boolean {
  return me.kind === "operator";
}
