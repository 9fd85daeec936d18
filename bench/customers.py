#!/usr/bin/env python3
"""How long a file of customers takes: a console, nodes with a workspace for each line, `bailiwick customers import` from outside.

    bench/customers.py [--customers 500] [--nodes 3] [--limit SECONDS]

Prints the time, and what console and nodes used. With --limit it fails above it. Standard library only."""
import argparse, concurrent.futures, json, os, shutil, subprocess, sys, tempfile, time
from node import BINARY, PASSWORD, Node, Session, cpu_seconds, machine, rss_mib

MAIL = "ada@mssp.example"


def console(data):
    config = os.path.join(data, "console.toml")
    open(config, "w").write('[log]\nfilter = "warn"\n')
    command = [BINARY, "console", "--data", os.path.join(data, "console"), "--listen", "127.0.0.1:0", "--config", config]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    base = process.stdout.readline().split()[-1].rstrip("/")
    Session(base).use_link(process.stdout.readline().split()[-1], MAIL)
    return process, base


def workspaces(nodes, count):
    """A line for each customer. Two at a time: making a password costs a processor."""
    def one(number):
        node, name = nodes[number % len(nodes)], f"customer-{number:04}"
        node.workspace(name)
        return f"{name},soc@{name}.example,127.0.0.1,{node.base.rsplit(':', 1)[1]},http,{name}-admin,{PASSWORD}"
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        return list(pool.map(one, range(count)))


def imported(base, file):
    environment = dict(os.environ, BAILIWICK_CONSOLE=base, BAILIWICK_EMAIL=MAIL, BAILIWICK_PASSWORD=PASSWORD)
    begun = time.monotonic()
    done = subprocess.run([BINARY, "customers", "import", file, "--json"], env=environment, capture_output=True, text=True)
    took = time.monotonic() - begun
    if done.returncode:
        sys.exit(f"import: exit code {done.returncode}\n{done.stderr}{done.stdout[-2000:]}")
    return took, json.loads(done.stdout.splitlines()[-1])


def main():
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--customers", type=int, default=500)
    arguments.add_argument("--nodes", type=int, default=3)
    arguments.add_argument("--limit", type=float, help="seconds the import may take")
    wanted = arguments.parse_args()
    machine()
    data = tempfile.mkdtemp(prefix="bailiwick-bench-")
    nodes, process = [], None
    try:
        nodes = [Node() for _ in range(wanted.nodes)]
        begun = time.monotonic()
        lines = workspaces(nodes, wanted.customers)
        print(f"{wanted.customers} workspaces on {wanted.nodes} nodes made in {time.monotonic() - begun:.0f} s", flush=True)
        process, base = console(data)
        file = os.path.join(data, "customers.csv")
        open(file, "w").write("name,mail,server,port,scheme,admin_user,admin_password\n" + "\n".join(lines) + "\n")
        first, report = imported(base, file)
        print(f"import: {first:.1f} s, {wanted.customers / first:.1f} customers/s, {report}", flush=True)
        again, report = imported(base, file)
        print(f"the same file again: {again:.1f} s, {report}", flush=True)
        for name, pid in [("console", process.pid)] + [("node", node.pid) for node in nodes]:
            print(f"{name}: {cpu_seconds(pid):.0f} s of processor, {rss_mib(pid):.0f} MiB")
        if report["failed"] or (wanted.limit and first > wanted.limit):
            sys.exit(f"more than {wanted.limit} s, or lines that failed")
    finally:
        for each in [process] + [node.process for node in nodes]:
            if each:
                each.terminate()
                each.wait()
        for directory in [data] + [node.data for node in nodes]:
            shutil.rmtree(directory, ignore_errors=True)


if __name__ == "__main__":
    main()
