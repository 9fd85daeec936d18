#!/usr/bin/env python3
"""The queue of an MSSP: a console over real nodes with real workspaces, and how long its pages take.

    bench/investigations.py [--customers 20,200,2000] [--nodes 6] [--open 500] [--single] [--rounds 40] [--limits]

Of the customers 2 % are on a node that is down and 2 % on one that answers after 5 to 20 s (a proxy that delays, the node behind it is real).
--single: a node for each customer (200 unless told). --limits: fails above the limits of the issue.

Filling: one workspace a node is made, enrolled and granted through the APIs; then everything stops, its directory is copied for the others, and
console and nodes are told of them in their SQLite databases. Titles, priorities and times are written there, too. Standard library only."""
import argparse, concurrent.futures, json, os, random, select, shutil, socket, sqlite3, statistics, subprocess, sys, tempfile, threading, time
from node import BINARY, PASSWORD, Node, Session, cpu_seconds, machine, rss_mib

MAIL = "ada@mssp.example"
NOW = int(time.time() * 1e6)
RULES = [f"{verb} {what}" for verb in ("Suspicious", "Rare", "First seen", "Mimikatz-like") for what in ("logon", "process", "service", "download", "registry key", "scheduled task")]
TAGS = json.dumps(["attack.credential_access", "attack.t1110.003"])
WORDS = "Password spray|Impossible travel|Beaconing|Ransom note|New admin|Log cleared|Odd process|Mass download".split("|")


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


class Proxy:
    """TCP in front of a node. What it delays is what goes to the node: 5 to 20 s for each new piece, when told to."""

    def __init__(self, target):
        self.target, self.slow = target, False
        self.listener = socket.create_server(("127.0.0.1", 0), backlog=512)
        self.port = self.listener.getsockname()[1]
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self):
        while True:
            client, _ = self.listener.accept()
            threading.Thread(target=self.carry, args=(client,), daemon=True).start()

    def carry(self, client):
        try:
            server = socket.create_connection(("127.0.0.1", self.target))
        except OSError:
            return client.close()
        watch = select.poll()
        for one in (client, server):
            watch.register(one, select.POLLIN)
        ends = {one.fileno(): one for one in (client, server)}
        try:
            while True:
                for ready, _ in watch.poll():
                    one = ends[ready]
                    data = one.recv(65536)
                    if not data:
                        return
                    if one is client and self.slow:
                        time.sleep(random.uniform(5, 20))
                    (server if one is client else client).sendall(data)
        except OSError:
            pass
        finally:
            client.close()
            server.close()


class Console:
    def __init__(self, data):
        self.data = os.path.join(data, "console")
        config = os.path.join(data, "console.toml")
        open(config, "w").write('[log]\nfilter = "warn"\n')
        command = [BINARY, "console", "--data", self.data, "--listen", "127.0.0.1:0", "--config", config]
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        self.base = self.process.stdout.readline().split()[-1].rstrip("/")
        self.session = Session(self.base)

    def set_up(self):
        self.session.use_link(self.process.stdout.readline().split()[-1], MAIL)
        return self

    def sign_in(self):
        me = self.session.call("POST", "/api/v1/session", {"email": MAIL, "password": PASSWORD})
        self.session.csrf = me["csrf"]
        return self

    def stop(self):
        self.process.terminate()
        self.process.wait()


def start_node(data, port=0, seed=False):
    """A node on a port of its own; the second time only its process is wanted."""
    config = os.path.join(data, "bench.toml")
    os.makedirs(data, exist_ok=True)
    open(config, "w").write('[log]\nfilter = "warn"\n')
    command = [BINARY, "node", "--region", "eu", "--data", os.path.join(data, "node"), "--listen", f"127.0.0.1:{port}", "--config", config, "--no-starter-rules"]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    base = process.stdout.readline().split()[-1].rstrip("/")
    if not seed:
        return process
    operator = Session(base).use_link(process.stdout.readline().split()[-1], "operator")
    name = f"seed-{os.path.basename(data)}"
    made = operator.call("POST", "/api/v1/workspaces", {"name": name, "admin": f"{name}-admin"})
    Session(base).use_link(made["link"]["link"])
    return process, name


def until(what, check, deadline=120):
    end = time.time() + deadline
    while time.time() < end:
        if found := check():
            return found
        time.sleep(0.2)
    sys.exit(f"{what}: not within {deadline} s")


def stop(processes):
    for process in processes:
        process.terminate()
    for process in processes:
        process.wait()


