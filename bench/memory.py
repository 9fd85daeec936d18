#!/usr/bin/env python3
"""Many workspaces on one node: memory with all hosted and some receiving, how fast batches are acknowledged then, and what an idle one costs.

usage: bench/memory.py [--workspaces 2000] [--active 500] [--seconds 60]"""
import argparse, json, os, statistics, threading, time
from node import BINARY, Node, machine, need, rss_mib


def main():
    options = argparse.ArgumentParser(usage=__doc__)
    options.add_argument("--workspaces", type=int, default=2000)
    options.add_argument("--active", type=int, default=500)
    options.add_argument("--seconds", type=int, default=60)
    given = options.parse_args()
    need(os.path.exists(BINARY), "build first: make release")
    machine()
    node = Node(settings="[flush]\nidle_seconds = 30\n", starter=True)
    try:
        empty = rss_mib(node.pid)
        keys, began = [], time.time()
        for n in range(given.workspaces):
            admin = node.workspace(f"w{n:04d}")
            keys.append(admin.call("POST", "/api/v1/sources", {"name": "all", "source_category": "bench"})["ingest_key"])
        print(f"{given.workspaces} workspaces with a source each after {time.time() - began:.0f} s: rss {empty:.0f} -> {rss_mib(node.pid):.0f} MiB", flush=True)
        time.sleep(75)
        closed = rss_mib(node.pid)
        print(f"all idle: rss {closed:.0f} MiB, {(closed - empty) / given.workspaces * 1024:.0f} KiB a workspace", flush=True)
        waits, stop, threads = [], time.time() + given.seconds, []
        line = json.dumps({"time": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()), "host": "web-1", "user": "ann", "message": "request served " + "x" * 300})
        body = (line + "\n").encode() * 20

        def send(mine):
            senders = [node.sender(key) for key in mine]
            while time.time() < stop:
                for sender in senders:
                    before = time.time()
                    sender.post(body)
                    waits.append(time.time() - before)

        active = keys[: given.active]
        for part in range(16):
            threads.append(threading.Thread(target=send, args=(active[part::16],)))
        cpu = node.cpu()
        [t.start() for t in threads]
        peak = 0
        while any(t.is_alive() for t in threads):
            peak = max(peak, rss_mib(node.pid))
            time.sleep(1)
        waits.sort()
        print(f"{given.active} receiving for {given.seconds} s from 16 connections at a time: {len(waits)} batches of 20 events, rss at most {peak:.0f} MiB "
              f"(ever {rss_mib(node.pid, True):.0f}), acknowledged after median {statistics.median(waits) * 1e3:.1f} ms, p99 {waits[int(len(waits) * .99)] * 1e3:.1f} ms, "
              f"cpu {node.cpu() - cpu:.0f} s, threads {len(os.listdir(f'/proc/{node.pid}/task'))}", flush=True)
    finally:
        node.stop()


main()
