"""Draw a run's log as an SVG of small panels, one a measure, over minutes of training.

python -m training.runs.curves RUN_DIR/log.jsonl OUT.svg
"""

import json
import sys
from pathlib import Path

PANELS = (  # title, keys of the log (any of which may be missing in a row), top of the axis
    (
        "category of a coarse token, accuracy",
        ("sheet:~category_accuracy", "~category_accuracy", "first:~category_accuracy"),
        1,
    ),
    (
        "symbol of a patch, accuracy",
        ("sheet:~symbol_accuracy", "~symbol_accuracy", "read:~symbol_accuracy"),
        1,
    ),
    ("pointing, first look (nats)", ("first:pointer",), 4),
    ("first look, loss (nats per token)", ("first:first",), 2),
    ("reading a crop, loss (nats per token)", ("read:read",), 2),
    ("reading a crop, exact", ("read:~read/read_tag",), 1),
    ("both looks, loss (nats per token)", ("two:two",), 2),
    ("both looks, tag read exactly", ("two:~two/read_tag",), 1),
)
WIDE, HIGH, COLUMNS = 260, 130, 4


def panel(rows: list[dict], title: str, keys: tuple[str, ...], top: float, x0: float, y0: float) -> str:
    end = rows[-1]["minutes"]
    points = [(row["minutes"], row[k]) for row in rows for k in keys if k in row]
    path = " ".join(
        f"{x0 + 30 + (WIDE - 50) * m / end:.1f},{y0 + 22 + (HIGH - 44) * (1 - min(v, top) / top):.1f}"
        for m, v in points
    )
    bottom = y0 + HIGH - 22
    return (
        f'<text x="{x0 + 4}" y="{y0 + 12}" font-weight="600">{title}</text>'
        f'<path d="M{x0 + 30},{y0 + 22}V{bottom}H{x0 + WIDE - 20}" fill="none" stroke="#999"/>'
        f'<text x="{x0 + 26}" y="{y0 + 28}" text-anchor="end">{top}</text><text x="{x0 + 26}" y="{bottom}" text-anchor="end">0</text>'
        f'<text x="{x0 + WIDE - 20}" y="{bottom + 13}" text-anchor="end">{end:.0f} min</text>'
        f'<polyline points="{path}" fill="none" stroke="#3465a4" stroke-width="1.5"/>'
    )


def draw(rows: list[dict]) -> str:
    lines = -(-len(PANELS) // COLUMNS)
    body = "".join(
        panel(rows, *spec, (i % COLUMNS) * WIDE, (i // COLUMNS) * HIGH) for i, spec in enumerate(PANELS)
    )
    size = f'viewBox="0 0 {COLUMNS * WIDE} {lines * HIGH}"'
    style = (
        '<style>text{font:10px sans-serif;fill:#444}</style><rect width="100%" height="100%" fill="#fff"/>'
    )
    return f'<svg xmlns="http://www.w3.org/2000/svg" {size}>{style}{body}</svg>\n'


if __name__ == "__main__":
    log, out = Path(sys.argv[1]), Path(sys.argv[2])
    out.write_text(draw([json.loads(line) for line in log.read_text().splitlines()]))
