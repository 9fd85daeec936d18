import { Download, Paperclip, Upload as UploadIcon, X } from "lucide-react";
import { type DragEvent, type ReactNode, useRef, useState } from "react";
import type { Attachment, ScanStatus } from "../../api/case-types";
import { cn } from "../../lib/cn";
import { save } from "../../lib/csv";
import { bytes, plural } from "../../lib/format";
import { Button, IconButton } from "../../ui/button";
import { Badge, Moment } from "../../ui/marks";
import { Empty } from "../../ui/states";
import { Table, Td, Th, ThActions, trClass, wideClass } from "../../ui/table";
import { Rows } from "../rows";
import { useAction } from "../use-action";
import { CASE_LISTS, useAttachments, useCase } from "./case-context";
import { MAX_FILE_BYTES, type Upload, useUploads } from "./uploads";

interface Scan {
  word: string;
  tone: "neutral" | "ok" | "warn" | "bad";
  /** Why it cannot be downloaded. */
  refused: string | null;
}

export const SCAN: Record<ScanStatus, Scan> = {
  PENDING: {
    word: "Being scanned",
    tone: "neutral",
    refused: "It is being scanned for malware. Try again in a moment.",
  },
  CLEAN: { word: "No malware found", tone: "ok", refused: null },
  INFECTED: { word: "Malware found", tone: "bad", refused: "The scan found malware in it: it cannot be downloaded." },
  UNSCANNED: { word: "Not scanned", tone: "warn", refused: null },
  FAILED: { word: "The scan failed", tone: "warn", refused: null },
};

const SCAN_HINT: Record<ScanStatus, string> = {
  PENDING: "The node is looking for malware in it",
  CLEAN: "The node looked for malware and found none",
  INFECTED: "It stays at the node and is given to nobody",
  UNSCANNED: "The node has no scanner: treat it with care",
  FAILED: "The scanner could not tell: treat it with care",
};

export function ScanBadge({ file }: { file: Attachment }) {
  const { word, tone } = SCAN[file.scan_status];
  return (
    <Badge tone={tone} title={file.scan_detail ?? SCAN_HINT[file.scan_status]}>
      {word}
    </Badge>
  );
}

/** Gives a file to the person, or says why not. */
export function DownloadButton({ file }: { file: Attachment }) {
  const { source } = useCase();
  const { refused } = SCAN[file.scan_status];
  const get = useAction({
    run: async () => save(file.file_name, await (await source.attachment(file.id)).blob()),
    refused: `Not downloaded: ${file.file_name}`,
  });
  return (
    <IconButton
      label={refused ? `Cannot be downloaded: ${file.file_name}. ${refused}` : `Download ${file.file_name}`}
      className="size-6"
      disabled={refused !== null || get.busy}
      aria-busy={get.busy}
      onClick={() => get.start()}
    >
      <Download size={14} aria-hidden="true" />
    </IconButton>
  );
}

/** Where files are dropped, or chosen. */
export function DropArea({
  label,
  onFiles,
  children,
  className,
}: {
  label: string;
  onFiles: (files: Iterable<File>) => void;
  children?: ReactNode;
  className?: string;
}) {
  const [over, setOver] = useState(false);
  const input = useRef<HTMLInputElement>(null);
  const drag = (event: DragEvent) => {
    event.preventDefault();
    setOver(event.type === "dragenter" || event.type === "dragover");
  };
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: the button in it does the same by keyboard
    <div
      data-testid="drop"
      onDragEnter={drag}
      onDragOver={drag}
      onDragLeave={drag}
      onDrop={(event) => {
        drag(event);
        onFiles(event.dataTransfer.files);
      }}
      className={cn(
        "rounded-md border border-dashed",
        over ? "border-accent bg-selected" : "border-control",
        className,
      )}
    >
      {children}
      <input
        ref={input}
        type="file"
        multiple
        aria-label={label}
        className="sr-only"
        tabIndex={-1}
        onChange={(event) => {
          onFiles(event.target.files ?? []);
          event.target.value = "";
        }}
      />
      <Button look="quiet" icon={<Paperclip size={14} aria-hidden="true" />} onClick={() => input.current?.click()}>
        {label}
      </Button>
    </div>
  );
}

