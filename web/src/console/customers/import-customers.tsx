import { useQueryClient } from "@tanstack/react-query";
import { Download, FileUp } from "lucide-react";
import { type ReactNode, useRef, useState } from "react";
import type { ImportLine, ImportResult } from "../../api/types";
import { csv, download } from "../../lib/csv";
import { bytes, count, plural } from "../../lib/format";
import { EXAMPLE, MAX_BYTES, records, totals } from "../../lib/import-file";
import { IMPORT_RESULT } from "../../lib/words";
import { Button } from "../../ui/button";
import { Dialog, DialogActions } from "../../ui/dialog";
import { FormError } from "../../ui/field";
import { Badge } from "../../ui/marks";
import { ScrollBox } from "../../ui/scroll-box";
import { Failure } from "../../ui/states";
import { Table, Td, Th } from "../../ui/table";
import { forgetImport, type ImportRun, startImport, stopImport, useImportRun } from "./import-run";

/** Adds many customers from a file. Closing it while they are added asks first; what became of them stays until another file is chosen. */
export function ImportCustomers({ open, onClose }: { open: boolean; onClose: () => void }) {
  const run = useImportRun();
  const [leaving, setLeaving] = useState(false);
  const asks = leaving && run?.running === true;
  const close = () => {
    if (run?.running) setLeaving(!leaving);
    else onClose();
  };
  const leave = () => {
    setLeaving(false);
    onClose();
  };
  return (
    <Dialog
      open={open}
      onClose={close}
      title="Add many customers"
      description="From a comma-separated file, one customer a line. Each is added as the form would; the same file again changes nothing."
      className="w-[760px]"
    >
      {open && run && asks ? (
        <Leave run={run} onStay={() => setLeaving(false)} onLeave={leave} />
      ) : open && run ? (
        <Progress run={run} onClose={close} />
      ) : open ? (
        <Choose onClose={onClose} />
      ) : null}
    </Dialog>
  );
}

interface Chosen {
  name: string;
  text: string;
  total: number;
}

function Choose({ onClose }: { onClose: () => void }) {
  const queries = useQueryClient();
  const [chosen, setChosen] = useState<Chosen | null>(null);
  const [fault, setFault] = useState<string | null>(null);
  const input = useRef<HTMLInputElement>(null);
  const take = async (file: File | undefined) => {
    setChosen(null);
    setFault(null);
    if (!file) return;
    if (file.size > MAX_BYTES) return setFault(`${file.name} has ${bytes(file.size)}; at most ${bytes(MAX_BYTES)}.`);
    const text = await file.text();
    const total = records(text);
    if (total === 0) return setFault(`${file.name} holds no customer below the names of its columns.`);
    setChosen({ name: file.name, text, total });
  };
  const begin = async ({ name, text, total }: Chosen) => {
    await startImport(name, text, total);
    await queries.invalidateQueries({ queryKey: ["customers"] });
  };
  return (
    <div className="flex flex-col gap-4">
      <div className="flex flex-col gap-1.5">
        <div className="text-sm font-medium">The first line names the columns</div>
        <pre className="mono overflow-x-auto rounded-sm border border-line bg-bg px-3 py-2" tabIndex={-1}>
          {EXAMPLE}
        </pre>
        <p className="text-muted">
          If wanted, also <code className="mono">fingerprint</code> and <code className="mono">primary</code>. At most
          1,000 customers and 1 MiB.
        </p>
        <Button
          className="self-start"
          icon={<Download size={14} aria-hidden="true" />}
          onClick={() => download("customers-example.csv", "text/csv", EXAMPLE)}
        >
          Download this example
        </Button>
      </div>
      <div className="flex items-center gap-3 rounded-md border border-line bg-bg p-3">
        <input
          ref={input}
          type="file"
          accept=".csv,text/csv"
          aria-label="File of customers"
          className="sr-only"
          tabIndex={-1}
          onChange={(event) => void take(event.target.files?.[0])}
        />
        <Button icon={<FileUp size={14} aria-hidden="true" />} onClick={() => input.current?.click()}>
          Choose a file…
        </Button>
        <span className="min-w-0 flex-1 truncate" role="status">
          {chosen ? (
            `${chosen.name}: ${plural(chosen.total, "customer")}`
          ) : (
            <span className="text-muted">None yet</span>
          )}
        </span>
      </div>
      <p className="text-muted">
        The file holds passwords. They go to the nodes once and are kept nowhere here; delete the file when you are
        done.
      </p>
      <FormError>{fault}</FormError>
      <DialogActions>
        <Button onClick={onClose}>Cancel</Button>
        <Button
          look="primary"
          disabled={chosen === null}
          title={chosen ? undefined : "Choose a file first"}
          onClick={() => (chosen ? void begin(chosen) : undefined)}
        >
          {chosen ? `Add ${plural(chosen.total, "customer")}` : "Add customers"}
        </Button>
      </DialogActions>
    </div>
  );
}

