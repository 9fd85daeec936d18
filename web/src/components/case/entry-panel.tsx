import type { ReactNode } from "react";
import type { Evidence } from "../../api/case-types";
import type { Signal } from "../../api/types";
import { changeValue, type Entry } from "../../lib/case-entries";
import { bytes } from "../../lib/format";
import { FactRow, Facts } from "../../ui/facts";
import { Moment } from "../../ui/marks";
import { ScrollBox } from "../../ui/scroll-box";
import { EventDetail } from "../event-detail";
import { useCase } from "./case-context";
import { AuthorName, VisibilityBadge } from "./comments";
import { DownloadButton, FileChips, ScanBadge } from "./files";

interface Props {
  entry: Entry;
  /** How a signal is shown: what stands behind it is asked differently by different people. */
  signal: (signal: Signal) => ReactNode;
}

/** All that is known of the entry that is open. */
export function EntryPanel({ entry, signal }: Props) {
  switch (entry.kind) {
    case "signal":
      return signal(entry.signal);
    case "evidence":
      return (
        <Box label="Evidence" title="Evidence">
          <EvidenceFacts evidence={entry.evidence} />
          <EventDetail event={entry.evidence.event} />
        </Box>
      );
    case "comment":
      return <CommentBox entry={entry} />;
    case "file":
      return (
        <Box label="File" title={entry.file.file_name}>
          <Facts>
            <FactRow label="Attached by">
              <AuthorName author={entry.file.author} />
            </FactRow>
            <FactRow label="When">
              <Moment time={entry.file.created_time} long />
            </FactRow>
            <FactRow label="Size">{bytes(entry.file.size)}</FactRow>
            <FactRow label="Kind">{entry.file.mime_type}</FactRow>
            <FactRow label="Scan">
              <ScanBadge file={entry.file} /> <DownloadButton file={entry.file} />
            </FactRow>
            <FactRow label="SHA-256">
              <span className="mono break-all">{entry.file.sha256}</span>
            </FactRow>
          </Facts>
        </Box>
      );
    case "change":
      return (
        <Box label="Change" title={entry.change.field === "opened" ? "Opened" : `Changed: ${entry.change.field}`}>
          <Facts>
            <FactRow label="Who">{entry.change.actor}</FactRow>
            <FactRow label="When">
              <Moment time={entry.change.time} long />
            </FactRow>
            <FactRow label="From">{changeValue(entry.change.field, entry.change.from)}</FactRow>
            <FactRow label="To">{changeValue(entry.change.field, entry.change.to)}</FactRow>
          </Facts>
        </Box>
      );
  }
}

function CommentBox({ entry }: { entry: Extract<Entry, { kind: "comment" }> }) {
  const { other, provider } = useCase();
  const { comment } = entry;
  return (
    <Box label="Comment" title="Comment">
      <div className="flex flex-wrap items-center gap-2">
        <AuthorName author={comment.author} />
        <span className="text-muted">
          <Moment time={comment.created_time} long />
        </span>
        {provider ? <VisibilityBadge visibility={comment.visibility} other={other} /> : null}
      </div>
      <p className="break-words whitespace-pre-wrap">{comment.body}</p>
      <FileChips files={comment.attachments} />
    </Box>
  );
}

export function EvidenceFacts({ evidence }: { evidence: Evidence }) {
  return (
    <Facts>
      <FactRow label="Added by">{evidence.added_by}</FactRow>
      <FactRow label="Added">
        <Moment time={evidence.added_time} long />
      </FactRow>
      {evidence.note ? <FactRow label="Note">{evidence.note}</FactRow> : null}
      <FactRow label="Happened">
        <Moment time={evidence.event.event_time} long />
      </FactRow>
    </Facts>
  );
}

export function Box({ label, title, children }: { label: string; title: string; children: ReactNode }) {
  return (
    <ScrollBox label={label} className="flex flex-col gap-3 px-4 py-3">
      <h2 className="text-base font-semibold break-words">{title}</h2>
      {children}
    </ScrollBox>
  );
}
