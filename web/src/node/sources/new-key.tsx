import type { CreatedSource } from "../../api/types";
import { Button } from "../../ui/button";
import { Secret } from "../../ui/copy";
import { Dialog, DialogActions } from "../../ui/dialog";

/** The ingest key, this once, with lines that try it out. */
export function NewKey({ created, onClose }: { created: CreatedSource | null; onClose: () => void }) {
  return (
    <Dialog
      open={created !== null}
      onClose={onClose}
      title={`The key of ${created?.source.name ?? ""}`}
      description="Copy it now: it is shown this once, and only its first characters are kept in sight."
      className="w-[680px]"
    >
      {created ? (
        <div className="flex flex-col gap-3">
          <Secret label="Ingest key" text={created.ingest_key} />
          <Secret label="Try it over HTTP" text={curl(created.ingest_key)} />
          {created.source.syslog_tcp ? (
            <Secret label="Try it over syslog" text={logger(created.source.syslog_tcp)} />
          ) : null}
          <DialogActions>
            <Button look="primary" onClick={onClose}>
              I have copied it
            </Button>
          </DialogActions>
        </div>
      ) : null}
    </Dialog>
  );
}

function curl(key: string): string {
  return [
    `curl -sS ${window.location.origin}/ingest/v1/events \\`,
    `  -H 'Authorization: Bearer ${key}' \\`,
    "  -H 'Content-Type: application/x-ndjson' \\",
    `  --data-binary "{\\"@timestamp\\":\\"$(date -u +%FT%TZ)\\",\\"message\\":\\"hello from curl\\"}"`,
  ].join("\n");
}

function logger(address: string): string {
  const at = address.lastIndexOf(":");
  return `logger --tcp --rfc5424 --server ${address.slice(0, at)} --port ${address.slice(at + 1)} "hello from logger"`;
}
