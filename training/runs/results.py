"""The tables of docs/results/ergo-tiny.md, from the reports that training.evaluate wrote.

    training/.venv/bin/python -m training.runs.results NAME=REPORT.json [NAME=REPORT.json ...] > tables.md

One row per report and policy, then one table of kinds of questions per report.
"""

import json
import sys
from pathlib import Path

from ..runtime.scoring import wilson


def percent(value: float | None) -> str:
    return "-" if value is None else f"{100 * value:.1f} %"


def interval(row: dict) -> str:
    return f"{percent(row['ci95'][0])} to {percent(row['ci95'][1])}" if row.get("ci95") else "-"


def overview(reports: dict[str, dict]) -> list[str]:
    lines = [
        "| report | policy | n | accuracy | 95 % interval | region holds the evidence | vision tokens | share of full resolution |",
        "| --- | --- | --- | --- | --- | --- | --- | --- |",
    ]
    for name, report in reports.items():
        for policy, row in report["summary"].items():
            tokens = "-" if row["vision_tokens_mean"] is None else f"{row['vision_tokens_mean']:.0f}"
            cells = (
                f"{name}, {report['dtype']}", policy, str(row["n"]), percent(row["accuracy"]), interval(row),
                percent(row["region_recall"]), tokens, percent(row["rtr"]),
            )  # fmt: skip
            lines.append(f"| {' | '.join(cells)} |")
    return lines


def kind_of(item: dict) -> str:
    """Category, and for codes whether they had options: a free answer cannot be guessed, a letter can."""
    if item["category"] != "read_tag":
        return item["category"]
    return "read_tag, options" if len(item["label"]) == 1 else "read_tag, free answer"


def share(flags: list[bool]) -> str:
    return percent(sum(flags) / len(flags)) if flags else "-"


def by_kind(name: str, report: dict) -> list[str]:
    """Accuracy with its interval per kind of question, and how often the region held the evidence."""
    policies = list(report["summary"])
    groups: dict[str, dict[str, list[dict]]] = {}
    for policy in policies:
        for item in report["items"][policy]:
            groups.setdefault(kind_of(item), {}).setdefault(policy, []).append(item)
    heads = [h for p in policies for h in (p, *(["region"] if p == "coarse-to-fine" else []))]
    lines = ["", f"By kind of question, {name}, {report['dtype']}:", ""]
    lines += [f"| kind | n | {' | '.join(heads)} |", "| --- |" + " --- |" * (len(heads) + 1)]
    for kind in sorted(groups):
        cells = []
        for policy in policies:
            items = groups[kind].get(policy, [])
            right = [item["correct"] for item in items]
            ci95 = wilson(sum(right), len(right))
            cells.append(f"{share(right)} ({interval({'ci95': ci95})})")
            if policy == "coarse-to-fine":
                cells.append(share([i["recalled"] for i in items if i["recalled"] is not None]))
        lines.append(f"| {kind} | {len(groups[kind][policies[0]])} | {' | '.join(cells)} |")
    return lines


def main() -> int:
    pairs = [argument.split("=", 1) for argument in sys.argv[1:]]
    if not pairs or any(len(pair) != 2 for pair in pairs):
        print(__doc__, file=sys.stderr)
        return 2
    reports = {name: json.loads(Path(file).read_text()) for name, file in pairs}
    lines = overview(reports)
    for name, report in reports.items():
        lines += by_kind(name, report)
    print("\n".join(lines))
    return 0


if __name__ == "__main__":
    sys.exit(main())
