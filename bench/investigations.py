#!/usr/bin/env python3
"""The queue of an MSSP: a console over real nodes with real workspaces, and how long its pages take.

    bench/investigations.py [--customers 20,200,2000] [--nodes 6] [--open 500] [--single] [--rounds 40] [--limits]

The estate is that of estate.py. --single: a node for each customer (200 unless told). --limits: fails above the limits of the product."""
import json, random, sqlite3, statistics, sys, time
from estate import MAIL, NOW, cpu_seconds, options, percentile, rss_mib, run, scope, sizes, table, timed, until
from node import machine

RULES = [f"{verb} {what}" for verb in ("Suspicious", "Rare", "First seen", "Mimikatz-like") for what in ("logon", "process", "service", "download", "registry key", "scheduled task")]
TAGS = json.dumps(["attack.credential_access", "attack.t1110.003"])
WORDS = "Password spray|Impossible travel|Beaconing|Ransom note|New admin|Log cleared|Odd process|Mass download".split("|")


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


def main():
    given = options(__doc__)
    given.add_argument("--open", type=int, default=500)
    given = given.parse_args()
    machine()
    fills = lambda path, seed: fill(path, given.open, seed)
    measures = lambda console, missing: measure(console, given, missing)
    grown = {size: run(given, size, fills, measures) for size in sizes(given)}
    over = table(grown, LIMITS, 1000)
    if given.limits and over:
        sys.exit(f"over the limit: {', '.join(over)}")


if __name__ == "__main__":
    main()