def fill(path, count, seed):
    """Investigations into a workspace's database; the triggers of the node's schema number them."""
    draw = random.Random(seed)
    with sqlite3.connect(path) as db:
        rows, signals, comments = [], [], []
        for n in range(count):
            created = NOW - draw.randrange(28 * 86400) * 10**6 - draw.randrange(10**6)
            word = draw.choice(WORDS)
            rows.append((f"{n:05}{seed:07}", f"{word} on srv-{draw.randrange(200)}", draw.choice(["OPEN", "OPEN", "INVESTIGATING", "WAITING"]), draw.randrange(5), "hostname",
                         f"srv-{draw.randrange(200)}", json.dumps(draw.sample(["vip", "noise", "pci", "lab"], draw.randrange(3))), 1 + draw.randrange(40), created,
                         created + draw.randrange(3600) * 10**6, created, created))
            one = rows[-1][0]
            for m in range(3):
                rule = draw.choice(RULES)
                signals.append((f"s{m}{one}", rule.replace(" ", "-"), rule, "high", 7, "hostname", rows[-1][5], f"m{m}{one}", created, created, "[]", "{}", "", TAGS, one))
            if n % 5 == 0:
                comments.append((f"c{one}", one, "USER", MAIL, "Ada", created, f"called {draw.choice(WORDS)} about ticket {draw.randrange(10**6)}", "INTERNAL"))
        db.executemany("insert into investigation (id, version, title, status, priority, disposition, source, entity_type, entity_value, tags, signal_count, created, updated, "
                       "first_alert, latest_alert) values (?, 1, ?, ?, ?, 'UNDECIDED', 'ALERT', ?, ?, ?, ?, ?, ?, ?, ?)", rows)
        db.executemany("insert into signal (id, rule, name, level, severity, entity_type, entity_value, match_id, created, event_time, event_ids, matched, message, tags, investigation) "
                       "values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", signals)
        db.executemany("insert into comment (id, investigation, author_kind, author_email, author_name, created, body, visibility) values (?, ?, ?, ?, ?, ?, ?, ?)", comments)
    db.close()


def clone(sites, console_data, counts, count_open):
    """Further customers beside the seed of each node, and investigations for all."""
    console = sqlite3.connect(os.path.join(console_data, "console.db"))
    console.row_factory = sqlite3.Row
    number = 0
    for site, count in zip(sites, counts):
        root = os.path.join(site["data"], "node")
        node = sqlite3.connect(os.path.join(root, "node.db"))
        node.row_factory = sqlite3.Row
        seed = dict(node.execute("select * from workspace").fetchone())
        customer = dict(console.execute("select * from customers where name = ?", (site["name"],)).fetchone())
        copied = {table: [dict(row) for row in console.execute(f"select * from {table} where customer_id = ?", (customer["id"],))]
                  for table in ("grants", "delegations", "health", "sync") if table_has(console, table, "customer_id")}
        source = os.path.join(root, "workspaces", seed["id"])
        for extra in range(1, count):
            number += 1
            name = f"customer-{number:05}"
            new = dict(seed, id=f"{name}-x", name=name, admin_key=f"{name}-admin", admin_name=f"{name}-admin")
            insert(node, "workspace", new)
            target = os.path.join(root, "workspaces", new["id"])
            shutil.copytree(source, target)
            fill(os.path.join(target, "workspace.db"), count_open, number)
            own = dict(customer, id=f"c-{number:05}", name=name, name_key=name, workspace=new["id"], is_primary=0)
            insert(console, "customers", own)
            for table, rows in copied.items():
                for row in rows:
                    fresh = dict(row, customer_id=own["id"])
                    if "due" in fresh:
                        fresh["due"] = NOW + random.randrange(3600) * 10**6
                    if "subject" in fresh:
                        fresh["subject"] = own["id"]
                    if "id" in fresh:
                        fresh["id"] = f"{fresh['id']}-{number}"
                    insert(console, table, fresh)
        fill(os.path.join(source, "workspace.db"), count_open, 9_000_000 + sites.index(site))
        node.commit()
        node.close()
    console.commit()
    console.close()


def table_has(db, table, column):
    return any(row[1] == column for row in db.execute(f"pragma table_info({table})"))


def insert(db, table, row):
    db.execute(f"insert into {table} ({', '.join(row)}) values ({', '.join('?' * len(row))})", list(row.values()))


def timed(work):
    began = time.monotonic()
    page = work()
    return (time.monotonic() - began) * 1e3, page


def percentile(times, part):
    return sorted(times)[min(len(times) - 1, int(len(times) * part))]


def ask(session, body):
    return session.call("POST", "/api/v1/investigations/search", body, 60)


