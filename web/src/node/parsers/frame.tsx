import { Link } from "@tanstack/react-router";
import { ArrowLeft } from "lucide-react";
import type { ReactNode } from "react";
import { buttonClass } from "../../ui/button";
import { PageHead } from "../../ui/states";

interface Props {
  title: string;
  note?: ReactNode;
  actions?: ReactNode;
  children: ReactNode;
}

export function ParserFrame({ title, note, actions, children }: Props) {
  return (
    <div className="flex h-full min-w-[892px] flex-col gap-2.5 p-3">
      <Link to="/parsers" className={buttonClass("quiet", "-ml-2 self-start")}>
        <ArrowLeft size={15} aria-hidden="true" />
        Parsers
      </Link>
      <PageHead title={title} note={note}>
        {actions}
      </PageHead>
      {children}
    </div>
  );
}
