"""Command line: python -m training.export CHECKPOINT OUT [--dtypes fp32,fp16,q8,q4,q4f16] …"""

import argparse
import json
import sys
from pathlib import Path

from .convert import convert
from .graphs import RECIPES


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m training.export", description=__doc__)
    parser.add_argument("checkpoint", type=Path, help="folder with config.json and safetensors")
    parser.add_argument("out", type=Path, help="model folder to write")
    parser.add_argument(
        "--dtypes", default="q8", help=f"comma-separated, of {','.join(RECIPES)} (default %(default)s)"
    )
    parser.add_argument(
        "--ergo-repo", type=Path, help="clone of the ERGO authors' repository to read stage prompts from"
    )
    parser.add_argument("--id", help="manifest id (default: name of the output folder)")
    parser.add_argument("--name", help="name shown to people (default: the id)")
    parser.add_argument("--licence", help="licence of the weights")
    parser.add_argument("--source", default="", help="where the weights come from")
    parser.add_argument("--metrics", type=Path, help="JSON object to store as the manifest's metrics")
    parser.add_argument(
        "--golden", action=argparse.BooleanOptionalAction, default=True, help="write golden fixtures"
    )
    args = parser.parse_args()
    try:
        convert(
            args.checkpoint, args.out, [d.strip() for d in args.dtypes.split(",") if d.strip()], id=args.id,
            name=args.name, licence=args.licence, source=args.source, ergo_repo=args.ergo_repo, golden=args.golden,
            metrics=json.loads(args.metrics.read_text()) if args.metrics else None,
        )  # fmt: skip
    except (ValueError, KeyError, FileNotFoundError) as error:
        print(f"export failed: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
