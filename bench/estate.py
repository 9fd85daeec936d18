"""An MSSP's estate under measurement: a console over real nodes with real workspaces, some nodes down, some slow.

Of the customers 2 % are on a node that is down and 2 % on one that answers after 5 to 20 s (a proxy that delays, the node behind it is real).
Filling: one workspace a node is made, enrolled and granted through the APIs; then everything stops, its directory is copied for the others, and
console and nodes are told of them in their SQLite databases; what the measurement needs is written there, too. Standard library only."""
import argparse, concurrent.futures, os, random, select, shutil, socket, sqlite3, subprocess, sys, tempfile, threading, time
from node import BINARY, PASSWORD, Session, cpu_seconds, rss_mib

MAIL = "ada@mssp.example"
NOW = int(time.time() * 1e6)


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


def clone(sites, console_data, counts, fill):
    """Further customers beside the seed of each node; `fill` writes into each one's database, told its number."""
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
            fill(os.path.join(target, "workspace.db"), number)
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
        fill(os.path.join(source, "workspace.db"), 9_000_000 + sites.index(site))
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


def run(given, customers, fill, measure):
    """Fills an estate, starts it and measures; `measure` is told the console and how many customers do not answer."""
    counts, away = share(customers, given.nodes, getattr(given, "single", False))
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
        clone(sites, console.data, counts, fill)
        print(f"{customers} customers on {len(sites)} nodes, filled in {time.monotonic() - began:.0f} s", flush=True)
        slow = sites[-away:]
        dead = sites[-2 * away:-away]
        for site in sites:
            site["process"] = None if site in dead else start_node(site["data"], site["port"])
            site["proxy"].slow = site in slow
        running = [site["process"] for site in sites if site["process"]]
        console = Console(data)
        missing = sum(count for site, count in zip(sites, counts) if site in slow or site in dead)
        results = measure(console, missing)
        for number, site in enumerate(sites[: 1 if getattr(given, "single", False) else given.nodes - 2]):
            print(f"node {number}: {rss_mib(site['process'].pid):.0f} MiB, {cpu_seconds(site['process'].pid):.0f} s of processor", flush=True)
        return results
    finally:
        if console:
            console.stop()
        stop([site["process"] for site in sites if site.get("process")])
        shutil.rmtree(data, ignore_errors=True)


def table(grown, limits, usual):
    """How each number grows with the customers, and what is over its limit at the most."""
    sizes = list(grown)
    print("\n" + "".join(f"{size:>10}" for size in sizes) + "  customers")
    for name in dict.fromkeys(name for results in grown.values() for name in results):
        print("".join(f"{grown[size].get(name, float('nan')):10.0f}" for size in sizes) + f"  {name}")
    return [name for name, value in grown[sizes[-1]].items() if value > limits.get(name, usual)]


def options(about, single=True):
    """What every measurement of an estate is told."""
    given = argparse.ArgumentParser(description=about, formatter_class=argparse.RawDescriptionHelpFormatter)
    given.add_argument("--customers", help="how many, or several in a row to see how it grows")
    given.add_argument("--nodes", type=int, default=6)
    given.add_argument("--rounds", type=int, default=40)
    given.add_argument("--limits", action="store_true")
    if single:
        given.add_argument("--single", action="store_true")
    return given


def sizes(given):
    return [int(size) for size in (given.customers or ("200" if getattr(given, "single", False) else "20,200,2000")).split(",")]
