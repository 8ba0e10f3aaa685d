"""Practice for reading alone: a square full of tags, without objects."""

import numpy as np
from PIL import Image

from . import assets
from .layout import Scene, SceneObject, Sprite, Tag, code_length, draw_code, make_tag
from .vocabulary import COLOURS, NAMES


def tag_sheet(rng: np.random.Generator, side: int) -> Scene:
    """A square filled with tags of legible size, as crops show them."""
    scene = Scene(side, side, 1, "train", assets.background("train", 1, rng))
    y = rng.uniform(2, 14)
    while y < side - 30:
        x, high = rng.uniform(2, 20), 0.0
        while x < side - 60:
            code, colour = (
                draw_code(rng, "train", code_length(rng, "train", 2), bool(rng.random() < 0.3)),
                str(rng.choice(list(COLOURS))),
            )
            image, letters, plate = make_tag(code, colour, rng, "train", 1, float(rng.uniform(28, 34)), 8)
            scale = float(rng.uniform(11, 28)) / 31
            moved = [
                (x + b[0] * scale, y + b[1] * scale, b[2] * scale, b[3] * scale) for b in (plate, *letters)
            ]
            if moved[0][0] + moved[0][2] > side - 2:
                break
            tag = Tag(
                code,
                colour,
                "below",
                moved[0],
                moved[1:],
                Sprite(image, (x, y, image.width * scale, image.height * scale)),
            )
            nothing = Sprite(Image.new("RGBA", (4, 4), (0, 0, 0, 0)), (x, y, 4, 4))
            scene.objects.append(
                SceneObject(str(rng.choice(NAMES)), (-500.0, -500.0, 1.0, 1.0), nothing, tag)
            )
            x, high = x + image.width * scale + rng.uniform(0, 16), max(high, image.height * scale)
        y += max(high, 20) + rng.uniform(0, 10)
    return scene
