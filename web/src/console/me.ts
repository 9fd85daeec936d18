import { me } from "../api/console";
import { sessionOf } from "../components/session";

export const { MeContext, useSession, useMe } = sessionOf(me);
