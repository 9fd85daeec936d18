#!/usr/bin/env python3
"""Syslog lines over one TCP connection, without detection, to synced and indexed disk: lines per processor second, next to rsyslog and
syslog-ng, which neither sync nor index.

usage: bench/syslog.py --events FILE [--peer SCRIPT] [--repeat N]

  --events FILE  RFC 5424 lines
  --peer SCRIPT  takes `rsyslog|syslog-ng FILE` and prints what it measured; left out where neither is installed"""
import argparse, os, shutil, socket, subprocess, tempfile, time
from node import BINARY, Node, machine, need, rss_mib, settled, unpacked


def ours(events, lines):
    node = Node(settings="[flush]\nrows = 200000\nage_seconds = 3\n")
    try:
        admin = node.workspace("bench")
        source = {"name": "bench", "source_category": "linux/syslog", "format": "syslog", "cse": False, "syslog_tcp": "127.0.0.1:0"}
        made = admin.call("POST", "/api/v1/sources", source)["source"]
        host, port = made["syslog_tcp"].rsplit(":", 1)
        cpu, wall = node.cpu(), time.time()
        with socket.create_connection((host, int(port))) as stream, open(events, "rb") as file:
            stream.sendfile(file)
            stream.shutdown(socket.SHUT_WR)
            stream.recv(1)
        meters = settled(admin, lines)
        wall, cpu = time.time() - wall, node.cpu() - cpu
        failed = sum(m["failed"] for m in meters)
        print(f"ours  lines {lines}: {lines / cpu:.0f} lines/cpu-s, cpu {cpu:.2f} s, stored after {wall:.2f} s, failed {failed}, "
              f"peak rss {rss_mib(node.pid, True):.0f} MiB", flush=True)
    finally:
        node.stop()


def main():
    options = argparse.ArgumentParser(usage=__doc__)
    options.add_argument("--events", required=True)
    options.add_argument("--peer")
    options.add_argument("--repeat", type=int, default=10)
    options.add_argument("--rounds", type=int, default=2)
    given = options.parse_args()
    need(os.path.exists(BINARY), "build first: make release")
    machine()
    work = tempfile.mkdtemp()
    try:
        events, big = unpacked(given.events, work), os.path.join(work, "lines")
        with open(big, "wb") as out:
            for _ in range(given.repeat):
                with open(events, "rb") as file:
                    shutil.copyfileobj(file, out)
        lines = sum(1 for _ in open(big, "rb"))
        for _ in range(given.rounds):
            for peer in ("rsyslog", "syslog-ng"):
                if given.peer and shutil.which({"rsyslog": "rsyslogd"}.get(peer, peer)):
                    subprocess.run([given.peer, peer, big, work], check=True)
            ours(big, lines)
    finally:
        shutil.rmtree(work)


main()
