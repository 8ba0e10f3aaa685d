#!/usr/bin/env bash
# From nothing to public/models/ergo-tiny: data, training, export, quantization, golden fixtures, evaluation.
#
#   npm run training:setup && bash training/runs/tiny.sh
#
# Stops and resumes: run it again and it goes on from the last checkpoint (every 3 minutes). Environment:
#   OUT      run folder                     (training/runs/out/tiny)
#   MINUTES  training time on the clock     (300; the schedule scales with it)
#   ITEMS    items of the final evaluation  (300)
#   SHIP     folder to write when the weights beat the shipped ones (public/models/ergo-tiny)
set -euo pipefail
source "$(dirname "$0")/env.sh"
OUT=${OUT:-training/runs/out/tiny}
MINUTES=${MINUTES:-300}
ITEMS=${ITEMS:-300}
SHIP=${SHIP:-public/models/ergo-tiny}
mkdir -p "$OUT"

$PY -m training.sft "$OUT" --minutes "$MINUTES" --level2 0.45 --resume 2>&1 | tee -a "$OUT/train.log"

$PY -m training.export "$OUT" "$OUT/export" --dtypes q8,fp32 --id ergo-tiny --name "ERGO tiny"
DATA="$OUT/bench-level1"
$PY -m training.scenes --split bench --level 1 --seed 20261 --count "$ITEMS" --out "$DATA"
$PY -m training.evaluate "$OUT/export" "$DATA" --dtype q8 --policies coarse-to-fine,full-resolution,coarse-only --json "$OUT/level1-q8.json"
$PY -m training.evaluate "$OUT/export" "$DATA" --dtype fp32 --policies coarse-to-fine --json "$OUT/level1-fp32.json"
$PY -m training.scenes --split bench --level 2 --seed 20262 --count "$ITEMS" --out "$OUT/bench-level2"
$PY -m training.evaluate "$OUT/export" "$OUT/bench-level2" --dtype q8 --policies coarse-to-fine --json "$OUT/level2-q8.json"

# Weights are shipped only when they are better than the last ones: history grows by ten megabytes each time.
$PY -m training.runs.ship "$OUT" "$SHIP"
