#!/usr/bin/env bash
# What the curriculum needs: short runs with one part left out, each beside a whole one. Prints three tables:
# from nothing; a fresh language model on a trained vision tower; and parts that matter later, from weights that have
# learned the rest. The last two count steps, so that a busy machine is no advantage to any of them.
#
#   bash training/runs/ablation.sh [LATER]     (checkpoint of the last table; training/checkpoints/ergo-tiny)
#
# Environment: OUT (training/runs/out/ablation). One to two hours on two AMX cores.
set -euo pipefail
source "$(dirname "$0")/env.sh"
OUT=${OUT:-training/runs/out/ablation}
LATER=${1:-training/checkpoints/ergo-tiny}

arm() { # NAME FLAGS...
  [ -f "$OUT/$1/log.jsonl" ] || $PY -m training.sft "$OUT/$1" --together 1.1 "${@:2}"
}
log() { echo "$1=$OUT/$2/log.jsonl"; }

arm whole --minutes 10 --sheets 0.35 --pictures 2
arm no-dense --minutes 10 --sheets 0 --pictures 2 --without dense
sight=(--steps 600 --only first --sheets 0 --pictures 1 --init training/checkpoints/ergo-tiny --sight)
arm sight-whole "${sight[@]}"
for part in pointers match; do arm "sight-no-$part" "${sight[@]}" --without "$part"; done
later=(--steps 300 --only first --sheets 0 --pictures 2 --lr 5e-4 --init "$LATER")
arm later-whole "${later[@]}"
for part in told unnamed; do arm "later-no-$part" "${later[@]}" --without "$part"; done

$PY -m training.runs.compare --until 7 "$(log whole whole)" "$(log "no dense labels, no sheets" no-dense)"
$PY -m training.runs.compare "$(log whole sight-whole)" "$(log "no pointers" sight-no-pointers)" \
  "$(log "no matching heads" sight-no-match)"
$PY -m training.runs.compare "$(log whole later-whole)" "$(log "no conclusions from a given thought" later-no-told)" \
  "$(log "no pointers of the unnamed" later-no-unnamed)"
