import { Link } from "@tanstack/react-router";
import { Inbox } from "lucide-react";
import type { ReactNode } from "react";
import { buttonClass } from "../../ui/button";
import { Empty, Loading } from "../../ui/states";
import { useMultiCustomer } from "./use-preferences";

/** A page over many customers. Who switched those off is told where it went, and where the customers are. */
export function Merged({ children }: { children: ReactNode }) {
  const multi = useMultiCustomer();
  if (multi === undefined) return <Loading />;
  if (multi) return children;
  return (
    <>
      <h1 className="sr-only">Multi Customer Investigations is off</h1>
      <Empty
        icon={<Inbox size={18} />}
        title="You switched Multi Customer Investigations off"
        action={
          <span className="flex gap-2">
            <Link to="/customers" search={{}} className={buttonClass("primary")}>
              Choose a customer
            </Link>
            <Link to="/settings/preferences" className={buttonClass()}>
              User preferences
            </Link>
          </span>
        }
      >
        There is no view over many customers while it is off. Every customer is still open to you by itself. Switch it
        on again under Settings › User preferences.
      </Empty>
    </>
  );
}