function Progress({ run, onClose }: { run: ImportRun; onClose: () => void }) {
  const { added, unchanged, failed } = totals(run.lines);
  const done = run.lines.length;
  return (
    <div className="flex min-h-0 flex-col gap-3">
      <div className="flex flex-col gap-1.5">
        <div className="flex items-baseline gap-3">
          <span className="truncate font-medium" role="status">
            {state(run)}
          </span>
          <span className="ml-auto whitespace-nowrap text-muted">
            {count(done)} of {count(run.total)}
          </span>
        </div>
        <progress
          aria-label="Customers done"
          className="h-1.5 w-full appearance-none overflow-hidden rounded-full bg-hover [&::-webkit-progress-bar]:bg-hover [&::-webkit-progress-value]:bg-accent [&::-moz-progress-bar]:bg-accent"
          max={Math.max(run.total, done)}
          value={done}
        />
        <div className="flex gap-4 text-muted" data-testid="totals">
          <span>{count(added)} added</span>
          <span>{count(unchanged)} there already</span>
          <span className={failed > 0 ? "text-danger" : ""}>{count(failed)} refused</span>
        </div>
      </div>
      {run.error ? <Failure error={run.error} title={`${run.file} was not taken in whole`} /> : null}
      {done > 0 ? (
        <ScrollBox label="What became of each line" className="max-h-[46vh]">
          <Lines lines={run.lines} />
        </ScrollBox>
      ) : null}
      <DialogActions>
        {run.running ? (
          <Button onClick={stopImport}>Stop</Button>
        ) : (
          <>
            {failed > 0 ? (
              <Button
                className="mr-auto"
                icon={<Download size={14} aria-hidden="true" />}
                onClick={() => download("customers-refused.csv", "text/csv", refusedAsCsv(run.lines))}
              >
                Download what was refused
              </Button>
            ) : null}
            <Button onClick={forgetImport}>Another file</Button>
            <Button look="primary" onClick={onClose}>
              Done
            </Button>
          </>
        )}
      </DialogActions>
    </div>
  );
}

function state({ file, running, stopped, report, error }: ImportRun): string {
  if (running) return `Adding the customers of ${file}…`;
  if (stopped) return `${file}: stopped. Give it again to go on`;
  if (error || !report) return `${file}: ended early`;
  return report.failed > 0 ? `${file}: done, but not every line was taken` : `${file}: done`;
}

const tones: Record<ImportResult, "ok" | "neutral" | "bad"> = { ADDED: "ok", UNCHANGED: "neutral", FAILED: "bad" };

function Lines({ lines }: { lines: readonly ImportLine[] }): ReactNode {
  return (
    <Table label="Lines of the file">
      <thead>
        <tr>
          <Th className="w-16 text-right">Line</Th>
          <Th>Customer</Th>
          <Th>Result</Th>
          <Th>Code and reason</Th>
        </tr>
      </thead>
      <tbody>
        {lines.map((line) => (
          <tr key={line.line} data-line={line.line}>
            <Td className="text-right text-muted">{line.line}</Td>
            <Td className="max-w-48 truncate font-medium" title={line.name}>
              {line.name || "–"}
            </Td>
            <Td>
              <Badge tone={tones[line.result]}>{IMPORT_RESULT[line.result]}</Badge>
            </Td>
            <Td className="break-words">
              {line.code ? <code className="mono mr-2">{line.code}</code> : null}
              <span className="text-muted">{line.detail}</span>
            </Td>
          </tr>
        ))}
      </tbody>
    </Table>
  );
}

function refusedAsCsv(lines: readonly ImportLine[]): string {
  const refused = lines.filter((line) => line.result === "FAILED").reverse();
  return csv(
    ["line", "name", "code", "field", "detail"],
    refused.map(({ line, name, code, field, detail }) => [line, name, code, field, detail]),
  );
}

function Leave({ run, onStay, onLeave }: { run: ImportRun; onStay: () => void; onLeave: () => void }) {
  return (
    <div className="flex flex-col gap-4">
      <p>
        {count(run.lines.length)} of {plural(run.total, "customer")} are done. Closing this stops nothing: the rest is
        added as long as this page of the browser is open, and what became of each line is here when you come back.
      </p>
      <DialogActions>
        <Button onClick={onStay}>Stay</Button>
        <Button look="primary" onClick={onLeave}>
          Close, and go on adding
        </Button>
      </DialogActions>
    </div>
  );
}