/** Files on their way, each with how far it is or why it was refused. */
export function UploadList({ uploads, onDismiss }: { uploads: readonly Upload[]; onDismiss: (key: number) => void }) {
  if (uploads.length === 0) return null;
  return (
    <ul aria-label="Files on their way" className="flex flex-col gap-1">
      {uploads.map(({ key, name, part, error }) => (
        <li key={key} className="flex min-h-7 items-center gap-2 rounded-sm border border-line px-2 py-1">
          <UploadIcon size={14} className="shrink-0 text-muted" aria-hidden="true" />
          <span className="min-w-0 flex-1 break-words">
            {name}{" "}
            {error ? (
              <span role="alert" className="text-danger">
                {error}
              </span>
            ) : null}
          </span>
          {error ? null : (
            <>
              <progress className="h-1.5 w-28 accent-accent" aria-label={`Sending ${name}`} value={part} max={1} />
              <span className="w-10 text-right text-sm text-muted">{Math.round(part * 100)} %</span>
            </>
          )}
          <IconButton
            label={error ? `Dismiss ${name}` : `Stop sending ${name}`}
            className="size-6"
            onClick={() => onDismiss(key)}
          >
            <X size={14} aria-hidden="true" />
          </IconButton>
        </li>
      ))}
    </ul>
  );
}

/** All files of the case. */
export function Files() {
  const { mayEdit, row } = useCase();
  const query = useAttachments();
  const reread = useAction({ run: async () => undefined, refresh: CASE_LISTS });
  const { uploads, start, dismiss } = useUploads(() => reread.start());
  return (
    <div className="flex min-h-80 flex-1 flex-col gap-2.5">
      {mayEdit ? (
        <DropArea label="Attach files" onFiles={start} className="flex items-center gap-2 px-3 py-2">
          <span className="flex-1 text-muted">
            Drop files here, up to {bytes(MAX_FILE_BYTES)} each. They stay at the node in{" "}
            {row.rrn.split(":")[2] ?? "its region"}.
          </span>
        </DropArea>
      ) : null}
      <UploadList uploads={uploads} onDismiss={dismiss} />
      <Rows
        label="Files"
        className="flex-1"
        rows={query.data?.data}
        error={query.error}
        onRetry={() => void query.refetch()}
        skeleton={3}
        empty={
          <Empty icon={<Paperclip size={18} />} title="No files">
            What is attached here or to a comment is listed here.
          </Empty>
        }
      >
        {(rows) => <FileTable rows={rows} />}
      </Rows>
    </div>
  );
}

function FileTable({ rows }: { rows: readonly Attachment[] }) {
  return (
    <Table label="Files">
      <thead>
        <tr>
          <Th>Name</Th>
          <Th className="text-right">Size</Th>
          <Th>Scan</Th>
          <Th>Attached by</Th>
          <Th>When</Th>
          <Th className={wideClass}>SHA-256</Th>
          <ThActions className="w-12" />
        </tr>
      </thead>
      <tbody>
        {rows.map((file) => (
          <tr key={file.id} className={trClass} data-file={file.file_name}>
            <Td className="font-medium break-all">{file.file_name}</Td>
            <Td className="text-right whitespace-nowrap">{bytes(file.size)}</Td>
            <Td>
              <ScanBadge file={file} />
            </Td>
            <Td>{file.author.name || file.author.email}</Td>
            <Td className="text-muted">
              <Moment time={file.created_time} long />
            </Td>
            <Td className={cn("mono text-muted", wideClass)} title={file.sha256}>
              {file.sha256.slice(0, 16)}…
            </Td>
            <Td>
              <DownloadButton file={file} />
            </Td>
          </tr>
        ))}
      </tbody>
    </Table>
  );
}

/** Files of one comment, in a line. */
export function FileChips({
  files,
  onRemove,
}: {
  files: readonly Attachment[];
  onRemove?: (file: Attachment) => void;
}) {
  if (files.length === 0) return null;
  return (
    <ul aria-label={plural(files.length, "file")} className="flex flex-wrap gap-1.5">
      {files.map((file) => (
        <li key={file.id} className="flex h-7 items-center gap-1.5 rounded-sm border border-line pl-2">
          <Paperclip size={13} className="text-muted" aria-hidden="true" />
          <span className="max-w-60 truncate" title={file.file_name}>
            {file.file_name}
          </span>
          <span className="text-sm text-muted">{bytes(file.size)}</span>
          <ScanBadge file={file} />
          {onRemove ? (
            <IconButton label={`Leave out ${file.file_name}`} className="size-6" onClick={() => onRemove(file)}>
              <X size={13} aria-hidden="true" />
            </IconButton>
          ) : (
            <DownloadButton file={file} />
          )}
        </li>
      ))}
    </ul>
  );
}
