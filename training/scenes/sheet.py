"""Practice for reading alone: a square full of tags, without objects."""

import numpy as np
from PIL import Image

from . import assets
from .layout import Scene, SceneObject, Sprite, Tag, code_length, draw_code, make_tag, rotate
from .vocabulary import COLOURS, NAMES

HEIGHTS = (11, 38)  # of letters in pixels, one a row: from a quarter of a picture to a small region in a crop


def tag_sheet(rng: np.random.Generator, side: int) -> Scene:
    """A square filled with tags of legible size, as crops show them; every other one as level 2 has them."""
    scene = Scene(side, side, 1, "train", assets.background("train", 1, rng))
    y = rng.uniform(2, 14)
    while y < side - 30:
        x, high = rng.uniform(2, 20), 0.0
        scale = float(np.exp(rng.uniform(*np.log(HEIGHTS)))) / 31
        while x < side - 60:
            level = int(rng.integers(1, 3))
            code = draw_code(rng, "train", code_length(rng, "train", 2), bool(rng.random() < 0.3))
            colour = str(rng.choice(list(COLOURS)))
            image, letters, plate = make_tag(code, colour, rng, "train", level, float(rng.uniform(28, 34)), 8)
            boxes = [plate, *letters]
            if level == 2 and rng.random() < 0.5:
                image, boxes = rotate(image, boxes, rng.uniform(-14, 14))
            moved = [(x + b[0] * scale, y + b[1] * scale, b[2] * scale, b[3] * scale) for b in boxes]
            if moved[0][0] + moved[0][2] > side - 2:
                break
            around = (x, y, image.width * scale, image.height * scale)
            tag = Tag(code, colour, "below", moved[0], moved[1:], Sprite(image, around))
            nothing = Sprite(Image.new("RGBA", (4, 4), (0, 0, 0, 0)), (x, y, 4, 4))
            away = (-500.0, -500.0, 1.0, 1.0)
            scene.objects.append(SceneObject(str(rng.choice(NAMES)), away, nothing, tag))
            x, high = x + image.width * scale + rng.uniform(0, 16), max(high, image.height * scale)
        y += max(high, 20) + rng.uniform(0, 10)
    return scene
