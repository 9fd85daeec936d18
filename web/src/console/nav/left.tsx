import { Link } from "@tanstack/react-router";
import {
  BadgeCheck,
  BellRing,
  Building2,
  House,
  Inbox,
  KeyRound,
  LayoutDashboard,
  type LucideIcon,
  ScrollText,
  SlidersHorizontal,
  Table2,
  TextSearch,
  UserCog,
  Users,
} from "lucide-react";
import { NavGroup, NavLabel, navClass } from "../../components/shell";
import { parseQueue } from "../../lib/queue-search";
import { useMe } from "../me";
import { useMultiCustomer } from "../preferences/use-preferences";

const within = { exact: false, includeSearch: false };

function Glyph({ of: Icon }: { of: LucideIcon }) {
  return <Icon size={15} aria-hidden="true" />;
}

/** The SIEM's left menu over many customers. */
export function MergedNav() {
  const administers = useMe().role === "administrator";
  const multi = useMultiCustomer() !== false;
  return (
    <>
      {multi ? (
        <Link to="/investigations" search={parseQueue({})} activeOptions={within} className={navClass}>
          <Glyph of={Inbox} />
          All investigations
        </Link>
      ) : null}
      {multi ? (
        <Link to="/logs" search={{ range: "24h" }} activeOptions={within} className={navClass}>
          <Glyph of={TextSearch} />
          Log search
        </Link>
      ) : null}
      {multi ? (
        <Link to="/dashboards" activeOptions={within} className={navClass}>
          <Glyph of={LayoutDashboard} />
          Dashboards
        </Link>
      ) : null}
      {administers ? null : (
        <Link to="/customers" activeOptions={within} className={navClass}>
          <Glyph of={Building2} />
          Customers
        </Link>
      )}
      <Access />
      <Settings />
    </>
  );
}

/** The left menu above the products. */
export function PlatformNav() {
  return (
    <>
      <Link to="/customer-table" activeOptions={within} className={navClass}>
        <Glyph of={Table2} />
        Customer table
      </Link>
      <Link to="/home" activeOptions={within} className={navClass}>
        <Glyph of={House} />
        Home
      </Link>
      <Access />
      <Settings />
    </>
  );
}

function Access() {
  const administers = useMe().role === "administrator";
  return (
    <Link to="/access" activeOptions={within} className={navClass}>
      <Glyph of={KeyRound} />
      {administers ? "Access explained" : "My access"}
    </Link>
  );
}

function Settings() {
  const administers = useMe().role === "administrator";
  return (
    <>
      <NavLabel>Settings</NavLabel>
      {administers ? (
        <>
          <NavGroup label="Customer Management">
            <Link to="/customers" activeOptions={within} className={navClass}>
              <Glyph of={Building2} />
              Customers
            </Link>
            <Link to="/licences" activeOptions={within} className={navClass}>
              <Glyph of={BadgeCheck} />
              License Management
            </Link>
            <Link to="/settings/customers" activeOptions={within} className={navClass}>
              <Glyph of={SlidersHorizontal} />
              Customer settings
            </Link>
          </NavGroup>
          <Link to="/technicians" activeOptions={within} className={navClass}>
            <Glyph of={Users} />
            Technicians
          </Link>
          <Link to="/settings/notifications" activeOptions={within} className={navClass}>
            <Glyph of={BellRing} />
            Notifications
          </Link>
        </>
      ) : null}
      <Link to="/settings/preferences" activeOptions={within} className={navClass}>
        <Glyph of={UserCog} />
        User preferences
      </Link>
      <Link to="/audit" search={{ range: "all" }} activeOptions={within} className={navClass}>
        <Glyph of={ScrollText} />
        Audit
      </Link>
    </>
  );
}
