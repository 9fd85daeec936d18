import { useQueryClient } from "@tanstack/react-query";
import { Link, Outlet, useNavigate, useRouter } from "@tanstack/react-router";
import { KeyRound, Search, UserCog } from "lucide-react";
import { useEffect, useState } from "react";
import * as api from "../api/console";
import { rememberCsrf } from "../api/http";
import type { Customer, Me } from "../api/types";
import { NotFound } from "../components/app";
import { Shell } from "../components/shell";
import type { Place } from "../lib/context";
import { useHotkeys } from "../lib/hotkeys";
import { parseQueue } from "../lib/queue-search";
import { useStable } from "../lib/use-stable";
import { ROLE } from "../lib/words";
import { buttonClass } from "../ui/button";
import { Kbd } from "../ui/marks";
import { MenuItem } from "../ui/menu";
import { Empty, Failure, Loading } from "../ui/states";
import { CustomerNav } from "./context/nav";
import { usePlace } from "./context/use-place";
import { forgetRows } from "./forget";
import { KeyboardHelp } from "./keyboard-help";
import { LicenceNotice } from "./licences/notice";
import { MeContext, useSession } from "./me";
import { MergedNav, PlatformNav } from "./nav/left";
import { MultiCustomerNav } from "./nav/top";
import { Palette, type PaletteMode } from "./palette/palette";
import { useLookThatFollows } from "./preferences/use-preferences";

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
  const [palette, setPalette] = useState<PaletteMode | null>(null);
  const navigate = useNavigate();
  const { place, customer, reading } = usePlace();
  const onSwitch = () => setPalette("customers");
  const signOut = useSignOut();
  useLookThatFollows();
  usePageKeys(me, { help: () => setHelp(true), palette: setPalette });
  return (
    <Shell
      context={<MultiCustomerNav place={place} customer={customer} onSwitch={onSwitch} />}
      tools={<PaletteButton onOpen={() => setPalette("all")} />}
      nav={<LeftNav place={place} customer={customer} reading={reading} onSwitch={onSwitch} />}
      notice={me.role === "administrator" ? <LicenceNotice /> : null}
      person={{ name: me.name || me.email, detail: `${me.email} · ${ROLE[me.role]}` }}
      onSignOut={() => void signOut()}
      onHelp={() => setHelp(true)}
      more={
        <MenuItem onClick={() => void navigate({ to: "/settings/preferences" })}>
          <UserCog size={14} aria-hidden="true" />
          User preferences
        </MenuItem>
      }
    >
      <Outlet />
      <KeyboardHelp open={help} onClose={() => setHelp(false)} />
      <Palette mode={palette} onClose={() => setPalette(null)} />
    </Shell>
  );
}

function useSignOut(): () => Promise<void> {
  const navigate = useNavigate();
  const queries = useQueryClient();
  return async () => {
    await api.signOut().catch(() => undefined);
    rememberCsrf("");
    queries.clear();
    forgetRows();
    await navigate({ to: "/sign-in" });
  };
}

interface Opens {
  help: () => void;
  palette: (mode: PaletteMode) => void;
}

/** The keys that work on every page. */
function usePageKeys(me: Me, { help, palette }: Opens): void {
  const navigate = useNavigate();
  useHotkeys({
    "?": help,
    c: () => palette("customers"),
    "g i": () => void navigate({ to: "/investigations", search: parseQueue({}) }),
    "g d": () => void navigate({ to: "/dashboards" }),
    "g c": () => void navigate({ to: "/customers", search: {} }),
    "g v": () => void navigate({ to: "/customer-table" }),
    "g h": () => void navigate({ to: "/home" }),
    "g a": () => void navigate({ to: "/access", search: {} }),
    "g p": () => void navigate({ to: "/settings/preferences" }),
    "g l": () => void navigate({ to: "/audit", search: { range: "all" } }),
    ...(me.role === "administrator" ? { "g t": () => void navigate({ to: "/technicians" }) } : {}),
  });
  // With a modifier it is no single key: it works while one types, and cannot be turned off.
  const open = useStable(() => palette("all"));
  useEffect(() => {
    const listen = (event: KeyboardEvent) => {
      if (event.key.toLowerCase() !== "k" || !(event.ctrlKey || event.metaKey) || event.altKey || event.shiftKey)
        return;
      event.preventDefault();
      open();
    };
    window.addEventListener("keydown", listen);
    return () => window.removeEventListener("keydown", listen);
  }, [open]);
}

function PaletteButton({ onOpen }: { onOpen: () => void }) {
  return (
    <button
      type="button"
      aria-label="Find a customer or page, Ctrl K"
      title="Find a customer or page (Ctrl K)"
      onClick={onOpen}
      className={buttonClass("plain", "border-line text-muted")}
    >
      <Search size={14} aria-hidden="true" />
      <Kbd>Ctrl K</Kbd>
    </button>
  );
}

interface LeftNavProps {
  place: Place;
  customer: Customer | undefined;
  reading: boolean;
  onSwitch: () => void;
}

/** The left menu follows the place: above the products, over many customers, or inside one customer's environment. */
function LeftNav({ place, customer, reading, onSwitch }: LeftNavProps) {
  if (place.area === "platform") return <PlatformNav />;
  if (place.area !== "customer") return <MergedNav />;
  if (customer) return <CustomerNav customer={customer} part={place.part} onSwitch={onSwitch} />;
  return reading ? <div className="skeleton m-2 h-16" /> : <MergedNav />;
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
