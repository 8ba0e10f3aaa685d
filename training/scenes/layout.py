"""Places objects and tags: everything is sized in pixels of a COARSE view (SCENE_TOKENS), so that at any picture size the
category is recognisable there and the code is not, then converted to pixels of the original."""

from dataclasses import dataclass, field
from zlib import crc32

import numpy as np
from PIL import Image, ImageDraw, ImageFilter

from . import assets
from .vocabulary import COLOURS, DIGITS, LEVEL_CATEGORIES, LONGEST, SHORTEST, SYMBOLS

PATCH = 28
# Objects and letters are sized in pixels of a view of so many vision tokens: codes are illegible there.
SCENE_TOKENS = 100
# Vision tokens of the coarse view, of a crop, and of a crop that is asked for by name: a quarter of a picture at its own
# resolution may be five times as much, and the small model reads half as many codes there (docs/policies.md).
COARSE_TOKENS, CROP_TOKENS, DEMAND_TOKENS = 144, 256, 1280
# A crop that is asked for by name is cut so much wider on every side, a fraction of its own: a tag on the line between
# two quarters is whole in either.
DEMAND_MARGIN = 0.05
# Share of practised codes in which a letter stands twice in a row, beyond those where it falls so.
DOUBLED = 0.25
Box = tuple[float, float, float, float]  # x, y, width, height


@dataclass
class Sprite:
    """An RGBA image (with a transparent margin) and the box of the original that it covers."""

    image: Image.Image
    box: Box


@dataclass
class Tag:
    code: str
    colour: str
    side: str  # where the tag hangs, seen from its object: below | above | left | right
    box: Box  # the plate, original pixels
    letters: list[Box]  # one box per character, original pixels
    sprite: Sprite


@dataclass
class SceneObject:
    category: str
    box: Box  # ink of the emoji, original pixels
    sprite: Sprite
    tag: Tag

    @property
    def extent(self) -> Box:
        return union(self.box, self.tag.box)


@dataclass
class Scene:
    width: int
    height: int
    level: int
    split: str
    background: Image.Image
    objects: list[SceneObject] = field(default_factory=list)

    def find(self, category: str) -> SceneObject:
        return next(o for o in self.objects if o.category == category)


def union(*boxes: Box) -> Box:
    x, y = min(b[0] for b in boxes), min(b[1] for b in boxes)
    return x, y, max(b[0] + b[2] for b in boxes) - x, max(b[1] + b[3] for b in boxes) - y


def centre(box: Box) -> tuple[float, float]:
    return box[0] + box[2] / 2, box[1] + box[3] / 2


def coarse_size(width: int, height: int, tokens: int = SCENE_TOKENS) -> tuple[int, int]:
    """Width and height of the largest view whose sides are multiples of 28 and which costs at most `tokens`."""
    scale = (tokens * PATCH * PATCH / (width * height)) ** 0.5
    w, h = max(1, int(width * scale / PATCH)), max(1, int(height * scale / PATCH))
    aspect = width / height
    if (w + 1) * h <= tokens and abs((w + 1) / h - aspect) < abs(w / h - aspect):
        w += 1
    elif w * (h + 1) <= tokens and abs(w / (h + 1) - aspect) < abs(w / h - aspect):
        h += 1
    return w * PATCH, h * PATCH


def code_split(code: str) -> str:
    """A fifth of all codes belongs to the bench split and is never trained on."""
    return "bench" if crc32(code.encode()) % 5 == 0 else "train"


def draw_code(rng: np.random.Generator, split: str, length: int = 4, digits: bool = False) -> str:
    """Letters as they fall; in practice some are doubled, which reading stumbles over."""
    while True:
        letters = rng.choice(list(DIGITS if digits else SYMBOLS), length)
        if split == "train" and rng.random() < DOUBLED:
            at = int(rng.integers(1, length))
            letters[at] = letters[at - 1]
        code = "".join(letters)
        if code_split(code) == split and (digits or not code.isdigit()):
            return code


def code_length(rng: np.random.Generator, split: str, level: int) -> int:
    """Characters of a code: four on level 1, three to five on level 2 and, for practice, on a quarter of level 1. A
    reader that has seen only four writes four, whatever is there."""
    if level == 1 and (split != "train" or rng.random() < 0.75):
        return 4
    return int(rng.integers(SHORTEST, LONGEST + 1))


def make_tag(
    code: str, colour: str, rng, split: str, level: int, letter: float, pad: int
) -> tuple[Image.Image, list[Box], Box]:
    """Rasterise a tag at its native size: image with `pad` of margin, letter boxes and plate box in image pixels."""
    name = str(rng.choice(assets.FONTS[split, level]))
    size = max(8, round(letter / assets.cap_ratio(name)))
    face = assets.font(name, size)
    plate, ink = COLOURS[colour]
    spacing = letter * rng.uniform(0.12, 0.38)
    advances = [assets.advance(name, size, c) + spacing for c in code]
    inner = (letter * rng.uniform(0.3, 0.6), letter * rng.uniform(0.28, 0.45))
    w, h = sum(advances) - spacing + 2 * inner[0], letter + 2 * inner[1]
    image = Image.new("RGBA", (int(w) + 2 * pad, int(h) + 2 * pad), (*plate, 0))
    pen = ImageDraw.Draw(image)
    pen.rounded_rectangle(
        (pad, pad, pad + w, pad + h),
        letter * rng.uniform(0, 0.35),
        (*plate, 255),
        (*ink, 255),
        max(1, int(letter * 0.07)),
    )
    x, boxes = pad + inner[0], []
    for c, advance in zip(code, advances):
        pen.text((x, pad + inner[1] + letter), c, fill=(*ink, 255), font=face, anchor="ls")
        boxes.append((x, pad + inner[1], advance - spacing, letter))
        x += advance
    if level == 2 and rng.random() < 0.3:
        image = image.filter(ImageFilter.GaussianBlur(letter * rng.uniform(0.01, 0.05)))
    return image, boxes, (pad, pad, w, h)


