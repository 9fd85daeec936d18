import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { Plus, SquareFunction } from "lucide-react";
import { useState } from "react";
import { parsers } from "../../api/parsers";
import type { Parser } from "../../api/types";
import { Rows } from "../../components/rows";
import { SearchBox } from "../../components/search-box";
import { cn } from "../../lib/cn";
import { count } from "../../lib/format";
import { buttonClass } from "../../ui/button";
import { Age } from "../../ui/marks";
import { Empty, PageHead } from "../../ui/states";
import { Table, Td, Th, trClass, wideClass } from "../../ui/table";
import { ParserStateMark } from "./state";

/** The programs that make records of events: those that come with the node, and the workspace's own. */
export function ParsersPage() {
  const query = useQuery({ queryKey: ["parsers"], queryFn: parsers, refetchInterval: 15_000 });
  const [words, setWords] = useState("");
  const rows = query.data?.data.filter((parser) => fits(parser, words));
  const own = query.data?.data.filter((parser) => !parser.shipped).length ?? 0;
  return (
    <div className="flex h-full min-w-[892px] flex-col gap-2.5 p-3">
      <PageHead title="Parsers" note={query.data ? `${query.data.data.length}, ${own} of them your own` : null}>
        <SearchBox label="Search parsers" placeholder="A part of the name" value={words} onChange={setWords} />
        <Link to="/parsers/new" search={{}} className={buttonClass("primary")}>
          <Plus size={15} aria-hidden="true" />
          Upload parser
        </Link>
      </PageHead>
      <Rows
        label="Parsers"
        rows={rows}
        error={query.error}
        onRetry={() => void query.refetch()}
        skeleton={12}
        empty={
          <Empty icon={<SquareFunction size={18} />} title={words ? "No parser has this name" : "No parsers"}>
            A parser is a program that makes a record of an event.
          </Empty>
        }
      >
        {(each) => <ParserTable rows={each} />}
      </Rows>
    </div>
  );
}

function fits(parser: Parser, words: string): boolean {
  const text = `${parser.name} ${parser.description}`.toLowerCase();
  return words
    .toLowerCase()
    .split(/\s+/)
    .every((word) => text.includes(word));
}

function ParserTable({ rows }: { rows: readonly Parser[] }) {
  return (
    <Table label="Parsers" fixed>
      <thead>
        <tr>
          <Th className="w-[22%]">Name</Th>
          <Th className="w-[104px]">State</Th>
          <Th className="w-[122px]">Version</Th>
          <Th>Description</Th>
          <Th className="w-[82px] text-right">Sources</Th>
          <Th className="w-[120px] text-right">Records, 24 h</Th>
          <Th className="w-28 text-right">Failed, 24 h</Th>
          <Th className={cn("w-28 text-right", wideClass)}>Changed</Th>
        </tr>
      </thead>
      <tbody>
        {rows.map((parser) => (
          <tr key={parser.name} className={trClass} data-parser={parser.name}>
            <Td className="truncate" title={parser.name}>
              <Link to="/parsers/$name" params={{ name: parser.name }} className="font-medium hover:underline">
                {parser.name}
              </Link>
            </Td>
            <Td>
              <ParserStateMark parser={parser} />
            </Td>
            <Td className="text-muted">
              {parser.shipped ? "with the node" : `${parser.version ?? "–"}`}
              {parser.next_version ? `, next ${parser.next_version}` : ""}
            </Td>
            <Td className="truncate text-muted" title={parser.description}>
              {parser.description || "–"}
            </Td>
            <Td className={cn("text-right", parser.sources === 0 ? "text-muted" : "")}>{count(parser.sources)}</Td>
            <Td className={cn("text-right", parser.records === 0 ? "text-muted" : "")}>{count(parser.records)}</Td>
            <Td className={cn("text-right", parser.failed === 0 ? "text-muted" : "text-warn-text")}>
              {count(parser.failed)}
            </Td>
            <Td className={cn("text-right text-muted", wideClass)} title={parser.changed_by ?? undefined}>
              {parser.changed_time ? <Age time={parser.changed_time} /> : "–"}
            </Td>
          </tr>
        ))}
      </tbody>
    </Table>
  );
}
