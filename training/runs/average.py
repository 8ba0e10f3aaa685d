"""Average the weights of runs that began from the same ones ("model soups", arXiv 2203.05482).

    python -m training.runs.average OUT RUN:SHARE RUN:SHARE ...

Runs that went on from shared weights to different practice lie in one basin: their mean keeps much of what each
learned. Shares are made to sum to one. OUT gets what an export needs; config and tokenizer must be the same in all.
"""

import argparse
import shutil
from pathlib import Path

from safetensors.torch import load_file, save_file

SAME = ("config.json", "tokenizer.json", "tokenizer_config.json")
AUXILIARY = "auxiliary.safetensors"
WEIGHTS = ("model.safetensors", AUXILIARY)


def average(out: Path, runs: list[tuple[Path, float]]) -> None:
    """Writes the mean of the `runs` (folder, share) in float32. Raises ValueError where they are of two models."""
    for name in SAME[:2]:
        if len({(run / name).read_bytes() for run, _ in runs}) > 1:
            raise ValueError(f"{name} differs between the runs")
    out.mkdir(parents=True, exist_ok=True)
    for name in SAME:
        shutil.copy(runs[0][0] / name, out)
    for name in WEIGHTS:
        states = [(load_file(run / name), share) for run, share in runs]
        mean = {}
        for key in {key: None for state, _ in states for key in state}:
            having = [(state[key].float(), share) for state, share in states if key in state]
            # Heads for labels come and go between runs; an export has none of them.
            if len(having) < len(states) and name != AUXILIARY:
                raise ValueError(f"{key} is not in all runs")
            mean[key] = sum(value * share for value, share in having) / sum(share for _, share in having)
        save_file(mean, out / name, {"format": "pt"})


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("out", type=Path)
    parser.add_argument("runs", nargs="+", metavar="RUN:SHARE", help="folder of a run and its share")
    args = parser.parse_args()
    pairs = [text.rpartition(":") for text in args.runs]
    average(args.out, [(Path(run), float(share)) for run, _, share in pairs])


if __name__ == "__main__":
    main()
