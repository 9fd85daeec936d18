"""All 64 panels of the seven dashboards once more, with pandas, from plain facts: written from the definitions (docs/dashboards.md), not from the
program, so that numbers of the program can be held against these.

Facts are lists of dicts; a time is a number of seconds since 1970, an org is a customer's name:

    volumes         org, receipt, tier, source_category, collector, source, bytes, events, cse
    failed          org, receipt, source_category, vendor, product, event_id, parser, reason_code, reason, id
    signals         org, time, state, id, and whatever else a row of it shows
    health          org, time, kind, resource, name, tracker, severity, error, healthy
    investigations  org, id, source, created, by, status, priority, signals (event times), history (time, actor, field, from, to)

As a program it reads {"dashboard", "facts", "orgs", "from", "to", "now", ...} from its standard input and writes {panel: table} with the columns the
program's frames have, `org_name` for a customer. `orgs` are those asked for: their numbers are 0 where nothing happened.
"""

import json
import sys

import numpy as np
import pandas as pd

from outlier import outlier

GB = 2**30
STEP = 300
DAY = 86_400
TIERS = ["continuous", "frequent", "infrequent"]
RATES = {"continuous": 20.0, "frequent": 9.0, "infrequent": 0.4, "cse": 25.0}
BAND = ["mean", "std", "error", "lower", "upper", "indicator", "violation", "severity"]


class Question:
    """Whose numbers are asked for, of when, and in which buckets."""

    def __init__(self, facts, orgs, start, end, now=None, timeslice="1h", zone="UTC", tiers=None, rates=None, open_now=False):
        self.facts, self.orgs = facts, list(orgs)
        self.start, self.end, self.now = start, end, end if now is None else now
        self.edges = edges(start, end, timeslice, zone)
        self.tiers = tiers
        self.rates = RATES | (rates or {})
        self.open_now = open_now

    def table(self, name, columns):
        rows = [row for row in self.facts.get(name, []) if row["org"] in self.orgs]
        return pd.DataFrame(rows, columns=columns)


def edges(start, end, timeslice, zone):
    """Ends of the buckets of a range: days and weeks by the calendar of the zone, minutes and hours by its clock."""
    number, unit = int(timeslice[:-1]), timeslice[-1]
    first = pd.Timestamp(start, unit="s", tz="UTC").tz_convert(zone)
    midnight = first.normalize()
    found = []
    if unit in "dw":
        days = number * (7 if unit == "w" else 1)
        since = (midnight.tz_localize(None) - pd.Timestamp("1970-01-05")).days % days
        at = midnight.tz_localize(None) - pd.Timedelta(days=since)
        while not found or found[-1] < end:
            found.append(at.tz_localize(zone, ambiguous=True, nonexistent="shift_forward").timestamp())
            at += pd.Timedelta(days=days)
        return np.array(found)
    minutes = number * (60 if unit == "h" else 1)
    wall = first.tz_localize(None)
    since = (wall - wall.normalize()) % pd.Timedelta(minutes=minutes)
    at = wall - since
    while not found or found[-1] < end:
        instant = at.tz_localize(zone, ambiguous=True, nonexistent="shift_forward").timestamp()
        if not found or instant > found[-1]:
            found.append(instant)
        at += pd.Timedelta(minutes=minutes)
    return np.array(found)


def within(table, column, question):
    return table[(table[column] >= question.start) & (table[column] < question.end)]


def iso(seconds):
    return None if seconds is None or pd.isna(seconds) else pd.Timestamp(round(seconds * 1e6), unit="us", tz="UTC").isoformat()


def ordered(table, value, names):
    """Largest first, then by name; what has no name comes last."""
    table = table.assign(**{f"_{name}": table[name].isna() for name in names})
    by, ascending = [value], [False]
    for name in names:
        by, ascending = by + [f"_{name}", name], ascending + [True, True]
    return table.sort_values(by, ascending=ascending, kind="stable")[names + [value]].reset_index(drop=True)


def summed(table, names, value, weight=None):
    """The sum by names; without names one row, which is 0 where there is nothing."""
    numbers = pd.Series(1.0, index=table.index) if weight is None else table[weight].astype(float)
    if not names:
        return pd.DataFrame({value: [float(numbers.sum())]})
    sums = table.assign(**{value: numbers}).groupby(names, dropna=False)[value].sum().reset_index()
    return ordered(sums, value, names)


