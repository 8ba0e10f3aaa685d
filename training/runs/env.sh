# For the runs beside it, to be sourced: the repository's root, its Python, and memory that is kept.
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
PY=training/.venv/bin/python
# Large tensors come and go every step: keep glibc from giving their pages back to the kernel each time.
export MALLOC_MMAP_MAX_=0 MALLOC_TRIM_THRESHOLD_=1000000000000 MALLOC_TOP_PAD_=268435456
export OMP_WAIT_POLICY=PASSIVE PYTHONUNBUFFERED=1