def rotate(image: Image.Image, boxes: list[Box], angle: float) -> tuple[Image.Image, list[Box]]:
    """Rotate about the centre (degrees, counter-clockwise, expanding) and carry axis-aligned boxes along."""
    turned = image.rotate(angle, Image.BICUBIC, expand=True)
    c, s = np.cos(np.radians(angle)), np.sin(np.radians(angle))
    out = []
    for x, y, w, h in boxes:
        px = np.array([x, x + w, x, x + w]) - image.width / 2
        py = np.array([y, y, y + h, y + h]) - image.height / 2
        qx, qy = c * px + s * py + turned.width / 2, -s * px + c * py + turned.height / 2
        out.append((qx.min(), qy.min(), np.ptp(qx), np.ptp(qy)))
    return turned, out


def with_shadow(image: Image.Image, blur: float, shift: int) -> Image.Image:
    shade = Image.new("RGBA", image.size, (0, 0, 0, 0))
    shade.putalpha(image.getchannel("A").point(lambda a: a // 2))
    out = Image.new("RGBA", image.size, (0, 0, 0, 0))
    out.paste(shade.filter(ImageFilter.GaussianBlur(blur)), (shift, shift))
    out.alpha_composite(image)
    return out


def _place(rng, size, extents, group, gap) -> tuple[float, float] | None:
    """A free top-left corner for a group of [width, height]; rejection sampling. None where there is no room."""
    if any(room <= part + 2 * gap for room, part in zip(size, group)):
        return None
    for _ in range(60):
        x, y = rng.uniform(gap, size[0] - group[0] - gap), rng.uniform(gap, size[1] - group[1] - gap)
        if all(
            x + group[0] + gap < e[0]
            or e[0] + e[2] + gap < x
            or y + group[1] + gap < e[1]
            or e[1] + e[3] + gap < y
            for e in extents
        ):
            return x, y
    return None


def make_scene(
    rng: np.random.Generator, split: str, level: int, width: int, height: int, tokens: int = SCENE_TOKENS
) -> Scene:
    """A scene of 6-14 objects (level 1) or 8-60 (level 2) on a picture of [width, height] pixels."""
    scene = Scene(width, height, level, split, assets.background(split, level, rng))
    unit = width / coarse_size(width, height, tokens)[0]  # original pixels per coarse pixel
    count = int(rng.integers(6, 15)) if level == 1 or rng.random() < 0.4 else int(rng.integers(12, 61))
    largest = 42 if count <= 10 else 36 if count <= 14 else 26 if count <= 30 else 20
    smallest = 25 if count <= 14 else 19 if count <= 30 else 15
    numeric = 0.4  # share of all-digit codes, for the questions that compare numbers
    pad = int(unit * 2) + 4
    for category in rng.permutation(LEVEL_CATEGORIES[level])[:count]:
        side_px = rng.uniform(smallest, largest) * unit
        letter = float(np.clip(rng.uniform(3.2, 3.8) * unit, 24, 56))
        length = code_length(rng, split, level)
        code = draw_code(rng, split, length, bool(rng.random() < numeric))
        colour = str(rng.choice(list(COLOURS)))
        plate_image, letters, plate = make_tag(code, colour, rng, split, level, letter, pad)
        boxes = [plate, *letters]
        picture = assets.emoji(category)
        if level == 2:
            if rng.random() < 0.5:
                plate_image, boxes = rotate(plate_image, boxes, rng.uniform(-14, 14))
            if rng.random() < 0.4:
                picture = picture.rotate(rng.uniform(-20, 20), Image.BICUBIC, expand=True)
            if rng.random() < 0.4:
                plate_image = with_shadow(plate_image, letter * 0.12, int(letter * 0.12))
        margin = assets.EMOJI_PAD * side_px / (picture.width - 2 * assets.EMOJI_PAD)
        side = str(rng.choice(["below", "below", "above", "left", "right"]))
        gap = rng.uniform(1, 4) * unit
        pw, ph = boxes[0][2:]
        offset = {
            "below": ((side_px - pw) / 2, side_px + gap), "above": ((side_px - pw) / 2, -ph - gap),
            "left": (-pw - gap, (side_px - ph) / 2), "right": (side_px + gap, (side_px - ph) / 2),
        }[side]  # fmt: skip
        group = union((0, 0, side_px, side_px), (*offset, pw, ph))
        spot = _place(rng, (width, height), [o.extent for o in scene.objects], group[2:], 3 * unit)
        if spot is None:
            continue
        ox, oy = spot[0] - group[0], spot[1] - group[1]
        tx, ty = ox + offset[0] - boxes[0][0], oy + offset[1] - boxes[0][1]  # where the tag image starts
        moved = [(x + tx, y + ty, w, h) for x, y, w, h in boxes]
        tag = Tag(code, colour, side, moved[0], moved[1:], Sprite(plate_image, (tx, ty, *plate_image.size)))
        sprite = Sprite(picture, (ox - margin, oy - margin, side_px + 2 * margin, side_px + 2 * margin))
        scene.objects.append(SceneObject(str(category), (ox, oy, side_px, side_px), sprite, tag))
    return scene