OPEN = {"statuses": ["OPEN", "INVESTIGATING", "WAITING"]}
QUESTIONS = [(f"sort {sort}", dict(OPEN, sort=sort)) for sort in
             ("-created_time", "created_time", "-updated_time", "-latest_alert_time", "title", "-title", "status", "assignee", "entity", "-signal_count", "customer", "region", "rrn", "closed_time")] + [
    ("every status", {}),
    ("words", dict(OPEN, q="ransom srv-7")),
    ("tags", dict(OPEN, tags=["vip", "pci"])),
    ("window", dict(OPEN, **{"from": time.strftime("%Y-%m-%dT00:00:00Z", time.gmtime(NOW / 1e6 - 3 * 86400))})),
    ("tree of the row", dict(OPEN, where={"and": [{"field": "priority", "op": "gte", "value": "HIGH"}, {"or": [{"field": "title", "op": "contains", "value": "beacon"},
                                                  {"not": {"field": "tag", "op": "exists"}}]}]})),
    ("tree with the customer", dict(OPEN, where={"field": "customer", "op": "contains", "value": "customer-0000"})),
    ("tree with techniques", dict(OPEN, where={"and": [{"field": "alert_mitre_t_codes", "op": "in", "value": ["T1110.003"]}, {"field": "hostname", "op": "starts_with", "value": "srv-1"}]})),
    ("tree with rules and comments", dict(OPEN, where={"or": [{"field": "rule_name", "op": "contains", "value": "mimikatz"}, {"field": "comment", "op": "contains", "value": "called"}]})),
]


LIMITS = {"first page p95": 500, "console MiB": 1024, "bulk": 5000}


def measure(console, given, wanted, failed_customers):
    session, results = console.sign_in().session, {}
    first, page = timed(lambda: ask(session, OPEN))
    print(f"the very first page: {first:.0f} ms, {scope(page)}", flush=True)
    until("all nodes that are up answer", lambda: len(ask(session, OPEN)["scope"]["failed"]) <= failed_customers, 300)
    times = []
    for _ in range(given.rounds):
        took, page = timed(lambda: ask(session, OPEN))
        times.append(took)
    results["first page p95"] = percentile(times, 0.95)
    count = page["count"]
    print(f"first page: median {statistics.median(times):.0f} ms, p95 {results['first page p95']:.0f} ms, {scope(page)}, count {count['value']}{'+' if count['at_least'] else ''}", flush=True)
    for name, body in QUESTIONS:
        took = []
        for _ in range(3):
            one, page = timed(lambda: ask(session, body))
            took.append(one)
        results[f"any: {name}"] = statistics.median(took)
        print(f"  {name}: {statistics.median(took):.0f} ms, count {page['count']['value']}", flush=True)
    cursor, took, walked = None, [], 0
    while walked < 200:
        one, page = timed(lambda: ask(session, dict(OPEN, **({"cursor": cursor} if cursor else {}))))
        took.append(one)
        walked += 1
        cursor = page["next"]
        if not cursor:
            break
    results[f"page {walked}"] = statistics.median(took[-5:])
    print(f"page {walked}: {results[f'page {walked}']:.0f} ms; pages on the way p95 {percentile(took, 0.95):.0f} ms", flush=True)
    since = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
    took, feed = timed(lambda: session.call("GET", f"/api/v1/investigations/changes?updated_since={since}", None, 60))
    print(f"changes, nothing new: {took:.0f} ms", flush=True)
    results["bulk"] = close_many(session)
    results["console MiB"] = rss_mib(console.process.pid, True)
    print(f"console: rss {rss_mib(console.process.pid):.0f} MiB, at most {results['console MiB']:.0f}, {cpu_seconds(console.process.pid):.0f} s of processor", flush=True)
    return results