def over_time(table, column, names, value, question, weight=None, cuts=None):
    """One series for each of names, largest first, with every bucket; a bucket with nothing is 0."""
    cuts = question.edges if cuts is None else cuts
    bucket = np.searchsorted(cuts, table[column].astype(float).to_numpy(), side="right") - 1
    numbers = np.ones(len(table)) if weight is None else table[weight].astype(float).to_numpy()
    table = table.assign(_bucket=bucket, **{value: numbers})
    series = summed(table, names, value, value) if names else None
    found = []
    for _, key in series.iterrows() if names else [(None, None)]:
        rows = table
        for name in names:
            rows = rows[rows[name].isna()] if pd.isna(key[name]) else rows[rows[name] == key[name]]
        sums = rows.groupby("_bucket")[value].sum().reindex(range(len(cuts) - 1), fill_value=0.0)
        one = pd.DataFrame({"time": [iso(at) for at in cuts[:-1]], **{name: key[name] for name in names}, value: sums.to_numpy()})
        found.append(one)
    return pd.concat(found, ignore_index=True) if found else pd.DataFrame(columns=["time", *names, value])


def outliers(table, names, value, question):
    """Adds the bands; the newest bucket is left out until it is over. Series with violations come first, the worst first."""
    if question.edges[-1] > question.now:
        table = table[table["time"] != iso(question.edges[-2])]
    groups = table.groupby(names, sort=False, dropna=False) if names else [((), table)]
    found = []
    for _, rows in groups:
        said = outlier(rows[value].tolist())
        band = {f"{value}_{name}": said[name].to_numpy() for name in BAND}
        found.append(rows.assign(**band))
    found.sort(key=lambda rows: -rows[f"{value}_severity"].max())
    return pd.concat(found, ignore_index=True) if found else table


def org(table):
    return table.rename(columns={"org": "org_name"})


# Volume


def volumes(question, tier=None, filtered=False):
    """Volumes in the range: 5 minutes count where they begin. The tier `cse` stands apart: it is part of the others."""
    table = question.table("volumes", ["org", "receipt", "tier", "source_category", "collector", "source", "bytes", "events", "cse"])
    table["at"] = table["receipt"] // STEP * STEP
    table["cse"] = table["cse"].fillna(False).astype(bool)
    wanted = [tier] if tier else (question.tiers if filtered and question.tiers else TIERS)
    parts = [table[table["cse"]] if one == "cse" else table[table["tier"] == one] for one in wanted]
    table = within(pd.concat(parts), "at", question)
    return table.assign(gb=table["bytes"] / GB)


def days(question):
    return (question.end - question.start) / DAY


def credits(question):
    panels = {}
    for tier in ["infrequent", "frequent", "continuous", "cse"]:
        table = org(volumes(question, tier))
        table["credits"] = table["gb"] * question.rates[tier]
        panels[f"{tier}-tier"] = summed(table, ["org_name"], "credits", "credits")
        panels[f"credits-usage-trend-{tier}"] = over_time(table, "at", ["org_name"], "credits", question, "credits")
    return panels


def ingest_summary(question):
    panels = {}
    for name in ["total", "continuous", "cse", "infrequent", "frequent"]:
        table = org(volumes(question, None if name == "total" else name))
        average = summed(table, ["org_name"], "gb", "gb")
        average["gb"] /= days(question)
        trend = over_time(table, "at", ["org_name"], "gb", question, "gb")
        panels[f"{name}-average-ingestion-by-orgs"] = average
        panels[f"{name}-average-ingest-trend-by-orgs"] = trend
        panels[f"{name}-average-ingestion-outlier-by-orgs"] = outliers(trend, ["org_name"], "gb", question)
    return panels


def ingestion_by_source_category(question):
    table = volumes(question, filtered=True)
    average = summed(table, ["source_category"], "gb", "gb")
    trend = over_time(table, "at", ["source_category"], "gb", question, "gb")
    # Ranked once, over the whole range.
    top = average["source_category"].head(10)
    average["gb"] /= days(question)
    named = trend["source_category"].isin(top.dropna()) | (trend["source_category"].isna() & top.isna().any())
    return {
        "top-10-sources-by-daily-ingest": average.head(10),
        "ingestion-trend": trend,
        "top-10-sources-trend": trend[named].reset_index(drop=True),
        "source-category-no-longer-sending-data-1d-time-comparison": silent(question),
    }


