#!/usr/bin/env python3
"""Ten million events through the front door, then searches and aggregates, next to DuckDB and ClickHouse (chdb) on plain Parquet of the same
events, and the bytes on disk next to `zstd -3` of the raw NDJSON.

usage: bench/lake.py --generator DIR [--events 10000000] [--work DIR]

  --generator DIR  generate.py and rewrite.py, which make the events as Parquet (Python with numpy, pyarrow, duckdb, chdb, pytz)
  --work DIR       where the events are made and kept for the next run"""
import argparse, glob, json, os, statistics, subprocess, sys, tempfile, time
from node import BINARY, Node, cpu_seconds, machine, need, rss_mib, settled

OURS = {
    "rare word": ("search", {"query": "mimidrv", "limit": 100}),
    "exact value": ("search", {"query": "source.ip:203.0.113.77", "limit": 50}),
    "sum by category": ("sql", "select source_category_raw, sum(raw_bytes) n from events group by 1 order by 2 desc"),
    "top users": ("sql", "select user_name, count(*) n from events where event_severity in ('high','critical') group by 1 order by 2 desc limit 10"),
    "count by 15 min": ("sql", "select date_bin(interval '15 minutes', event_time) t, count(*) from events where event_time >= timestamp '2026-09-21T13:00:00Z' and event_time < timestamp '2026-09-21T14:00:00Z' group by 1 order by 1"),
}
PEERS = {
    "rare word": "SELECT event_time, host, message FROM {s} WHERE message LIKE '%mimidrv%' ORDER BY event_time DESC LIMIT 100",
    "exact value": "SELECT * FROM {s} WHERE src_ip = '203.0.113.77' LIMIT 50",
    "sum by category": "SELECT source_category, sum({length}(message)) n FROM {s} GROUP BY 1 ORDER BY 2 DESC",
    "top users": "SELECT \"user\", count(*) n FROM {s} WHERE severity IN ('high','critical') GROUP BY 1 ORDER BY 2 DESC LIMIT 10",
    "count by 15 min": "SELECT {bin} t, count(*) FROM {s} WHERE event_time >= {a} AND event_time < {b} GROUP BY 1 ORDER BY 1",
}


def ndjson(work):
    """The raw events as lines, once."""
    import pyarrow.parquet as pq
    out = os.path.join(work, "events.ndjson")
    if os.path.exists(out):
        return out
    with open(out + ".new", "w") as file:
        for part in sorted(glob.glob(work + "/raw/*.parquet")):
            for batch in pq.ParquetFile(part).iter_batches(50_000):
                for row in batch.to_pylist():
                    row["event_time"] = row["event_time"].isoformat()
                    file.write(json.dumps(row, separators=(",", ":")) + "\n")
    os.rename(out + ".new", out)
    return out


def timed(run, reps=5):
    times = []
    for _ in range(reps):
        before = time.perf_counter()
        rows = run()
        times.append((time.perf_counter() - before) * 1e3)
    return statistics.median(times), min(times), rows


