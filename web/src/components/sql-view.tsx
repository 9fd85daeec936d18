import { useMutation, useQuery } from "@tanstack/react-query";
import { Play, Square } from "lucide-react";
import { useEffect, useRef, useState } from "react";
import { ApiError } from "../api/http";
import type { LogSource } from "../api/logs";
import type { SqlAnswer } from "../api/pending";
import { faultOf, positionOf } from "../lib/problems";
import { Button } from "../ui/button";
import { CodeField } from "../ui/code";
import { Select } from "../ui/select";
import { Failure, words } from "../ui/states";
import { complain } from "../ui/toast";
import { SqlResult } from "./sql-result";
import { SqlRunning } from "./sql-running";

const EXAMPLES: [string, string][] = [
  ["Newest records", "SELECT * FROM records ORDER BY event_time DESC LIMIT 100"],
  ["Records by type", "SELECT record_type, count(*) AS n FROM records GROUP BY record_type ORDER BY n DESC"],
  ["Failures by reason", "SELECT reason_code, count(*) AS n FROM failed_records GROUP BY reason_code ORDER BY n DESC"],
];
const LIMITS = [100, 1000, 10_000];

interface Props {
  /** Part of the cache key: whose logs these are. */
  of: string;
  source: LogSource;
  /** The statement that stands in the address. */
  sql: string;
  onSql: (sql: string) => void;
  /** Whether the result may be taken away as a file. */
  files: boolean;
}

/** Read-only SQL over one workspace: a statement, what it gives, and a way to stop it. */
export function SqlView({ of, source, sql, onSql, files }: Props) {
  const [text, setText] = useState(sql);
  const [limit, setLimit] = useState(1000);
  const abort = useRef<AbortController>(null);
  useEffect(() => setText(sql), [sql]);
  useEffect(() => () => abort.current?.abort(), []);
  const run = useMutation({
    mutationFn: (statement: string): Promise<SqlAnswer> => {
      abort.current = new AbortController();
      return source.sql({ sql: statement, limit }, abort.current.signal);
    },
  });
  const running = useQuery({
    queryKey: ["sql-running", of],
    queryFn: source.running,
    refetchInterval: run.isPending ? 1000 : 10_000,
    retry: false,
  });
  const start = () => {
    if (text.trim() === "" || run.isPending) return;
    onSql(text);
    run.mutate(text);
  };
  const stop = async () => {
    try {
      const { data } = await source.running();
      const mine = data.filter((each) => each.sql === run.variables);
      await Promise.all(mine.map((each) => source.stop(each.id)));
      if (mine.length === 0) abort.current?.abort();
    } catch (error) {
      complain("The statement could not be stopped", words(error));
    }
  };
  const fault = faultOf(run.error, "sql");
  const stopped = run.error instanceof ApiError && run.error.code === "CANCELLED";
  return (
    <>
      <form
        className="flex shrink-0 flex-col gap-2"
        onSubmit={(event) => {
          event.preventDefault();
          start();
        }}
      >
        <CodeField
          label="SQL"
          rows={6}
          wrap
          value={text}
          onChange={setText}
          placeholder="SELECT … FROM events, records, failed_records, signals"
          error={fault}
          position={positionOf(run.error)}
          hint="Read-only, over the tables events, records, failed_records and signals. Ctrl and Enter runs it."
          onKeyDown={(event) => {
            if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
              event.preventDefault();
              start();
            }
          }}
        />
        <div className="flex items-center gap-2">
          {run.isPending ? (
            <Button icon={<Square size={13} aria-hidden="true" />} onClick={() => void stop()}>
              Cancel
            </Button>
          ) : (
            <Button
              type="submit"
              look="primary"
              disabled={text.trim() === ""}
              icon={<Play size={13} aria-hidden="true" />}
            >
              Run
            </Button>
          )}
          <Select
            aria-label="Rows at most"
            className="w-36"
            value={limit}
            onChange={(event) => setLimit(Number(event.target.value))}
          >
            {LIMITS.map((each) => (
              <option key={each} value={each}>
                {each.toLocaleString("en-GB")} rows
              </option>
            ))}
          </Select>
          <span className="ml-4 text-sm text-muted">Begin with</span>
          {EXAMPLES.map(([name, statement]) => (
            <Button key={name} look="quiet" onClick={() => setText(statement)}>
              {name}
            </Button>
          ))}
        </div>
      </form>
      {stopped ? (
        <p role="status" className="shrink-0 text-muted">
          The statement was stopped.
        </p>
      ) : run.error && fault === null ? (
        <Failure error={run.error} title="The statement gave no answer" className="shrink-0" />
      ) : null}
      <SqlRunning
        statements={running.data?.data ?? []}
        onStop={(id) =>
          void source
            .stop(id)
            .catch((error) => complain("The statement could not be stopped", words(error)))
            .finally(() => void running.refetch())
        }
      />
      <SqlResult answer={run.data} busy={run.isPending} files={files} />
    </>
  );
}
