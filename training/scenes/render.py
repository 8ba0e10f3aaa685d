"""Turns a viewport of a scene into pixels at any scale.

Every layer is resampled straight from its source to the output with an antialiasing filter whose support
scales with the reduction, so a coarse view or a crop shows what reducing the full picture would show, within
resampling error (`tests/test_scenes.py` compares the two).
"""

import math

from PIL import Image

from .layout import Box, Scene, Sprite


def _draw(canvas: Image.Image, sprite: Sprite, view: Box, scale: tuple[float, float], filter: int) -> None:
    x, y, w, h = sprite.box
    left, top = (x - view[0]) * scale[0], (y - view[1]) * scale[1]
    right, bottom = left + w * scale[0], top + h * scale[1]
    # Output pixels wholly inside the sprite: its transparent margin makes up for the fraction left over.
    x0, y0 = max(0, math.ceil(left)), max(0, math.ceil(top))
    x1, y1 = min(canvas.width, math.floor(right)), min(canvas.height, math.floor(bottom))
    if x1 <= x0 or y1 <= y0:
        return
    kx, ky = sprite.image.width / (right - left), sprite.image.height / (bottom - top)
    source = (
        (x0 - left) * kx,
        (y0 - top) * ky,
        min((x1 - left) * kx, sprite.image.width),
        min((y1 - top) * ky, sprite.image.height),
    )
    canvas.alpha_composite(sprite.image.resize((x1 - x0, y1 - y0), filter, box=source), (x0, y0))


def render(
    scene: Scene, view: Box | None = None, size: tuple[int, int] | None = None, filter: int = Image.BICUBIC
) -> Image.Image:
    """Render `view` (x, y, width, height in original pixels; the whole picture by default) at `size` pixels.

    Returns RGB. `filter` is a PIL resampling filter.
    """
    view = view or (0, 0, scene.width, scene.height)
    size = size or (round(view[2]), round(view[3]))
    scale = size[0] / view[2], size[1] / view[3]
    kx, ky = scene.background.width / scene.width, scene.background.height / scene.height
    source = (view[0] * kx, view[1] * ky, (view[0] + view[2]) * kx, (view[1] + view[3]) * ky)
    source = (
        max(0, source[0]),
        max(0, source[1]),
        min(scene.background.width, source[2]),
        min(scene.background.height, source[3]),
    )
    canvas = scene.background.resize(size, filter, box=source).convert("RGBA")
    for item in scene.objects:
        _draw(canvas, item.sprite, view, scale, filter)
        _draw(canvas, item.tag.sprite, view, scale, filter)
    return canvas.convert("RGB")
