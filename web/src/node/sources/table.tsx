import { KeyRound, Pencil, Plus, Power, Trash2 } from "lucide-react";
import type { Collector, Source } from "../../api/types";
import { RowMenu, RowMenuButton, type RowMenuState, useRowMenu } from "../../components/row-menu";
import { cn } from "../../lib/cn";
import { bytes, count } from "../../lib/format";
import { FORMAT } from "../../lib/words";
import { Age, Badge } from "../../ui/marks";
import { MenuItem, MenuSeparator } from "../../ui/menu";
import { Table, Td, Th, ThActions, trClass, wideClass } from "../../ui/table";
import { CollectorLine } from "./collector-line";

export type Group = { collector: Collector | null; sources: Source[] };

interface Props {
  groups: readonly Group[];
  onAddTo: (collector: Collector) => void;
  onEdit: (source: Source) => void;
  onEditCollector: (collector: Collector) => void;
  onToggle: (source: Source) => void;
  onToggleCollector: (collector: Collector) => void;
  onRotate: (source: Source) => void;
  onRemove: (source: Source) => void;
  onRemoveCollector: (collector: Collector) => void;
}

/** Collectors as headings, their sources below, in columns that line up through the whole table. */
export function SourceTable(props: Props) {
  const sources = useRowMenu<Source>();
  const collectors = useRowMenu<Collector>();
  return (
    <>
      <Table label="Sources" nowrap>
        <thead>
          <tr>
            <Th>Name</Th>
            <Th>Category</Th>
            <Th>Format, tier</Th>
            <Th className={wideClass}>Key</Th>
            <Th>Syslog ports</Th>
            <Th className="text-right">Received</Th>
            <Th className="text-right">Failed</Th>
            <Th className="text-right">Dropped</Th>
            <Th className="text-right">Bytes</Th>
            <Th className="text-right">Last seen</Th>
            <ThActions />
          </tr>
        </thead>
        {props.groups.map(({ collector, sources: rows }) => (
          <tbody key={collector?.id ?? "none"}>
            {collector ? (
              <CollectorLine collector={collector} menu={collectors} />
            ) : props.groups.length > 1 ? (
              <tr>
                <Td colSpan={11} className="bg-bg font-medium text-muted">
                  Sent without a collector
                </Td>
              </tr>
            ) : null}
            {rows.map((source) => (
              <SourceLine key={source.id} source={source} indent={props.groups.length > 1} menu={sources} />
            ))}
          </tbody>
        ))}
      </Table>
      <RowMenu menu={sources}>{(source) => <SourceMenu source={source} {...props} />}</RowMenu>
      <RowMenu menu={collectors}>{(collector) => <CollectorMenu collector={collector} {...props} />}</RowMenu>
    </>
  );
}

function SourceLine({ source, indent, menu }: { source: Source; indent: boolean; menu: RowMenuState<Source> }) {
  return (
    <tr className={trClass} data-source={source.name}>
      <Td className={indent ? "pl-8" : ""}>
        <span className="inline-flex max-w-72 items-center gap-2">
          <span className={cn("truncate", source.enabled ? "font-medium" : "text-muted")}>{source.name}</span>
          {source.enabled ? null : <Badge>off</Badge>}
          {source.worst_issue ? (
            <Badge tone={source.worst_issue === "Error" ? "bad" : "warn"} title={`${source.open_issues} open`}>
              {source.worst_issue}
            </Badge>
          ) : null}
        </span>
      </Td>
      <Td className="mono max-w-48 truncate text-muted" title={source.source_category}>
        {source.source_category}
      </Td>
      <Td>
        <span title={source.parser ? `Parser ${source.parser}` : FORMAT[source.format]}>
          {source.parser ?? source.format}
        </span>
        ,{" "}
        <span className="text-muted">
          {source.tier}
          {source.cse ? "" : ", not detected"}
        </span>
      </Td>
      <Td className={cn("mono text-muted", wideClass)} title="How its key begins">
        {source.key_hint}…
      </Td>
      <Td className="mono">
        <Ports source={source} />
      </Td>
      <Td className="text-right">{count(source.received)}</Td>
      <Td className={cn("text-right", source.failed > 0 ? "text-warn-text" : "text-muted")}>{count(source.failed)}</Td>
      <Td className={cn("text-right", source.dropped > 0 ? "text-danger" : "text-muted")}>{count(source.dropped)}</Td>
      <Td className="text-right text-muted">{bytes(source.bytes)}</Td>
      <Td className="text-right text-muted">{source.last_seen ? <Age time={source.last_seen} /> : "Never"}</Td>
      <Td className="w-10 pl-0 text-right">
        <RowMenuButton name={source.name} row={source} menu={menu} />
      </Td>
    </tr>
  );
}

function Ports({ source }: { source: Source }) {
  if (source.syslog_error) {
    return (
      <Badge tone="bad" title={source.syslog_error}>
        does not listen
      </Badge>
    );
  }
  const ports = [
    ["tcp", source.syslog_tcp],
    ["udp", source.syslog_udp],
    ["tls", source.syslog_tls],
  ].filter((pair): pair is [string, string] => Boolean(pair[1]));
  if (ports.length === 0) return <span className="text-muted">–</span>;
  return (
    <span title={ports.map(([kind, at]) => `${kind} ${at}`).join(", ")}>
      {ports.map(([kind, at]) => `${kind} ${at.slice(at.lastIndexOf(":"))}`).join(" ")}
    </span>
  );
}

function SourceMenu({ source, onEdit, onRotate, onToggle, onRemove }: Props & { source: Source }) {
  return (
    <>
      <MenuItem onClick={() => onEdit(source)}>
        <Pencil size={14} aria-hidden="true" /> Edit…
      </MenuItem>
      <MenuItem onClick={() => onRotate(source)}>
        <KeyRound size={14} aria-hidden="true" /> New key…
      </MenuItem>
      <MenuItem onClick={() => onToggle(source)}>
        <Power size={14} aria-hidden="true" /> {source.enabled ? "Switch off" : "Switch on"}
      </MenuItem>
      <MenuSeparator />
      <MenuItem onClick={() => onRemove(source)}>
        <Trash2 size={14} aria-hidden="true" /> Remove…
      </MenuItem>
    </>
  );
}

function CollectorMenu(props: Props & { collector: Collector }) {
  const { collector, onAddTo, onEditCollector, onToggleCollector, onRemoveCollector } = props;
  return (
    <>
      <MenuItem onClick={() => onAddTo(collector)}>
        <Plus size={14} aria-hidden="true" /> Add a source…
      </MenuItem>
      <MenuItem onClick={() => onEditCollector(collector)}>
        <Pencil size={14} aria-hidden="true" /> Edit…
      </MenuItem>
      <MenuItem onClick={() => onToggleCollector(collector)}>
        <Power size={14} aria-hidden="true" /> {collector.enabled ? "Switch off with its sources" : "Switch on"}
      </MenuItem>
      <MenuSeparator />
      <MenuItem onClick={() => onRemoveCollector(collector)}>
        <Trash2 size={14} aria-hidden="true" /> Remove…
      </MenuItem>
    </>
  );
}
