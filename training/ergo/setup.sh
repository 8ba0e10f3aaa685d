#!/usr/bin/env bash
# The environment of training/ergo in training/ergo/.venv. Does nothing that is done. PYTHON chooses the interpreter.
set -euo pipefail
cd "$(dirname "$0")"
[ -x .venv/bin/pip ] || "${PYTHON:-python3}" -m venv .venv
pip() { .venv/bin/pip install --quiet --disable-pip-version-check "$@"; }
# First, by itself: whatever else is pinned must accept this build of torch.
pip "$(grep '^torch==' ../requirements.txt)"
pip -r requirements.txt