def silent(question):
    """The last silence of each tier and category: at the end of the range, or with a whole day of it in the range."""
    table = question.table("volumes", ["org", "receipt", "tier", "source_category", "bytes", "cse"])
    table["at"] = table["receipt"] // STEP * STEP
    fed = table[table["cse"].fillna(False).astype(bool)].assign(tier="cse")
    table = pd.concat([table, fed])
    table = table[table["tier"].isin(question.tiers or TIERS)]
    end, rows = min(question.end, question.now), []
    for (name, tier, category), one in table.groupby(["org", "tier", "source_category"]):
        heard = sorted(one["at"].unique())
        found = silence(heard, question.start, end)
        if found is None:
            continue
        last, back = found
        before = one[(one["at"] > last - DAY) & (one["at"] <= last)]
        rows.append(
            {
                "org_name": name,
                "tier": tier,
                "source_category": category,
                "gb": before["bytes"].sum() / GB,
                "last_seen": iso(last + STEP),
                "back": iso(back),
                "cadence_seconds": cadence(heard, last),
            }
        )
    columns = ["org_name", "tier", "source_category", "gb", "last_seen", "back", "cadence_seconds"]
    found = pd.DataFrame(rows, columns=columns)
    return found.sort_values(["gb", "last_seen"], ascending=False, kind="stable").reset_index(drop=True)


def silence(heard, start, end):
    before = [at for at in heard if at < end]
    if before and before[-1] + DAY < end:
        after = [at for at in heard if at >= end]
        return (before[-1], after[0] if after else None) if before[-1] >= start - 30 * DAY else None
    for last, following in reversed(list(zip(heard, heard[1:]))):
        if following < end and following - last > DAY and following - max(last + STEP, start) >= DAY:
            return last, following
    return None


