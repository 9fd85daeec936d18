import { Link, type LinkProps, useNavigate } from "@tanstack/react-router";
import type { AnchorHTMLAttributes, ReactNode } from "react";
import type { Drill } from "../lib/dashboards/drill";

/** A drill's address is made of data: which page it names is known only when the program runs. */
const linkOf = ({ to, params, search, hash }: Drill) => ({ to, params, search, hash }) as unknown as LinkProps;

interface Props extends Omit<AnchorHTMLAttributes<HTMLAnchorElement>, "href"> {
  to: Drill;
  children: ReactNode;
}

/** A number, or a name, that leads to what is behind it. */
export function DrillLink({ to, children, ...rest }: Props) {
  return (
    <Link {...linkOf(to)} {...rest} title={rest.title ?? to.says} data-drill="">
      {children}
    </Link>
  );
}

/** The same for what is no link, such as an item of a menu. */
export function useFollow(): (to: Drill) => void {
  const navigate = useNavigate();
  return (to) => void navigate(linkOf(to) as Parameters<typeof navigate>[0]);
}
