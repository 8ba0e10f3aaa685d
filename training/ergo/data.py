"""Datasets of questions about pictures, as rows that GRPOTrainer reads: V* layout, or a parquet file."""

from pathlib import Path

from datasets import Dataset, Image, concatenate_datasets

from ..runtime.dataset import read_dataset, split_text


def read(path: Path, system: str, locate: str, limit: int | None = None) -> Dataset:
    """Rows with `prompt` (chat messages of the first look), `image`, `question` (with its options), `label`,
    `options`, `boxes` (evidence in the original, x1 y1 x2 y2; empty where unknown).

    `path` is a folder in V* Bench layout, or a parquet file with columns image, question, answer, and perhaps options
    (a list; without it, lines "(A) …" of the question are its options) and bbox (a list of x, y, width, height).
    Raises FileNotFoundError for a missing path, KeyError for a missing column.
    """
    if not path.exists():
        raise FileNotFoundError(f"{path}: no such dataset")
    rows = _folder(path, limit) if path.is_dir() else _parquet(path, limit)
    prompts = [
        [
            {"role": "system", "content": system},
            {"role": "user", "content": locate.replace("{question}", row["asked"])},
        ]
        for row in rows.select_columns(["asked"])
    ]
    return rows.remove_columns("asked").add_column("prompt", prompts)


def _folder(path: Path, limit: int | None) -> Dataset:
    found = [
        {"image": str(i.image), "asked": i.question, "question": i.prompt, "label": i.label, "options": i.options,
         "boxes": [[float(v) for v in box] for box in i.boxes]}
        for i in read_dataset(path, limit)
    ]  # fmt: skip
    return Dataset.from_list(found).cast_column("image", Image())


def _parquet(path: Path, limit: int | None) -> Dataset:
    data = Dataset.from_parquet(str(path))
    if missing := {"image", "question", "answer"} - set(data.column_names):
        raise KeyError(f"{path} has no column {', '.join(sorted(missing))}")
    data = data.select(range(min(limit, len(data)))) if limit else data

    def row(item: dict) -> dict:
        asked, options = split_text(item["question"])
        options = item.get("options") or options
        lines = [f"({chr(ord('A') + i)}) {option}" for i, option in enumerate(options)]
        boxes = [[x, y, x + w, y + h] for x, y, w, h in item.get("bbox") or []]
        return {"asked": asked, "question": "\n".join([asked, *lines]), "label": str(item["answer"]),
                "options": options, "boxes": boxes}  # fmt: skip

    others = data.remove_columns("image")
    rows = Dataset.from_list([row(item) for item in others])
    images = data.select_columns("image").cast_column("image", Image())
    return concatenate_datasets([rows, images], axis=1)
