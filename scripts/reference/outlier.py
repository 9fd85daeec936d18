"""The operator `outlier` once more, with pandas: written from its definition (docs/dashboards.md), not from the program.

As a program it reads a JSON list of {"points": [...], "window": n, "threshold": x, "consecutive": n, "direction": "+-"} from its standard input and
writes for each a list of {"mean", "std", "lower", "upper", "indicator", "violation"}; tests hold the program against it.
"""

import json
import sys

import numpy as np
import pandas as pd

FEWEST = 4


def outlier(points, window=10, threshold=3.0, consecutive=1, direction="+-"):
    """A row for each point: the band of the points before it, and whether it is out."""
    value = pd.Series(points, dtype=float)
    # The point itself is not part of its window.
    before = value.shift(1).rolling(window, min_periods=FEWEST)
    mean = before.apply(np.nanmean, raw=True)
    std = before.apply(lambda within: np.nanstd(within, ddof=1), raw=True)
    lower, upper = mean - threshold * std, mean + threshold * std
    above, below = value > upper, value < lower
    out = {"+-": above | below, "+": above, "-": below}[direction]
    # Where all points before were alike, a change has a floor: one, and a twentieth.
    floor = (mean.abs() * 0.05).clip(lower=1.0)
    out &= (std != 0) | ((value - mean).abs() > floor)
    run = out.astype(int).groupby((~out).cumsum()).cumsum()
    violation = out & (run >= consecutive)
    distance = (value - mean).abs()
    severity = (distance / std.where(std > 0, floor)).where(violation, 0.0)
    columns = {"value": value, "mean": mean, "std": std, "error": value - mean, "lower": lower, "upper": upper}
    return pd.DataFrame(columns | {"indicator": out, "violation": violation, "severity": severity})


def told(row):
    number = lambda name: None if pd.isna(row[name]) else float(row[name])
    return {name: number(name) for name in ("mean", "std", "lower", "upper")} | {
        "indicator": bool(row["indicator"]),
        "violation": bool(row["violation"]),
        "severity": float(row["severity"]),
    }


def main():
    answers = []
    for series in json.load(sys.stdin):
        points = series.pop("points")
        answers.append([told(row) for _, row in outlier(points, **series).iterrows()])
    json.dump(answers, sys.stdout)


if __name__ == "__main__":
    main()
