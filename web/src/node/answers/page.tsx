import { useNavigate, useSearch } from "@tanstack/react-router";
import { Download, MessagesSquare } from "lucide-react";
import { useState } from "react";
import * as api from "../../api/answers";
import { Rows } from "../../components/rows";
import { type AnswerSearch, answerFilter, answerWord, kindsOf } from "../../lib/answers";
import { useTicking } from "../../lib/clock";
import { cn } from "../../lib/cn";
import { count, zoneName } from "../../lib/format";
import { usePages } from "../../lib/pages";
import { RANGE_WORDS, RANGES } from "../../lib/time-range";
import { buttonClass } from "../../ui/button";
import { controlClass } from "../../ui/field";
import { Badge, Moment } from "../../ui/marks";
import { Select } from "../../ui/select";
import { Empty, PageHead } from "../../ui/states";
import { Table, Td, Th, trClass } from "../../ui/table";

const MINUTE_MS = 60_000;
const REFRESH_MS = 15_000;

/** Every answer that left this node for the console: who asked, when, what kind, how many rows. */
export function AnswersPage() {
  const search = useSearch({ from: "/frame/answers" });
  const navigate = useNavigate({ from: "/answers" });
  const minute = Number(useTicking((now) => String(Math.floor(now / MINUTE_MS) * MINUTE_MS)));
  const pages = usePages(
    ["answers", search],
    (cursor) => api.answers(answerFilter(search, Date.now()), cursor),
    REFRESH_MS,
  );
  const change = (next: Partial<AnswerSearch>) =>
    void navigate({ search: (now) => ({ ...now, ...next }), replace: true });
  const narrowed = Boolean(search.email || search.kind || search.range !== "all");
  return (
    <div className="flex h-full min-w-[892px] flex-col gap-2.5 p-3">
      <PageHead title="Answers given to the console" note="who asked, when, what kind, how many rows">
        <a
          href={api.answersFile(answerFilter(search, minute))}
          download
          title="One answer a line, for programs"
          className={buttonClass()}
        >
          <Download size={14} aria-hidden="true" />
          Download NDJSON
        </a>
      </PageHead>
      <p className="max-w-4xl text-muted">
        Your data stays at this node; the provider’s console asks for what its people look at and keeps none of it. This
        is the record of all it was told: kept here, and yours to check against what you were promised.
      </p>
      <AnswerFilters search={search} kinds={kindsOf(pages.rows)} onChange={change} />
      <Rows
        label="Answers"
        className="flex-1"
        skeleton={12}
        {...pages}
        empty={
          <Empty
            icon={<MessagesSquare size={18} />}
            title={narrowed ? "No answer is like that" : "The console was told nothing yet"}
          />
        }
      >
        {(rows) => (
          <Table label="Answers">
            <thead>
              <tr>
                <Th className="w-44">Time ({zoneName()})</Th>
                <Th>Who</Th>
                <Th>Asked for</Th>
                <Th className="w-24 text-right">Times</Th>
                <Th className="w-28 text-right">Rows each</Th>
                <Th className="w-28">Outcome</Th>
              </tr>
            </thead>
            <tbody>
              {rows.map((answer) => (
                <tr key={answer.id} className={trClass} data-answer={answer.id}>
                  <Td className="text-muted">
                    <Moment time={answer.time} long />
                  </Td>
                  <Td className="break-all">{answer.email}</Td>
                  <Td>
                    <button
                      type="button"
                      title={`Only these: ${answer.kind}`}
                      className="text-left hover:underline"
                      onClick={() => change({ kind: answer.kind })}
                    >
                      {answerWord(answer.kind)}
                    </button>
                    <span className="mono block break-all text-muted">{answer.kind}</span>
                  </Td>
                  <Td className="text-right">{count(answer.times)}</Td>
                  <Td className="text-right">{count(answer.rows)}</Td>
                  <Td>
                    {answer.status < 400 ? (
                      <span className="text-muted">answered</span>
                    ) : (
                      <Badge tone="warn" title={`HTTP status ${answer.status}`}>
                        refused
                      </Badge>
                    )}
                  </Td>
                </tr>
              ))}
            </tbody>
          </Table>
        )}
      </Rows>
    </div>
  );
}

interface FiltersProps {
  search: AnswerSearch;
  /** Kinds there are to choose from. */
  kinds: readonly string[];
  onChange: (change: Partial<AnswerSearch>) => void;
}

function AnswerFilters({ search, kinds, onChange }: FiltersProps) {
  const [person, setPerson] = useState<{ over: string; now: string } | null>(null);
  const known = search.email ?? "";
  const shown = person?.over === known ? person.now : known;
  const take = () => {
    if (shown.trim() !== known) onChange({ email: shown.trim() || undefined });
  };
  return (
    <div role="group" aria-label="Which answers" className="flex flex-wrap gap-2">
      <input
        aria-label="Person"
        placeholder="Everybody: a whole mail address"
        spellCheck={false}
        className={cn(controlClass, "w-72")}
        value={shown}
        onChange={(event) => setPerson({ over: known, now: event.target.value })}
        onBlur={take}
        onKeyDown={(event) => {
          if (event.key === "Enter") take();
        }}
      />
      <Select
        aria-label="Kind"
        className={cn("w-56", search.kind ? "border-accent" : "")}
        value={search.kind ?? ""}
        onChange={(event) => onChange({ kind: event.target.value || undefined })}
      >
        <option value="">Every kind</option>
        {(search.kind && !kinds.includes(search.kind) ? [search.kind, ...kinds] : kinds).map((kind) => (
          <option key={kind} value={kind}>
            {answerWord(kind)}
          </option>
        ))}
      </Select>
      <Select
        aria-label="Time"
        className={cn("w-44", search.range === "all" ? "" : "border-accent")}
        value={search.range}
        onChange={(event) => {
          const range = RANGES.find((one) => one === event.target.value);
          if (range && range !== "custom") onChange({ range });
        }}
      >
        {RANGES.filter((range) => range !== "custom").map((range) => (
          <option key={range} value={range}>
            {RANGE_WORDS[range]}
          </option>
        ))}
      </Select>
    </div>
  );
}
