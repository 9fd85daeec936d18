import { useQuery } from "@tanstack/react-query";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { useState } from "react";
import { addParser, parserSource } from "../../api/parsers";
import { useAction } from "../../components/use-action";
import { faultOf, faultOfForm } from "../../lib/problems";
import { Button } from "../../ui/button";
import { FormError, TextField } from "../../ui/field";
import { Failure, SkeletonRows } from "../../ui/states";
import { Bench } from "./bench";
import { ParserFrame } from "./frame";

const EXAMPLE = `# What was received is in \`.\`; what it means is put into \`%\`.
%vendor = "Example"
%product = "firewall"
%record_type = "NetworkFlow"
%message = .message

pairs, err = parse_key_value(to_string(.message) ?? "")
if err != null {
  abort "no key=value pairs"
}
%fields = pairs
%ecs."source.ip" = pairs.src
%ecs."destination.ip" = pairs.dst
%ecs."event.action" = pairs.action
`;

/** Uploads a parser, from nothing or from one that is there. */
export function NewParserPage() {
  const { of } = useSearch({ from: "/frame/parsers/new" });
  const model = useQuery({
    queryKey: ["parser", of],
    queryFn: () => parserSource(of ?? ""),
    enabled: of !== undefined,
  });
  if (model.error) {
    return (
      <ParserFrame title="Upload a parser">
        <Failure error={model.error} title="The parser could not be read" onRetry={() => void model.refetch()} />
      </ParserFrame>
    );
  }
  if (of !== undefined && model.data === undefined) {
    return (
      <ParserFrame title="Upload a parser">
        <SkeletonRows label="Reading the parser" />
      </ParserFrame>
    );
  }
  return <Form name={of ?? ""} program={model.data?.source ?? EXAMPLE} />;
}

function Form({ name: given, program }: { name: string; program: string }) {
  const [name, setName] = useState(given);
  const [description, setDescription] = useState("");
  const [source, setSource] = useState(program);
  const navigate = useNavigate();
  const add = useAction({
    run: () => addParser({ name: name.trim(), source, description: description.trim() }),
    done: (made) => `${made.name} is a draft until it is enabled`,
    refresh: ["parsers"],
  });
  return (
    <ParserFrame
      title="Upload a parser"
      note="a program in VRL"
      actions={
        <Button
          look="primary"
          busy={add.busy}
          onClick={() => add.start(undefined, ({ name }) => navigate({ to: "/parsers/$name", params: { name } }))}
        >
          Upload as a draft
        </Button>
      }
    >
      <FormError>{faultOfForm(add.error, ["name", "description", "source"])}</FormError>
      <div className="grid shrink-0 grid-cols-2 gap-2.5">
        <TextField
          label="Name"
          required
          placeholder="branch-firewall"
          value={name}
          onChange={setName}
          error={faultOf(add.error, "name")}
          hint="1 to 64 of a-z, 0-9 and -. The name of a parser that comes with the node takes its place once enabled."
        />
        <TextField
          label="Description (optional)"
          value={description}
          onChange={setDescription}
          error={faultOf(add.error, "description")}
        />
      </div>
      <Bench
        name={null}
        source={source}
        onChange={(text) => {
          setSource(text);
          add.reset();
        }}
        error={add.error}
      />
    </ParserFrame>
  );
}
