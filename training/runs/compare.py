"""A table of what several runs had learned at their end, from their logs: the arms of an ablation side by side.

python -m training.runs.compare [--last 100] [--until 7] "whole=RUN/log.jsonl" "without pointers=RUN/log.jsonl" ...
"""

import argparse
import json
from pathlib import Path

MEASURES = (  # column, key of the log, unit: a share, or nats per token (less is better)
    ("category of a coarse token", "first:~category_accuracy", "%"),
    ("attention, loss", "first:pointer", "nats"),
    ("first look, loss", "first:first", "nats"),
    ("relation, at once", "first:~one/relation", "%"),
    ("exists, at once", "first:~one/exists", "%"),
    ("corner, at once", "first:~one/corner", "%"),
    ("nearest, at once", "first:~one/nearest", "%"),
    ("same colour, from a given thought", "first:~told/same_colour", "%"),
    ("symbol of a patch", "read:~symbol_accuracy", "%"),
    ("reading a crop, loss", "read:read", "nats"),
    ("code read exactly", "read:~read/read_tag", "%"),
)


def ends(rows: list[dict], last: int) -> dict[str, float]:
    """Means of every key over the last `last` steps of a log; rows are means over 20 steps."""
    late = [row for row in rows if row["step"] > rows[-1]["step"] - last]
    keys = {key for row in late for key in row} - {"step", "minutes"}
    return {k: sum(row[k] for row in late if k in row) / sum(k in row for row in late) for k in keys}


def cell(value: float | None, unit: str) -> str:
    if value is None:
        return "-"
    return f"{100 * value:.0f} %" if unit == "%" else f"{value:.2f}"


def table(runs: dict[str, list[dict]], last: int) -> str:
    """Markdown: a line for each run; measures that no run has are left out."""
    found = {name: ends(rows, last) for name, rows in runs.items()}
    shown = [m for m in MEASURES if any(m[1] in values for values in found.values())]
    lines = [
        "| | steps | " + " | ".join(name for name, *_ in shown) + " |",
        "| --- " * (len(shown) + 2) + "|",
    ]
    for name, values in found.items():
        cells = [cell(values.get(key), unit) for _, key, unit in shown]
        lines.append(f"| {name} | {runs[name][-1]['step']} | " + " | ".join(cells) + " |")
    return "\n".join(lines)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("runs", nargs="+", help="NAME=LOG")
    parser.add_argument("--last", type=int, default=100, help="steps at the end to take means of")
    parser.add_argument("--until", type=float, default=float("inf"), help="minutes after which logs are cut")
    args = parser.parse_args()
    logs = dict(run.split("=", 1) for run in args.runs)
    rows = {name: map(json.loads, Path(log).read_text().splitlines()) for name, log in logs.items()}
    print(table({n: [row for row in r if row["minutes"] <= args.until] for n, r in rows.items()}, args.last))


if __name__ == "__main__":
    main()