def close_many(session, rows=500, customers=60):
    """Assigns and closes so many rows of so many customers; milliseconds for both acts together."""
    chosen, each = [], -(-rows // customers)
    cursor, taken = None, {}
    while len(chosen) < rows:
        page = ask(session, dict(OPEN, limit=500, **({"cursor": cursor} if cursor else {})))
        for row in page["data"]:
            name = row["customer"]["name"]
            if (name in taken or len(taken) < customers) and taken.get(name, 0) < each and len(chosen) < rows:
                taken[name] = taken.get(name, 0) + 1
                chosen.append(row["rrn"])
        cursor = page["next"]
        if not cursor:
            break
    select = {"rrns": chosen}
    took, one = timed(lambda: session.call("POST", "/api/v1/investigations/bulk", {"select": select, "set": {"assignee": {"email": MAIL}}, "cap": rows}, 60))
    closing, two = timed(lambda: session.call("POST", "/api/v1/investigations/bulk", {"select": select, "set": {"status": "CLOSED", "disposition": "BENIGN"}, "cap": rows}, 60))
    print(f"bulk: {len(chosen)} rows of {len(taken)} customers: assigned {one['changed']} in {took:.0f} ms, closed {two['changed']} in {closing:.0f} ms", flush=True)
    return took + closing


def scope(page):
    one = page["scope"]
    codes = {}
    for failed in one["failed"]:
        codes[failed["code"]] = codes.get(failed["code"], 0) + 1
    return f"asked {one['asked']}, answered {one['answered']}, failed {codes or 'none'}"


def share(customers, nodes, single):
    """Customers on each node: the last node is the slow one, the one before it is down."""
    away = max(1, round(customers * 0.02))
    if single:
        return [1] * customers, away
    well = nodes - 2
    rest = customers - 2 * away
    return [rest // well + (1 if n < rest % well else 0) for n in range(well)] + [away, away], 1


def run(given, customers):
    counts, away = share(customers, given.nodes, given.single)
    data = tempfile.mkdtemp(prefix="bailiwick-queue-")
    sites, console, running = [], None, []
    try:
        began = time.monotonic()

        def make(number):
            directory = os.path.join(data, f"n{number:03}")
            port = free_port()
            process, name = start_node(directory, port, seed=True)
            return {"data": directory, "port": port, "name": name, "process": process, "proxy": Proxy(port)}
        with concurrent.futures.ThreadPoolExecutor(2) as pool:
            sites = list(pool.map(make, range(len(counts))))
        console = Console(data).set_up()
        file = os.path.join(data, "customers.csv")
        lines = [f"{s['name']},soc@{s['name']}.example,127.0.0.1,{s['proxy'].port},http,{s['name']}-admin,{PASSWORD}" for s in sites]
        open(file, "w").write("name,mail,server,port,scheme,admin_user,admin_password\n" + "\n".join(lines) + "\n")
        environment = dict(os.environ, BAILIWICK_CONSOLE=console.base, BAILIWICK_EMAIL=MAIL, BAILIWICK_PASSWORD=PASSWORD)
        done = subprocess.run([BINARY, "customers", "import", file, "--json"], env=environment, capture_output=True, text=True)
        if done.returncode:
            sys.exit(f"import: {done.stderr}{done.stdout[-2000:]}")
        me = console.session.call("GET", "/api/v1/me")
        for customer in console.session.call("GET", "/api/v1/customers")["data"]:
            console.session.call("PUT", "/api/v1/grants", {"user": me["id"], "customer": customer["id"], "role": "analyst"})
        until("grants applied", lambda: all(g["state"] == "APPLIED" for g in console.session.call("GET", "/api/v1/grants")["data"]))
        console.stop()
        stop([site["process"] for site in sites])
        clone(sites, console.data, counts, given.open)
        print(f"{customers} customers on {len(sites)} nodes, {given.open} open investigations each, filled in {time.monotonic() - began:.0f} s", flush=True)
        slow = sites[-away:]
        dead = sites[-2 * away:-away]
        for site in sites:
            site["process"] = None if site in dead else start_node(site["data"], site["port"])
            site["proxy"].slow = site in slow
        running = [site["process"] for site in sites if site["process"]]
        console = Console(data)
        missing = sum(count for site, count in zip(sites, counts) if site in slow or site in dead)
        results = measure(console, given, customers, missing)
        for number, site in enumerate(sites[: 1 if given.single else given.nodes - 2]):
            print(f"node {number}: {rss_mib(site['process'].pid):.0f} MiB, {cpu_seconds(site['process'].pid):.0f} s of processor", flush=True)
        return results
    finally:
        if console:
            console.stop()
        stop([site["process"] for site in sites if site.get("process")])
        shutil.rmtree(data, ignore_errors=True)


def main():
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--customers", help="how many, or several in a row to see how it grows")
    options.add_argument("--nodes", type=int, default=6)
    options.add_argument("--open", type=int, default=500)
    options.add_argument("--single", action="store_true")
    options.add_argument("--rounds", type=int, default=40)
    options.add_argument("--limits", action="store_true")
    given = options.parse_args()
    machine()
    sizes = [int(size) for size in (given.customers or ("200" if given.single else "20,200,2000")).split(",")]
    grown = {size: run(given, size) for size in sizes}
    print("\n" + "".join(f"{size:>10}" for size in sizes) + "  customers")
    names = list(dict.fromkeys(name for results in grown.values() for name in results))
    for name in names:
        print("".join(f"{grown[size].get(name, float('nan')):10.0f}" for size in sizes) + f"  {name}")
    if given.limits:
        last = grown[sizes[-1]]
        over = [name for name, value in last.items() if value > (LIMITS.get(name, 1000))]
        if over:
            sys.exit(f"over the limit: {', '.join(over)}")


if __name__ == "__main__":
    main()