def main():
    options = argparse.ArgumentParser(usage=__doc__)
    options.add_argument("--generator", required=True)
    options.add_argument("--events", type=int, default=10_000_000)
    options.add_argument("--work", default=os.path.join(tempfile.gettempdir(), "bailiwick-bench-lake"))
    given = options.parse_args()
    need(os.path.exists(BINARY), "build first: make release")
    machine()
    os.makedirs(given.work, exist_ok=True)
    generator = os.path.abspath(given.generator)
    if not glob.glob(given.work + "/raw/*.parquet"):
        subprocess.run([sys.executable, generator + "/generate.py", str(given.events), "10", "raw"], cwd=given.work, check=True)
    if not glob.glob(given.work + "/pq/*.parquet"):
        subprocess.run([sys.executable, generator + "/rewrite.py", "3", "1000000", "pq", "10", "8192"], cwd=given.work, check=True)
    lines = ndjson(given.work)
    zstd = os.path.join(given.work, "events.ndjson.zst")
    if not os.path.exists(zstd):
        subprocess.run(["zstd", "-3", "-q", "-f", lines, "-o", zstd], check=True)
    node = Node(settings="[flush]\nrows = 250000\nage_seconds = 60\nmax_bytes = 1073741824\nmemory_bytes = 2147483648\n")
    try:
        admin = node.workspace("bench")
        made = admin.call("POST", "/api/v1/sources", {"name": "bench", "source_category": "bench", "cse": False})
        sender, sent = node.sender(made["ingest_key"]), 0
        cpu, wall = node.cpu(), time.time()
        with open(lines, "rb") as file:
            while chunk := file.readlines(4 << 20):
                sender.post(b"".join(chunk))
                sent += len(chunk)
        settled(admin, sent, 1800)
        print(f"ours  ingested {sent} in {time.time() - wall:.0f} s, {sent / (node.cpu() - cpu):.0f} events/cpu-s, peak rss {rss_mib(node.pid, True):.0f} MiB", flush=True)
        wait_for_compaction(admin)
        disk = sum(os.path.getsize(os.path.join(d, f)) for d, _, fs in os.walk(node.directory()) for f in fs if "/lake" in d and "/_delta_log" not in d)
        packed = os.path.getsize(zstd)
        print(f"disk  ours {disk / sent:.1f} B/event, zstd -3 of the raw lines {packed / sent:.1f} B/event, ratio {disk / packed:.2f} (raw {os.path.getsize(lines) / sent:.0f})", flush=True)
        for name, (kind, ask) in OURS.items():
            def run():
                if kind == "search":
                    return len(admin.call("POST", "/api/v1/logs/search", ask)["data"])
                return len(admin.call("POST", "/api/v1/sql", {"query": ask})["data"])
            before = node.cpu()
            median, least, rows = timed(run)
            print(f"ours    {name:<16} median {median:8.1f} ms  min {least:8.1f} ms  cpu {(node.cpu() - before) / 5 * 1e3:8.1f} ms  rows {rows}", flush=True)
    finally:
        node.stop()
    peers(given.work)


def wait_for_compaction(admin):
    before = None
    for _ in range(240):
        storage = admin.call("GET", "/api/v1/storage")
        now = tuple(sum(tier[of] for tier in storage["tiers"]) for of in ("files", "bytes"))
        if now == before:
            print(f"ours  files {now[0]}", flush=True)
            return
        before = now
        time.sleep(15)


def peers(work):
    pq = work + "/pq/*.parquet"
    import duckdb
    duck = duckdb.connect()
    duck.execute("set threads=2")
    words = {"s": f"read_parquet('{pq}')", "length": "strlen", "bin": "time_bucket(interval '15 minutes', event_time)", "a": "timestamptz '2026-09-21 13:00:00+00'", "b": "timestamptz '2026-09-21 14:00:00+00'"}
    race("duckdb", words, lambda q: len(duck.execute(q).fetchall()))
    from chdb import session
    click = session.Session()
    words = {"s": f"file('{pq}', Parquet)", "length": "length", "bin": "toStartOfInterval(event_time, INTERVAL 15 minute)", "a": "toDateTime64('2026-09-21 13:00:00',6,'UTC')", "b": "toDateTime64('2026-09-21 14:00:00',6,'UTC')"}
    race("chdb", words, lambda q: len(click.query(q + " SETTINGS max_threads=2", "TSV").bytes().splitlines()))


def race(name, words, run):
    for query, text in PEERS.items():
        before = cpu_seconds(os.getpid())
        median, least, rows = timed(lambda: run(text.format(**words)))
        print(f"{name:<7} {query:<16} median {median:8.1f} ms  min {least:8.1f} ms  cpu {(cpu_seconds(os.getpid()) - before) / 5 * 1e3:8.1f} ms  rows {rows}", flush=True)


main()
