import { useQuery } from "@tanstack/react-query";
import { Cable, Plus } from "lucide-react";
import { useState } from "react";
import * as api from "../../api/node";
import type { Collector, CreatedSource, Source } from "../../api/types";
import { Confirm, type Question } from "../../components/confirm";
import { Rows } from "../../components/rows";
import { useAction } from "../../components/use-action";
import { plural } from "../../lib/format";
import { readAll } from "../../lib/pages";
import { byCollector } from "../../lib/source-form";
import { Button } from "../../ui/button";
import { Empty, PageHead } from "../../ui/states";
import { CollectorDialog } from "./collector-form";
import { NewKey } from "./new-key";
import { removingCollector, removingSource, rotatingKey } from "./questions";
import { SourceDialog } from "./source-form";
import { SourceTable } from "./table";

/** What a dialog is open for: a new one, or one that is there. */
type Editing =
  | { what: "source"; source: Source | null; collector: string | null }
  | { what: "collector"; collector: Collector | null };

/** The streams of logs into this workspace, under the collectors that send them; what each brought, and their keys. */
export function SourcesPage() {
  const sources = useQuery({ queryKey: ["sources"], queryFn: () => readAll(api.sources), refetchInterval: 4000 });
  const collectors = useQuery({
    queryKey: ["collectors"],
    queryFn: () => readAll(api.collectors),
    refetchInterval: 4000,
  });
  const [editing, setEditing] = useState<Editing | null>(null);
  const [question, setQuestion] = useState<Question | null>(null);
  const [created, setCreated] = useState<CreatedSource | null>(null);
  const change = useAction({
    run: (work: () => Promise<unknown>) => work(),
    refused: "Nothing was changed",
    refresh: ["sources", "collectors"],
  });
  const groups = sources.data && collectors.data ? byCollector(collectors.data, sources.data) : undefined;
  const add = (
    <Button
      look="primary"
      icon={<Plus size={15} aria-hidden="true" />}
      onClick={() => setEditing({ what: "source", source: null, collector: null })}
    >
      Add source
    </Button>
  );
  return (
    <div className="flex h-full min-w-[892px] flex-col gap-2.5 p-3">
      <PageHead
        title="Sources"
        note={
          sources.data && collectors.data
            ? `${plural(sources.data.length, "source")}, ${plural(collectors.data.length, "collector")}`
            : null
        }
      >
        <Button
          icon={<Plus size={15} aria-hidden="true" />}
          onClick={() => setEditing({ what: "collector", collector: null })}
        >
          Add collector
        </Button>
        {add}
      </PageHead>
      <Rows
        label="Sources"
        rows={groups}
        error={sources.error ?? collectors.error}
        onRetry={() => {
          void sources.refetch();
          void collectors.refetch();
        }}
        empty={
          <Empty icon={<Cable size={18} />} title="No sources yet" action={add}>
            A source is one stream of logs. It gets a key of its own, and that key is the only way in.
          </Empty>
        }
      >
        {(rows) => (
          <SourceTable
            groups={rows}
            onAddTo={(collector) => setEditing({ what: "source", source: null, collector: collector.id })}
            onEdit={(source) => setEditing({ what: "source", source, collector: source.collector ?? null })}
            onEditCollector={(collector) => setEditing({ what: "collector", collector })}
            onToggle={(source) => change.start(() => api.patchSource(source.id, { enabled: !source.enabled }))}
            onToggleCollector={(c) => change.start(() => api.patchCollector(c.id, { enabled: !c.enabled }))}
            onRotate={(source) => setQuestion(rotatingKey(source, setCreated))}
            onRemove={(source) => setQuestion(removingSource(source))}
            onRemoveCollector={(collector) => setQuestion(removingCollector(collector))}
          />
        )}
      </Rows>
      <SourceDialog
        editing={editing?.what === "source" ? editing : null}
        collectors={collectors.data ?? []}
        onClose={() => setEditing(null)}
        onMade={setCreated}
      />
      <CollectorDialog editing={editing?.what === "collector" ? editing : null} onClose={() => setEditing(null)} />
      <Confirm question={question} onClose={() => setQuestion(null)} />
      <NewKey created={created} onClose={() => setCreated(null)} />
    </div>
  );
}
