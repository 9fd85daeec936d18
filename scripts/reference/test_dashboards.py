"""The reference by itself: the acceptance checks of the dashboards with numbers worked out by hand. Run by `make test`, through a test of the crate
`dashboard`, and by hand: `python3 -m unittest discover scripts/reference` with pandas installed."""

import unittest

import pandas as pd

from dashboards import DASHBOARDS, DAY, GB, Question, compute, edges
from outlier import outlier

T = 1_760_004_000
HOUR = 3_600


def volume(receipt, amount=GB, tier="continuous", category="web", cse=False, org="Acme"):
    row = {"org": org, "receipt": receipt, "tier": tier, "source_category": category, "collector": None, "source": "s"}
    return row | {"bytes": amount, "events": 1, "cse": cse}


def ask(dashboard, facts, start=T - DAY, end=T, orgs=("Acme",), **more):
    return compute(dashboard, Question(facts, orgs, start, end, **more))


class Checks(unittest.TestCase):
    def test_there_are_64_panels(self):
        counts = [len(ask(name, {})) for name in DASHBOARDS]
        self.assertEqual((counts, sum(counts)), ([6, 8, 9, 15, 4, 16, 6], 64))

    def test_ten_gb_cost_what_the_rates_say(self):
        each = [volume(T - HOUR, 5 * GB, tier, cse=tier != "frequent") for tier in ("continuous", "frequent", "infrequent")] * 2
        panels = ask("credits", {"volumes": each})
        costs = {tier: panels[f"{tier}-tier"]["credits"].tolist() for tier in ("continuous", "frequent", "infrequent", "cse")}
        self.assertEqual(costs, {"continuous": [200.0], "frequent": [90.0], "infrequent": [4.0], "cse": [500.0]})
        panels = ask("ingest-summary", {"volumes": each}, start=T - 2 * DAY)
        self.assertEqual(panels["total-average-ingestion-by-orgs"]["gb"].tolist(), [15.0], "cse is part of the others; a day has half")

    def test_outlier(self):
        calm = [9, 11] * 5
        last = lambda value: outlier(calm + [value]).iloc[-1]
        self.assertAlmostEqual(last(14)["upper"], 13.16, places=2)
        self.assertEqual([bool(last(value)["violation"]) for value in (13, 14)], [False, True])
        run = outlier(calm + [99, 5000], consecutive=2)
        self.assertEqual(run["violation"].tolist()[-2:], [False, True])

    def test_no_longer_sending(self):
        gone = [volume(T - 47 * HOUR + n * HOUR, 1_000, category="gone") for n in range(20)]
        here = [volume(T - n * HOUR, category="here") for n in range(1, 60)]
        new = [volume(T - HOUR, category="new")]
        name = "source-category-no-longer-sending-data-1d-time-comparison"
        found = ask("ingestion-by-source-category", {"volumes": gone + here + new})[name]
        self.assertEqual(found["source_category"].tolist(), ["gone"])
        row = found.iloc[0]
        self.assertEqual((row["gb"], row["cadence_seconds"]), (20_000 / GB, HOUR))
        self.assertEqual(pd.Timestamp(row["last_seen"]).timestamp(), T - 28 * HOUR + 300)

    def test_six_buckets(self):
        signals = [{"org": "Acme", "time": T - HOUR, "state": "active", "id": "s"}]
        for length in (DAY, 7 * DAY):
            sixths = ask("signals-analysis", {"signals": signals}, start=T - length)["signals-count-4-hours-time-comparison-window"]
            self.assertEqual(sixths["signals"].tolist(), [0, 0, 0, 0, 0, 1])
            times = [pd.Timestamp(at).timestamp() for at in sixths["time"]]
            self.assertEqual(times, [T - length + n * length / 6 for n in range(6)])

    def test_an_insight_counts_once(self):
        ana, bob = "ana@mssp.example", "bob@mssp.example"
        change = lambda after, actor, field, old=None, new=None: {"time": T + after, "actor": actor, "field": field, "from": old, "to": new}
        history = [
            change(0, "correlation", "opened"),
            change(0, "correlation", "signal"),
            change(540, "correlation", "signal"),
            change(600, ana, "status", "OPEN", "INVESTIGATING"),
            change(720, ana, "assignee"),
            change(780, ana, "tags"),
            change(900, bob, "comment"),
            change(HOUR, bob, "status", "INVESTIGATING", "CLOSED"),
        ]
        one = {"org": "Acme", "id": "a", "source": "ALERT", "created": T, "by": "correlation", "status": "CLOSED", "history": history}
        panels = ask("insights", {"investigations": [one]}, start=T, end=T + 2 * HOUR)
        counts = [panels[f"insights-{what}"]["insights"].tolist() for what in ("created", "updated", "closed")]
        self.assertEqual(counts, [[1.0]] * 3)
        self.assertEqual(panels["insights-closed-by-user"].values.tolist(), [[bob, 1.0]])
        self.assertEqual(panels["insights-by-latest-status"].values.tolist(), [["CLOSED", 1.0]])
        self.assertEqual(panels["insights-average-time-to-respond"].values.tolist(), [[600, 600, 600, 1]])
        self.assertEqual(panels["insights-average-time-to-remediate"].values.tolist(), [[HOUR, HOUR, HOUR, 1]])
        early = ask("insights", {"investigations": [one]}, start=T, end=T + 1_800)
        self.assertTrue(early["insights-average-time-to-remediate"]["seconds"].isna().all(), "none is not 0")

    def test_health_knows_what_broke_before(self):
        event = lambda at, healthy, resource: {
            "org": "Acme", "time": at, "kind": "source", "resource": resource, "name": resource,
            "tracker": "source.silent", "severity": "Error", "error": "SILENT", "healthy": healthy,
        }  # fmt: skip
        health = [event(T - 3 * DAY, False, "old"), event(T - 3 * DAY, False, "mended"), event(T - 2 * DAY, True, "mended")]
        panels = ask("collector-health-issues", {"health": health})
        self.assertEqual(panels["number-of-resources-impacted"]["resources"].tolist(), [1.0])
        self.assertEqual(panels["number-of-orgs"]["orgs"].tolist(), [1.0])
        row = panels["impacted-resource-details"].iloc[0]
        self.assertEqual((row["resource"], row["events"], row["open"]), ("old", 0, True))

    def test_days_are_those_of_the_calendar(self):
        # The night the clock in Berlin is put back: 25 hours.
        start = pd.Timestamp("2025-10-25", tz="Europe/Berlin").timestamp()
        found = edges(start, start + 3 * DAY, "1d", "Europe/Berlin")
        self.assertEqual([int(to - at) // HOUR for at, to in zip(found, found[1:])], [24, 25, 24])


if __name__ == "__main__":
    unittest.main()
