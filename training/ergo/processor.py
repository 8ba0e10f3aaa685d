"""A checkpoint's processor for pictures and words alone: transformers' own needs torchvision for videos."""

import shutil
from pathlib import Path

from transformers import Qwen2_5_VLProcessor


class PictureProcessor(Qwen2_5_VLProcessor):
    """Of Qwen2.5-VL, Qwen3-VL and Qwen3.5, whose pictures become tokens in the same way."""

    def __init__(self, image_processor=None, tokenizer=None, chat_template=None):
        super().__init__(image_processor, tokenizer, chat_template=chat_template)


def copy_files(checkpoint: Path, out: Path) -> None:
    """The files beside a checkpoint's weights (tokenizer, template, picture settings), as they were."""
    for path in sorted(checkpoint.iterdir()):
        small = path.suffix in (".json", ".jinja", ".txt") and not path.name.endswith(".index.json")
        if small and path.name != "config.json":
            shutil.copy(path, out)