def cadence(heard, last):
    """The median time between data in the day before; where there was little, by the hours of 30 days."""
    recent = [at for at in heard if last - DAY < at <= last]
    if len(recent) < 3:
        recent = sorted({at // 3600 * 3600 for at in heard if last - 30 * DAY < at // 3600 * 3600 <= last})
    return float(np.floor(np.median(np.diff(recent)))) if len(recent) > 1 else None


# Failed records


def failed_records_analysis(question):
    columns = ["org", "receipt", "source_category", "vendor", "product", "event_id", "parser", "reason_code", "reason", "id"]
    table = question.table("failed", columns)
    table["at"] = table["receipt"] // STEP * STEP
    table = org(within(table, "at", question))
    value = "records"
    trend = over_time(table, "at", [], value, question)
    by_category = summed(table, ["source_category", "vendor", "product", "reason"], value)
    by_category["_none"] = by_category["source_category"].isna()
    by_category = by_category.sort_values(["_none", "source_category"], kind="stable").drop(columns="_none").reset_index(drop=True)
    summary = ["org_name", "vendor", "product", "event_id", "parser", "reason_code", "reason"]
    return {
        "failed-records-count-by-organizations": summed(table, ["org_name"], value),
        "failed-by-sourcecategory": summed(table, ["source_category"], value),
        "failed-reasons": summed(table, ["reason_code", "reason"], value),
        "failed-by-sourcecategory-trend": over_time(table, "at", ["source_category"], value, question),
        "failed-records-outlier": outliers(trend, [], value, question),
        "failed-reasons-trend": over_time(table, "at", ["reason"], value, question),
        "failed-records-summary": summed(table, summary, value),
        "failed-records-by-sourcecategory": by_category,
        "last-1000-failed-records": newest(table, "receipt", 1_000),
    }


def newest(table, column, most):
    rows = table.sort_values([column, "id"], ascending=False, kind="stable").head(most)
    return rows.assign(time=[iso(at) for at in rows[column]]).drop(columns=[name for name in ("at", column) if name != "time"]).reset_index(drop=True)


# Signals


def signals_analysis(question):
    rows = [row for row in question.facts.get("signals", []) if row["org"] in question.orgs]
    table = pd.DataFrame(rows, columns=sorted({name for row in rows for name in row} | {"org", "time", "state", "id"}))
    table = org(within(table, "time", question)).rename(columns={"time": "at"})
    value, sixth = "signals", (question.end - question.start) / 6
    sixths = np.array([question.start + n * sixth for n in range(7)])
    trend = over_time(table, "at", ["org_name"], value, question)
    return {
        "signals": summed(table, [], value),
        "signals-by-organizations": summed(table, ["org_name"], value),
        "signals-count-4-hours-time-comparison-window": over_time(table, "at", [], value, question, cuts=sixths),
        "signals-trend-by-organization": trend,
        "signals-count-trend-outlier-by-orgs": outliers(trend, ["org_name"], value, question),
        "signals-details": newest(table, "at", 1_000),
    }


# Health


def issues(question):
    """Issues as the events make them: of a resource and tracker, from unhealthy to healthy."""
    events = question.table("health", ["org", "time", "kind", "resource", "name", "tracker", "severity", "error", "healthy"])
    found, is_open = [], {}
    for event in events.sort_values("time", kind="stable").to_dict("records"):
        key = (event["org"], event["kind"], event["resource"], event["tracker"])
        issue = is_open.get(key)
        if event["healthy"]:
            if issue is not None:
                issue["resolved"] = event["time"]
                del is_open[key]
            continue
        if issue is None:
            issue = is_open[key] = {"opened": event["time"], "resolved": None, "events": []} | event
            found.append(issue)
        issue |= {"severity": event["severity"], "error": event["error"], "name": event["name"]}
        issue["events"].append(event)
    return found


def collector_health_issues(question):
    start, end = question.start, question.end
    counted = [one for one in issues(question) if one["opened"] < end and (one["resolved"] is None or one["resolved"] >= start)]
    if question.open_now:
        counted = [one for one in counted if one["resolved"] is None]
    events = [event for one in counted for event in one["events"] if start <= event["time"] < end]
    columns = ["org", "time", "kind", "resource", "name", "tracker", "severity", "error", "healthy"]
    table = org(pd.DataFrame(events, columns=columns))
    rows = {}
    for one in counted:
        key = (one["org"], one["kind"], one["resource"], one["tracker"])
        rows.setdefault(key, []).append(one)
    details = [resource(of, start, end) for of in rows.values()]
    latest = table.sort_values("time", ascending=False, kind="stable").head(1_000)
    latest = latest.assign(time=[iso(at) for at in latest["time"]]).drop(columns="healthy").reset_index(drop=True)
    return {
        "number-of-orgs": pd.DataFrame({"orgs": [float(len({one["org"] for one in counted}))]}),
        "number-of-resources-impacted": pd.DataFrame({"resources": [float(len({(one["org"], one["kind"], one["resource"]) for one in counted}))]}),
        "health-event-types": summed(table, ["tracker", "error"], "events"),
        "impacted-resource-details": pd.DataFrame(sorted(details, key=lambda row: row["last_seen"], reverse=True)),
        "health-events-trend": over_time(table, "time", ["severity"], "events", question),
        "latest-health-failure-summary": latest,
    }


def resource(of, start, end):
    events = sorted((event for one in of for event in one["events"]), key=lambda event: event["time"])
    inside = [event for event in events if start <= event["time"] < end]
    shown = (inside or [event for event in events if event["time"] < start])[-1]
    still = [one for one in of if one["resolved"] is None]
    return {
        "org_name": shown["org"],
        "resource": shown["name"],
        "resource_type": shown["kind"],
        "resource_id": shown["resource"],
        "severity": shown["severity"],
        "tracker": shown["tracker"],
        "error": shown["error"],
        "first_seen": iso(inside[0]["time"] if inside else of[-1]["opened"]),
        "last_seen": iso(shown["time"]),
        "events": float(len(inside)),
        "open": bool(still),
        "since": iso(still[0]["opened"]) if still else None,
    }


# Investigations


def is_person(actor):
    return "@" in actor


def who(actor):
    return actor if is_person(actor) else "automation"


def insight(one):
    """What is told of an investigation: its changes, when it was answered, and each change of its status."""
    with_opening = {"signal", "priority", "evidence", "comment"}
    history = [row for row in one["history"] if row["field"] != "opened"]
    changes = [
        row for row in history if not (row["time"] == one["created"] and who(row["actor"]) == who(one["by"]) and row["field"] in with_opening)
    ]
    changes.sort(key=lambda row: row["time"])
    moves = [row for row in changes if row["field"] == "status"]
    at_first = moves[0]["from"] if moves else one["status"]
    states = [(one["created"], at_first, one["by"])] + [(row["time"], row["to"], row["actor"]) for row in moves]
    people = [row for row in changes if is_person(row["actor"])]
    closings = [(at, who(actor)) for at, status, actor in states if status == "CLOSED"]
    return {
        "org_name": one["org"],
        "created": one["created"],
        "changes": [row["time"] for row in changes],
        "states": states,
        "answered": people[0]["time"] if people else None,
        "closings": closings,
        "remediated": closings[-1][0] if states[-1][1] == "CLOSED" else None,
    }


def insights(question):
    start, end, value = question.start, question.end, "insights"
    inside = lambda at: at is not None and start <= at < end
    counted = [one for one in question.facts.get("investigations", []) if one["org"] in question.orgs and one["source"] in ("ALERT", "USER")]
    told = [insight(one) for one in counted]
    rows = lambda keep, of: pd.DataFrame([of(one) for one in told if keep(one)], columns=["org_name", "at", "status", "user"])
    row = lambda one, at=None, status=None, user=None: {"org_name": one["org_name"], "at": at, "status": status, "user": user}
    is_closed = lambda one: any(inside(at) for at, _ in one["closings"])
    created = rows(lambda one: inside(one["created"]), lambda one: row(one, one["created"]))
    updated = rows(lambda one: any(map(inside, one["changes"])), row)
    closed = rows(is_closed, lambda one: row(one, user=[user for at, user in one["closings"] if inside(at)][-1]))
    # In each bucket of a trend an insight counts once.
    buckets = lambda one: sorted({int(np.searchsorted(question.edges, at, side="right")) - 1 for at, _ in one["closings"] if inside(at)})
    closed_at = pd.DataFrame(
        [row(one, max(question.edges[bucket], start)) for one in told for bucket in buckets(one)], columns=["org_name", "at", "status", "user"]
    )
    touched = lambda one: inside(one["created"]) or any(map(inside, one["changes"]))
    last = lambda one: [status for at, status, _ in one["states"] if at < end][-1]
    latest = rows(touched, lambda one: row(one, status=last(one)))
    panels = {
        "insights-created": summed(created, [], value),
        "insights-updated": summed(updated, [], value),
        "insights-closed": summed(closed, [], value),
        "insights-created-by-orgs": summed(created, ["org_name"], value),
        "insights-updated-by-org": summed(updated, ["org_name"], value),
        "insights-closed-by-org": summed(closed, ["org_name"], value),
        "insights-by-latest-status": summed(latest, ["status"], value),
        "insights-closed-by-user": summed(closed, ["user"], value),
        "insights-created-trend": over_time(created, "at", ["org_name"], value, question),
        "insights-closed-trend": over_time(closed_at, "at", ["org_name"], value, question),
        "insights-created-outlier": outliers(over_time(created, "at", [], value, question), [], value, question),
        "insights-closed-outlier": outliers(over_time(closed_at, "at", [], value, question), [], value, question),
    }
    for name, ended in [("respond", "answered"), ("remediate", "remediated")]:
        lasted = [(one["org_name"], max(one[ended] - one["created"], 0)) for one in told if inside(one[ended])]
        lasted = pd.DataFrame(lasted, columns=["org_name", "seconds"])
        panels[f"insights-average-time-to-{name}"] = durations(lasted, [])
        panels[f"insights-average-time-to-{name}-by-orgs"] = durations(lasted, ["org_name"])
    return panels


def durations(table, names):
    """Mean, median, 90th percentile and count; without any there is no mean, which is not 0."""
    seconds = lambda rows: {
        "seconds": rows.mean() if len(rows) else None,
        "median_seconds": rows.median() if len(rows) else None,
        "p90_seconds": rows.quantile(0.9) if len(rows) else None,
        "count": float(len(rows)),
    }
    if not names:
        return pd.DataFrame([seconds(table["seconds"].astype(float))])
    rows = [{"org_name": name} | seconds(of["seconds"].astype(float)) for name, of in table.groupby("org_name")]
    found = pd.DataFrame(rows, columns=["org_name", "seconds", "median_seconds", "p90_seconds", "count"])
    return found.sort_values(["seconds", "org_name"], ascending=[False, True], kind="stable").reset_index(drop=True)


DASHBOARDS = {
    "collector-health-issues": collector_health_issues,
    "credits": credits,
    "failed-records-analysis": failed_records_analysis,
    "ingest-summary": ingest_summary,
    "ingestion-by-source-category": ingestion_by_source_category,
    "insights": insights,
    "signals-analysis": signals_analysis,
}


def compute(dashboard, question):
    """Every panel of a dashboard, by id."""
    return DASHBOARDS[dashboard](question)


def main():
    asked = json.load(sys.stdin)
    names = ("timeslice", "zone", "tiers", "rates", "open_now", "now")
    more = {name: asked[name] for name in names if asked.get(name) is not None}
    question = Question(asked["facts"], asked["orgs"], asked["from"], asked["to"], **more)
    panels = compute(asked["dashboard"], question)
    json.dump({name: json.loads(table.to_json(orient="split", index=False)) for name, table in panels.items()}, sys.stdout)


if __name__ == "__main__":
    main()
