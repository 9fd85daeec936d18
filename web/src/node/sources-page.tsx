import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Cable, KeyRound, Plus, Power } from "lucide-react";
import { useState } from "react";
import * as api from "../api/node";
import type { CreatedSource, Source } from "../api/types";
import { bytes, count } from "../lib/format";
import { FORMAT } from "../lib/words";
import { Button, IconButton } from "../ui/button";
import { Dialog, DialogActions } from "../ui/dialog";
import { Age, Badge } from "../ui/marks";
import { ScrollBox } from "../ui/scroll-box";
import { Empty, Failure, PageHead, SkeletonRows, words } from "../ui/states";
import { Table, Td, Th, trClass } from "../ui/table";
import { complain } from "../ui/toast";
import { AddSource } from "./add-source";
import { NewKey } from "./new-key";

/** The streams of logs into this workspace, what each brought, and their keys. */
export function SourcesPage() {
  const query = useQuery({ queryKey: ["sources"], queryFn: api.sources, refetchInterval: 3000 });
  const [adding, setAdding] = useState(false);
  const [rotating, setRotating] = useState<Source | null>(null);
  const [created, setCreated] = useState<CreatedSource | null>(null);
  const queries = useQueryClient();
  const refresh = () => void queries.invalidateQueries({ queryKey: ["sources"] });
  const toggle = useMutation({
    mutationFn: (source: Source) => api.setSourceEnabled(source.id, !source.enabled),
    onError: (error) => complain("The source was not changed", words(error)),
    onSettled: refresh,
  });
  const rows = query.data?.data;
  const add = (
    <Button look="primary" icon={<Plus size={15} aria-hidden="true" />} onClick={() => setAdding(true)}>
      Add source
    </Button>
  );
  return (
    <div className="flex h-full min-w-[980px] flex-col gap-2.5 p-3">
      <PageHead title="Sources" note={rows ? `${rows.length}` : null}>
        {add}
      </PageHead>
      {query.error ? (
        <Failure error={query.error} title="The sources could not be read" onRetry={() => void query.refetch()} />
      ) : null}
      <ScrollBox label="Sources">
        {rows === undefined ? (
          query.error ? null : (
            <SkeletonRows rows={5} label="Reading the sources" />
          )
        ) : rows.length === 0 ? (
          <Empty icon={<Cable size={18} />} title="No sources yet" action={add}>
            A source is one stream of logs. It gets a key of its own, and that key is the only way in.
          </Empty>
        ) : (
          <SourceTable rows={rows} onRotate={setRotating} onToggle={(source) => toggle.mutate(source)} />
        )}
      </ScrollBox>
      <AddSource
        open={adding}
        onClose={() => setAdding(false)}
        onCreated={(made) => {
          setAdding(false);
          setCreated(made);
          refresh();
        }}
      />
      <RotateDialog
        source={rotating}
        onClose={() => setRotating(null)}
        onCreated={(made) => {
          setRotating(null);
          setCreated(made);
          refresh();
        }}
      />
      <NewKey created={created} onClose={() => setCreated(null)} />
    </div>
  );
}

interface TableProps {
  rows: Source[];
  onRotate: (source: Source) => void;
  onToggle: (source: Source) => void;
}

function SourceTable({ rows, onRotate, onToggle }: TableProps) {
  return (
    <Table label="Sources" nowrap>
      <thead>
        <tr>
          <Th>Name</Th>
          <Th>Category</Th>
          <Th>Format, tier</Th>
          <Th>Key</Th>
          <Th>Syslog port</Th>
          <Th className="text-right">Events</Th>
          <Th className="text-right">Failed</Th>
          <Th className="text-right">Dropped</Th>
          <Th className="text-right">Bytes</Th>
          <Th className="text-right">Last</Th>
          <Th className="text-right">Actions</Th>
        </tr>
      </thead>
      <tbody>
        {rows.map((source) => (
          <tr key={source.id} className={trClass} data-source={source.name}>
            <Td>
              <span className="inline-flex items-center gap-2">
                <span className={source.enabled ? "font-medium" : "text-muted"}>{source.name}</span>
                {source.enabled ? null : <Badge tone="warn">Off</Badge>}
              </span>
            </Td>
            <Td className="mono text-muted">{source.source_category}</Td>
            <Td>
              <span title={FORMAT[source.format]}>{source.format}</span>,{" "}
              <span className="text-muted">{source.tier}</span>
            </Td>
            <Td className="mono text-muted">{source.key_hint}…</Td>
            <Td className="mono">
              {source.syslog_error ? (
                <Badge tone="bad" title={source.syslog_error}>
                  does not listen
                </Badge>
              ) : (
                (source.syslog_tcp ?? <span className="text-muted">–</span>)
              )}
            </Td>
            <Td className="text-right">{count(source.received)}</Td>
            <Td className={source.failed > 0 ? "text-right text-warn-text" : "text-right text-muted"}>
              {count(source.failed)}
            </Td>
            <Td className={source.dropped > 0 ? "text-right text-danger" : "text-right text-muted"}>
              {count(source.dropped)}
            </Td>
            <Td className="text-right text-muted">{bytes(source.bytes)}</Td>
            <Td className="text-right whitespace-nowrap text-muted">
              {source.last_seen ? <Age time={source.last_seen} /> : "Never"}
            </Td>
            <Td className="text-right whitespace-nowrap">
              <IconButton label={`New key for ${source.name}`} className="h-6" onClick={() => onRotate(source)}>
                <KeyRound size={14} aria-hidden="true" />
              </IconButton>
              <IconButton
                label={`Switch ${source.name} ${source.enabled ? "off" : "on"}`}
                className="h-6"
                aria-pressed={source.enabled}
                onClick={() => onToggle(source)}
              >
                <Power size={14} className={source.enabled ? "text-up" : ""} aria-hidden="true" />
              </IconButton>
            </Td>
          </tr>
        ))}
      </tbody>
    </Table>
  );
}

interface RotateProps {
  source: Source | null;
  onClose: () => void;
  onCreated: (created: CreatedSource) => void;
}

function RotateDialog({ source, onClose, onCreated }: RotateProps) {
  const rotate = useMutation({
    mutationFn: (id: string) => api.rotateKey(id),
    onSuccess: onCreated,
    onError: (error) => complain("No new key was made", words(error)),
  });
  return (
    <Dialog open={source !== null} onClose={onClose} title={`A new key for ${source?.name ?? ""}?`}>
      <p>The present key stops working at once: whoever sends with it is refused until it has the new one.</p>
      <DialogActions>
        <Button onClick={onClose}>Cancel</Button>
        <Button look="primary" busy={rotate.isPending} onClick={() => source && rotate.mutate(source.id)}>
          Make a new key
        </Button>
      </DialogActions>
    </Dialog>
  );
}
