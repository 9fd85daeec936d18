import { FlaskConical } from "lucide-react";
import { useState } from "react";
import { testParser } from "../../api/parsers";
import type { Format } from "../../api/types";
import { useAction } from "../../components/use-action";
import { faultOf, faultOfForm, positionIn } from "../../lib/problems";
import { sampleLines } from "../../lib/samples";
import { FORMAT, FORMATS } from "../../lib/words";
import { Button } from "../../ui/button";
import { CodeField } from "../../ui/code";
import { AreaField, FormError } from "../../ui/field";
import { Panel } from "../../ui/panel";
import { Select } from "../../ui/select";
import { TestResult } from "./test-result";

interface Props {
  /** The parser whose stored program is tried; null to try what stands in the editor. */
  name: string | null;
  source: string;
  /** Absent where the program may only be read. */
  onChange?: (source: string) => void;
  /** What saving said. */
  error: unknown;
}

/** A program and lines to try it on, side by side. Nothing that is tried is stored. */
export function Bench({ name, source, onChange, error }: Props) {
  const [lines, setLines] = useState("");
  const [format, setFormat] = useState<Format>("auto");
  const test = useAction({
    run: () => testParser({ lines: sampleLines(lines), format, ...(name === null ? { source } : { name }) }),
  });
  const fault = error ?? test.error;
  return (
    <div className="grid min-h-0 flex-1 grid-cols-2 gap-2.5">
      <Panel title="Program" className="min-h-0 shrink">
        <CodeField
          label="VRL"
          className="min-h-0 flex-1"
          value={source}
          readOnly={!onChange}
          onChange={(text) => {
            onChange?.(text);
            if (test.error) test.reset();
          }}
          error={faultOf(fault, "source")}
          position={positionIn(fault, source)}
          hint={onChange ? "At most 64 KiB." : "It comes with the node. To change it, make your own version."}
        />
      </Panel>
      <Panel title="Try it" className="min-h-0 shrink">
        <AreaField
          label="Sample lines"
          code
          rows={7}
          className="shrink-0"
          value={lines}
          onChange={setLines}
          error={faultOf(test.error, "lines")}
          hint="As they were received, one a line, 1 to 100. Nothing is stored."
        />
        <FormError>{faultOfForm(test.error, ["source", "lines"])}</FormError>
        <div className="flex items-center gap-2">
          <Button
            icon={<FlaskConical size={14} aria-hidden="true" />}
            busy={test.busy}
            disabled={lines.trim() === ""}
            onClick={() => test.start()}
          >
            Try on these lines
          </Button>
          <Select
            aria-label="Format"
            className="w-56"
            value={format}
            onChange={(event) => setFormat(event.target.value as Format)}
          >
            {FORMATS.map((each) => (
              <option key={each} value={each}>
                {FORMAT[each]}
              </option>
            ))}
          </Select>
        </div>
        <div className="min-h-0 flex-1 overflow-auto">
          {test.answer ? <TestResult lines={test.answer.data} /> : null}
        </div>
      </Panel>
    </div>
  );
}
