"""Exports logs with the SDK of OpenTelemetry, as a user would, and prints what came back. Arguments: address, ingest key."""
import json, sys, time
from opentelemetry._logs import SeverityNumber
from opentelemetry.exporter.otlp.proto.http import Compression
from opentelemetry.exporter.otlp.proto.http._log_exporter import OTLPLogExporter
from opentelemetry.sdk._logs import LoggerProvider
from opentelemetry.sdk._logs.export import BatchLogRecordProcessor, LogRecordExportResult
from opentelemetry.sdk.resources import Resource

url, key = sys.argv[1:]


def export(kind, compression, key):
    results = []

    class Watched(OTLPLogExporter):
        def export(self, batch):
            results.append(super().export(batch))
            return results[-1]

    exporter = Watched(endpoint=f"{url}/v1/logs", headers={"authorization": f"Bearer {key}"}, compression=compression, timeout=20)
    provider = LoggerProvider(resource=Resource.create({"service.name": "shop", "host.name": "web-1"}))
    provider.add_log_record_processor(BatchLogRecordProcessor(exporter))
    logger = provider.get_logger("app.log", "1.0")
    sshd = f"<86>1 {time.strftime('%Y-%m-%dT%H:%M:%SZ', time.gmtime())} web-1 sshd 4242 - - Failed password for failedlogin from 198.51.100.4 port 4711 ssh2"
    for body in (f"text of {kind}", {"kind": kind, "n": 1}, sshd):
        logger.emit(timestamp=time.time_ns(), severity_number=SeverityNumber.INFO, severity_text="INFO", body=body, attributes={"kind": kind})
    provider.shutdown()
    return bool(results) and all(result == LogRecordExportResult.SUCCESS for result in results)


print(json.dumps({
    "plain": export("plain", Compression.NoCompression, key),
    "gzip": export("gzip", Compression.Gzip, key),
    "wrong_key": export("wrong", Compression.NoCompression, "bwk_acme_wrong"),
}))
