import { useQuery } from "@tanstack/react-query";
import { Link, useNavigate, useParams } from "@tanstack/react-router";
import { CircleAlert, Copy, Trash2 } from "lucide-react";
import { useState } from "react";
import * as api from "../../api/parsers";
import type { Parser, ParserSource } from "../../api/types";
import { Confirm, type Question } from "../../components/confirm";
import { useAction } from "../../components/use-action";
import { count } from "../../lib/format";
import { faultOf } from "../../lib/problems";
import { Button, buttonClass } from "../../ui/button";
import { Failure, SkeletonRows } from "../../ui/states";
import { Bench } from "./bench";
import { ParserFrame } from "./frame";
import { ParserStateMark } from "./state";

/** One parser: its program, what it did today, and lines to try it on. */
export function ParserPage() {
  const { name } = useParams({ from: "/frame/parsers/$name" });
  const list = useQuery({ queryKey: ["parsers"], queryFn: api.parsers });
  const source = useQuery({ queryKey: ["parser", name], queryFn: () => api.parserSource(name) });
  const parser = list.data?.data.find((each) => each.name === name);
  const error = list.error ?? source.error;
  if (!error && parser && source.data) {
    return (
      <Detail key={`${name} ${source.data.next_version ?? source.data.version}`} parser={parser} source={source.data} />
    );
  }
  return (
    <ParserFrame title={name}>
      {error ? (
        <Failure
          error={error}
          title="The parser could not be read"
          onRetry={() => {
            void list.refetch();
            void source.refetch();
          }}
        />
      ) : list.data && source.data ? (
        <Failure error={new Error("There is no such parser here any more.")} title="Not found" />
      ) : (
        <SkeletonRows label="Reading the parser" />
      )}
    </ParserFrame>
  );
}

function Detail({ parser, source }: { parser: Parser; source: ParserSource }) {
  const stored = source.next_source ?? source.source;
  const [program, setProgram] = useState(stored);
  const [question, setQuestion] = useState<Question | null>(null);
  const navigate = useNavigate();
  const refresh = ["parsers", "parser"];
  const save = useAction({
    run: () => api.replaceParser(parser.name, { source: program }),
    done: (saved) =>
      saved.next_version ? `Version ${saved.next_version} waits until it is enabled` : "The draft is replaced",
    refresh,
  });
  const enable = useAction({
    run: (enabled: boolean) => api.setParserEnabled(parser.name, enabled),
    done: (saved) => `${saved.name} is ${saved.state === "enabled" ? "in use" : "off"}`,
    refused: "The parser was not changed",
    refresh,
  });
  const removing: Question = {
    title: `Delete ${parser.name}?`,
    meaning: "Its program goes. Events it took go to the parser of that name that comes with the node, or by shape.",
    action: "Delete the parser",
    danger: true,
    done: `${parser.name} is deleted`,
    refresh: ["parsers"],
    run: async () => {
      await api.removeParser(parser.name);
      await navigate({ to: "/parsers" });
    },
  };
  const edit = (text: string) => {
    setProgram(text);
    save.reset();
  };
  const changed = program !== stored;
  const fault = save.error;
  return (
    <ParserFrame
      title={parser.name}
      note={<Note parser={parser} />}
      actions={
        parser.shipped ? (
          <Link to="/parsers/new" search={{ of: parser.name }} className={buttonClass()}>
            <Copy size={14} aria-hidden="true" />
            Make your own version
          </Link>
        ) : (
          <>
            <Button icon={<Trash2 size={14} aria-hidden="true" />} onClick={() => setQuestion(removing)}>
              Delete…
            </Button>
            {parser.state === "enabled" ? (
              <Button busy={enable.busy} onClick={() => enable.start(false)}>
                Switch off
              </Button>
            ) : null}
            <Button busy={save.busy} disabled={!changed} onClick={() => save.start()}>
              Save
            </Button>
            {parser.state !== "enabled" || parser.next_version ? (
              <Button look="primary" busy={enable.busy} disabled={changed} onClick={() => enable.start(true)}>
                {parser.next_version ? `Enable version ${parser.next_version}` : "Enable"}
              </Button>
            ) : null}
          </>
        )
      }
    >
      {parser.state === "set_aside" ? (
        <div className="flex items-start gap-2.5 rounded-md border border-danger bg-danger-soft px-3 py-2">
          <CircleAlert size={16} className="mt-0.5 shrink-0 text-danger" aria-hidden="true" />
          <div className="min-w-0">
            <div>
              Set aside: {parser.why ?? "it took too much"}. Its events become failed records until it is enabled.
            </div>
            {parser.sample ? <pre className="mono mt-1 break-all whitespace-pre-wrap">{parser.sample}</pre> : null}
          </div>
        </div>
      ) : null}
      {fault && faultOf(fault, "source") === null ? (
        <Failure error={fault} title="The program was not saved" className="shrink-0" />
      ) : null}
      <Bench
        name={parser.shipped || !changed ? parser.name : null}
        source={program}
        onChange={parser.shipped ? undefined : edit}
        error={fault}
      />
      <Confirm question={question} onClose={() => setQuestion(null)} />
    </ParserFrame>
  );
}

function Note({ parser }: { parser: Parser }) {
  return (
    <span className="inline-flex items-center gap-2">
      <ParserStateMark parser={parser} />
      <span>
        {parser.shipped ? "comes with the node" : `version ${parser.version ?? "–"}`}, {count(parser.records)} records
        and {count(parser.failed)} failed in 24 hours
      </span>
    </span>
  );
}
