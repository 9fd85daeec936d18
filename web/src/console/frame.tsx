import { useQueryClient } from "@tanstack/react-query";
import { Link, Outlet, useNavigate, useRouter } from "@tanstack/react-router";
import { BadgeCheck, BellRing, Building2, Inbox, KeyRound, ScrollText, SlidersHorizontal, Users } from "lucide-react";
import { useEffect, useState } from "react";
import * as api from "../api/console";
import { rememberCsrf } from "../api/http";
import type { Me } from "../api/types";
import { NotFound } from "../components/app";
import { NavLabel, navClass, Shell } from "../components/shell";
import { useHotkeys } from "../lib/hotkeys";
import { parseQueue } from "../lib/queue-search";
import { ROLE } from "../lib/words";
import { buttonClass } from "../ui/button";
import { Empty, Failure, Loading } from "../ui/states";
import { forgetRows } from "./forget";
import { KeyboardHelp } from "./keyboard-help";
import { LicenceNotice } from "./licences/notice";
import { MeContext, useSession } from "./me";

/** Every signed-in page. Nobody signed in: the sign-in page, and back here afterwards. */
export function Frame() {
  const session = useSession();
  if (session.error) {
    return (
      <div className="mx-auto mt-24 max-w-lg px-4">
        <Failure error={session.error} title="The console does not answer" onRetry={() => void session.refetch()} />
      </div>
    );
  }
  if (session.data === undefined) return <Loading />;
  if (session.data === null) return <ToSignIn />;
  return (
    <MeContext value={session.data}>
      <SignedIn me={session.data} />
    </MeContext>
  );
}

/** Goes once, from where the person was: a component that follows the location would chase itself. */
function ToSignIn() {
  const router = useRouter();
  useEffect(() => {
    const { pathname, searchStr } = router.state.location;
    const here = `${pathname}${searchStr}`;
    void router.navigate({ to: "/sign-in", search: { next: pathname === "/" ? undefined : here }, replace: true });
  }, [router]);
  return null;
}

function SignedIn({ me }: { me: Me }) {
  const [help, setHelp] = useState(false);
  const navigate = useNavigate();
  const queries = useQueryClient();
  useHotkeys({
    "?": () => setHelp(true),
    "g i": () => void navigate({ to: "/investigations", search: parseQueue({}) }),
    "g c": () => void navigate({ to: "/customers" }),
    "g a": () => void navigate({ to: "/access" }),
    "g l": () => void navigate({ to: "/audit", search: { range: "all" } }),
    ...(me.role === "administrator" ? { "g t": () => void navigate({ to: "/technicians" }) } : {}),
  });
  const signOut = async () => {
    await api.signOut().catch(() => undefined);
    rememberCsrf("");
    queries.clear();
    forgetRows();
    await navigate({ to: "/sign-in" });
  };
  return (
    <Shell
      nav={<Nav me={me} />}
      notice={me.role === "administrator" ? <LicenceNotice /> : null}
      person={{ name: me.name || me.email, detail: `${me.email} · ${ROLE[me.role]}` }}
      onSignOut={() => void signOut()}
      onHelp={() => setHelp(true)}
    >
      <Outlet />
      <KeyboardHelp open={help} onClose={() => setHelp(false)} />
    </Shell>
  );
}

const exactPath = { exact: false, includeSearch: false };

function Nav({ me }: { me: Me }) {
  return (
    <>
      <Link to="/investigations" search={parseQueue({})} activeOptions={exactPath} className={navClass}>
        <Inbox size={15} aria-hidden="true" />
        All investigations
      </Link>
      <Link to="/customers" activeOptions={exactPath} className={navClass}>
        <Building2 size={15} aria-hidden="true" />
        Customers
      </Link>
      <Link to="/access" activeOptions={exactPath} className={navClass}>
        <KeyRound size={15} aria-hidden="true" />
        {me.role === "administrator" ? "Access explained" : "My access"}
      </Link>
      {me.role === "administrator" ? (
        <>
          <NavLabel>Settings</NavLabel>
          <Link to="/licences" activeOptions={exactPath} className={navClass}>
            <BadgeCheck size={15} aria-hidden="true" />
            License Management
          </Link>
          <Link to="/settings/customers" activeOptions={exactPath} className={navClass}>
            <SlidersHorizontal size={15} aria-hidden="true" />
            Customer settings
          </Link>
          <Link to="/technicians" activeOptions={exactPath} className={navClass}>
            <Users size={15} aria-hidden="true" />
            Technicians
          </Link>
          <Link to="/settings/notifications" activeOptions={exactPath} className={navClass}>
            <BellRing size={15} aria-hidden="true" />
            Notifications
          </Link>
        </>
      ) : null}
      <Link to="/audit" search={{ range: "all" }} activeOptions={exactPath} className={navClass}>
        <ScrollText size={15} aria-hidden="true" />
        Audit
      </Link>
    </>
  );
}

export function Lost() {
  return (
    <NotFound
      home={
        <Link to="/investigations" search={parseQueue({})} className={buttonClass("primary")}>
          All investigations
        </Link>
      }
    />
  );
}

/** Shown to somebody who typed the address of a page that is not theirs. */
export function AdministratorsOnly() {
  return (
    <Empty icon={<KeyRound size={18} />} title="For administrators">
      This page is open to administrators of the console. Ask one of them, or have your role changed.
    </Empty>
  );
}
