#!/usr/bin/env python3
"""The seven dashboards over an MSSP's estate: how long until the first panel and until all of them, as bytes on the wire arrive.

    bench/dashboards.py [--customers 20,200,2000] [--nodes 6] [--days 90] [--rounds 10] [--limits]

The estate is that of estate.py; every workspace has so many days of meters by the hour and 8 days by 5 minutes in 5 source categories, signals,
failed records and insights. Asked as the page asks: the dashboard's own range and 8 series. --limits: fails above the limits of the product."""
import json, random, sqlite3, sys, time, urllib.request
from estate import MAIL, NOW, cpu_seconds, options, percentile, rss_mib, run, sizes, table, until
from node import machine

HOUR, FIVE, DAY = 3600 * 10**6, 300 * 10**6, 86400 * 10**6
LIMITS = {"console MiB": 1024}
CATEGORIES = [("windows/security", "continuous", 1), ("linux/auth", "continuous", 1), ("fw/paloalto", "frequent", 1), ("dns/zeek", "frequent", 0), ("web/access", "infrequent", 0)]
REASONS = [("PARSE_FAILED", "parse failed"), ("NO_MAPPING", "no mapping for eventId=4799"), ("NO_PARSER", "no parser took it")]


def fill(path, days, seed):
    """What dashboards count, of one workspace, as the node would have written it."""
    draw = random.Random(seed)
    with sqlite3.connect(path) as db:
        meters = []
        for grain, span in ((3600, days * DAY), (300, 8 * DAY)):
            step = grain * 10**6
            first = (NOW - span) // step * step
            for at in range(first, NOW, step):
                for n, (category, tier, cse) in enumerate(CATEGORIES):
                    events = draw.randrange(50, 150) * grain // 300
                    size = events * 400
                    meters.append((grain, at, f"s{n}", f"source {n}", category, "", "", tier, cse, events, events, 0, 0, size, size // 2, size * cse))
        db.executemany("insert or ignore into meter values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", meters)
        signals, failed = [], []
        for n in range(days * 20):
            at = NOW - draw.randrange(days * DAY)
            for grain in (300, 900, 3600):
                bucket = at - at % (grain * 10**6)
                signals.append((grain, bucket, draw.choice(["active", "suppressed"]), 1))
                code, reason = draw.choice(REASONS)
                failed.append((grain, bucket, draw.choice(CATEGORIES)[0], "vendor", "product", "", "parser", code, reason, 1))
        db.executemany("insert into signal_meter values (?, ?, ?, ?) on conflict do update set n = n + excluded.n", signals)
        db.executemany("insert into failed_meter values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?) on conflict do update set n = n + excluded.n", failed)
        cases, history = [], []
        for n in range(200):
            created = NOW - draw.randrange(days * DAY)
            closed = created + draw.randrange(1, 3 * 86400) * 10**6
            is_closed = closed < NOW
            one = f"{n:05}{seed:07}"
            cases.append((one, "Password spray", "CLOSED" if is_closed else "OPEN", created, created, closed if is_closed else None))
            if is_closed:
                history.append((one, created + (closed - created) // 3, MAIL, "status", "OPEN", "INVESTIGATING"))
                history.append((one, closed, MAIL, "status", "INVESTIGATING", "CLOSED"))
        db.executemany("insert into investigation (id, version, title, status, priority, disposition, source, entity_type, entity_value, created, updated, closed) "
                       "values (?, 1, ?, ?, 3, 'BENIGN', 'ALERT', 'hostname', 'srv', ?, ?, ?)", cases)
        db.executemany("insert into history (investigation, time, actor, field, value_from, value_to) values (?, ?, ?, ?, ?, ?)", history)
    db.close()


def ask(console, name):
    """Milliseconds until the first line and until the last, and the panels that have an error."""
    headers = {"content-type": "application/json", "x-csrf-token": console.session.csrf}
    request = urllib.request.Request(f"{console.base}/api/v1/dashboards/{name}/query", json.dumps({"series": 8}).encode(), headers)
    began, first, errors, scope = time.monotonic(), None, [], None
    with console.session.opener.open(request, timeout=60) as answer:
        for line in answer:
            first = first or (time.monotonic() - began) * 1e3
            line = json.loads(line)
            if "error" in line:
                errors.append(f"{line['panel']}: {line['error']}")
            scope = line.get("scope", scope)
    return first, (time.monotonic() - began) * 1e3, errors, scope


def measure(console, given, missing):
    console.sign_in()
    names = [one["name"] for one in console.session.call("GET", "/api/v1/dashboards")["data"]]
    began = time.monotonic()
    until("every node that is up answers", lambda: len(ask(console, names[0])[3]["failed"]) <= missing, 600)
    print(f"warm after {time.monotonic() - began:.0f} s", flush=True)
    results = {}
    for name in names:
        times = [ask(console, name) for _ in range(given.rounds)]
        first, whole = percentile([t[0] for t in times], 0.95), percentile([t[1] for t in times], 0.95)
        results[f"{name}: first panel p95"], results[f"{name}: all panels p95"] = first, whole
        print(f"  {name}: first {first:.0f} ms, all {whole:.0f} ms, answered {times[-1][3]['answered']} of {times[-1][3]['asked']}, errors {times[-1][2] or 'none'}", flush=True)
    results["console MiB"] = rss_mib(console.process.pid, True)
    print(f"console: at most {results['console MiB']:.0f} MiB, {cpu_seconds(console.process.pid):.0f} s of processor", flush=True)
    return results


def main():
    given = options(__doc__, single=False)
    given.add_argument("--days", type=int, default=90)
    given = given.parse_args()
    machine()
    grown = {size: run(given, size, lambda path, seed: fill(path, given.days, seed), lambda console, missing: measure(console, given, missing)) for size in sizes(given)}
    for results in grown.values():
        LIMITS.update({name: 300 if "first" in name else 2000 for name in results if "p95" in name})
    over = table(grown, LIMITS, float("inf"))
    if given.limits and over:
        sys.exit(f"over the limit: {', '.join(over)}")


if __name__ == "__main__":
    main()
