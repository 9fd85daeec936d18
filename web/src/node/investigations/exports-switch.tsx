import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import * as api from "../../api/answers";
import { Confirm, type Question } from "../../components/confirm";
import { Button } from "../../ui/button";
import { Badge } from "../../ui/marks";
import { Failure } from "../../ui/states";

/** Whether the provider may take files of this workspace along. */
export function ExportsSwitch() {
  const query = useQuery({ queryKey: ["exports"], queryFn: api.exports });
  const [question, setQuestion] = useState<Question | null>(null);
  if (query.error) {
    return (
      <Failure
        error={query.error}
        title="Whether exports are allowed could not be read"
        onRetry={() => void query.refetch()}
      />
    );
  }
  if (!query.data) return null;
  const { allowed } = query.data;
  const ask = () =>
    setQuestion(
      allowed
        ? {
            title: "Forbid exports?",
            meaning:
              "From now on no file of this workspace is made for the provider. Files that were taken stay taken.",
            action: "Forbid",
            danger: false,
            done: "Exports are forbidden",
            run: () => api.setExports(false),
            refresh: ["exports"],
          }
        : {
            title: "Allow exports?",
            meaning:
              "Technicians of the provider can then save investigations as PDF or JSON, and rows of a log search as CSV, on their own machines. What has left this node is out of its reach. Each file is in your audit.",
            action: "Allow",
            danger: true,
            done: "Exports are allowed",
            run: () => api.setExports(true),
            refresh: ["exports"],
          },
    );
  return (
    <section
      aria-label="Exports"
      className="flex shrink-0 flex-wrap items-center gap-x-3 gap-y-1 rounded-md border border-line bg-surface px-3 py-2"
    >
      <span className="font-medium">Exports allowed</span>
      <Badge tone={allowed ? "warn" : "ok"}>{allowed ? "Yes" : "No"}</Badge>
      <span className="min-w-0 flex-1 text-muted">
        {allowed
          ? "Your provider may save investigations and search results of this workspace as files. Each is in your audit."
          : "Your data stays at this node: your provider reads it here and takes no file of it along."}
      </span>
      <Button aria-pressed={allowed} onClick={ask}>
        {allowed ? "Forbid…" : "Allow…"}
      </Button>
      <Confirm question={question} onClose={() => setQuestion(null)} />
    </section>
  );
}
