"""Write a dataset of scenes in V* Bench's layout.

python -m training.scenes --split bench --level 1 --seed 7 --count 300 --out DIR
    [--min-megapixels 4] [--max-megapixels 16] [--quality 88]
"""

import argparse
import sys
from pathlib import Path

from .assets import AssetMissing
from .dataset import SPLITS, write_dataset


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--split", choices=list(SPLITS), required=True)
    parser.add_argument("--level", type=int, choices=(1, 2), default=1)
    parser.add_argument("--seed", type=int, required=True, help="0 or more")
    parser.add_argument("--count", type=int, required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--min-megapixels", type=float, default=4.0)
    parser.add_argument("--max-megapixels", type=float, default=16.0)
    parser.add_argument("--quality", type=int, default=88, help="JPEG quality (level 2: at most 60)")
    args = parser.parse_args()
    if args.seed < 0 or args.count < 1 or not 0.8 <= args.min_megapixels <= args.max_megapixels <= 16:
        parser.error("need seed >= 0, count >= 1 and 0.8 <= min-megapixels <= max-megapixels <= 16")
    try:
        span = (args.min_megapixels, args.max_megapixels)
        write_dataset(args.out, args.split, args.level, args.seed, args.count, span, args.quality)
    except AssetMissing as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
