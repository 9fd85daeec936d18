#!/usr/bin/env python3
"""Ingest to acknowledged, normalised, detected with a whole rule set, stored and indexed: events per processor second, next to the bare
in-process evaluator on the same events and rules.

usage: bench/ingest.py --data DIR --peer DIR [--repeat N] [--events FILE]...

  --data DIR     holds sigma-rules*.tar.zst and evtx-flat/*.ndjson.zst, windows-*.ndjson.zst
  --peer DIR     source of the peer: takes --rules DIR --events FILE --mode bucketflat --repeat N"""
import argparse, glob, os, re, shutil, subprocess, tempfile, time
from node import BINARY, ROOT, Node, bodies, machine, need, rss_mib, settled, unpacked


def build_peer(source):
    to = os.path.join(ROOT, "bench", "target", "peer")
    os.makedirs(to, exist_ok=True)
    subprocess.run(["cp", "-R", "--preserve=timestamps", "--no-preserve=mode", source + "/.", to], check=True)
    out = os.path.join(ROOT, "bench", "target", "build")
    build = ["cargo", "build", "--release", "--ignore-rust-version", "--quiet", "--manifest-path", to + "/Cargo.toml", "--target-dir", out]
    subprocess.run(build, check=True)
    name = re.search(r'^name\s*=\s*"(.*)"', open(to + "/Cargo.toml").read(), re.M).group(1)
    return os.path.join(out, "release", name)


def peer(program, rules, events, repeat):
    run = subprocess.run([program, "--rules", rules, "--events", events, "--mode", "bucketflat", "--repeat", str(repeat)], capture_output=True, text=True, check=True)
    return [line for line in run.stdout.splitlines() if line.startswith("mode")]


def ours(rules, events, repeat, rows):
    node = Node(rules=[rules], settings=f"[flush]\nrows = {rows}\nage_seconds = 5\n")
    try:
        admin = node.workspace("bench")
        made = admin.call("POST", "/api/v1/sources", {"name": "bench", "source_category": "windows/bench"})
        sender, sent, raw = node.sender(made["ingest_key"]), 0, 0
        cpu, wall = node.cpu(), time.time()
        for body, count in bodies(events, repeat=repeat):
            sender.post(body)
            sent, raw = sent + count, raw + len(body)
        acknowledged = time.time() - wall
        meters = settled(admin, sent)
        wall, cpu = time.time() - wall, node.cpu() - cpu
        stored = {k: sum(m[k] for m in meters) for k in ("received", "stored", "failed", "dropped")}
        disk = sum(os.path.getsize(os.path.join(d, f)) for d, _, fs in os.walk(node.directory()) for f in fs if "/lake/" in d + "/")
        print(f"ours  events {sent} raw {raw / sent:.0f} B/event: {sent / cpu:.0f} events/cpu-s, cpu {cpu:.2f} s, acknowledged after {acknowledged:.2f} s, "
              f"stored after {wall:.2f} s, waits {sender.waits}, {stored}, lake {disk / sent:.1f} B/event, peak rss {rss_mib(node.pid, True):.0f} MiB", flush=True)
        return sent / cpu
    finally:
        node.stop()


def main():
    options = argparse.ArgumentParser(usage=__doc__)
    options.add_argument("--data", required=True)
    options.add_argument("--peer", required=True)
    options.add_argument("--events", action="append")
    options.add_argument("--repeat", type=int, default=0)
    options.add_argument("--rounds", type=int, default=2)
    options.add_argument("--rows", type=int, default=100000)
    given = options.parse_args()
    need(os.path.exists(BINARY), "build first: make release")
    machine()
    program = build_peer(given.peer)
    work = tempfile.mkdtemp()
    try:
        rules = os.path.join(work, "rules")
        os.mkdir(rules)
        archive = glob.glob(os.path.join(given.data, "sigma-rules*.tar.zst"))[0]
        subprocess.run(f"zstd -dcq '{archive}' | tar -xf - -C '{rules}'", shell=True, check=True)
        sets = given.events or sorted(glob.glob(given.data + "/evtx-flat/evtx*.ndjson*") + glob.glob(given.data + "/windows-*.ndjson*"))
        for path in sets:
            events = unpacked(path, work)
            repeat = given.repeat or max(1, 150_000_000 // os.path.getsize(events))
            print(f"\n== {os.path.basename(events)} x {repeat}", flush=True)
            for _ in range(given.rounds):
                for line in peer(program, rules, events, repeat):
                    print("peer ", line, flush=True)
                ours(rules, events, repeat, given.rows)
    finally:
        shutil.rmtree(work)


main()
